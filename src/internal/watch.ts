/**
 * The stream of a run's changes: requests, events, waits and warnings around the states of `watchState.ts`.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Service, withResponse } from "../EvalsClient.ts"
import { EvalsError } from "../EvalsError.ts"
import type { CallOptions } from "../Options.ts"
import * as Polling from "../Polling.ts"
import type { EvalId, RunId } from "../schema/Ids.ts"
import type { Run } from "../schema/Run.ts"
import type { WatchOptions } from "../Waiting.ts"
import * as Events from "./events.ts"
import { rulesOf } from "./policy.ts"
import { retrieveRun } from "./requests/runs.ts"
import * as State from "./watchState.ts"

/** The longest `retry-after` that is kept, in milliseconds: an hour. A run goes on meanwhile, and a host may ask for days. */
const longestRetryAfter = 3_600_000

/** Returns the options of each request. `headers` and `retry` of the watch outweigh those of its `request`. */
export const callOf = ({ headers, request, retry }: WatchOptions): CallOptions => ({
  ...request,
  headers: { ...request?.headers, ...headers },
  retry: retry ?? request?.retry
})

/** Watches a run: emits it once, then at each change, until the run or the schedule ends. */
export const watch = (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: WatchOptions = {}
): Stream.Stream<Run, EvalsError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { ignoreRetryAfter, policy, retryable } = rulesOf(options.schedule ?? (yield* Polling.CurrentPolicy))
      const nextStep = yield* Schedule.toStepWithSleep(policy)
      const scope = yield* Effect.scope
      const call = callOf(options)

      const retrieve = Effect.catch(withResponse(client.send(retrieveRun(evalId, runId), call)), (error) =>
        retryable(error) ? Effect.succeed(error) : Effect.fail(error)
      )

      const poll = Effect.fnUntraced(function* (state: State.Polled) {
        const { failing, seen } = state
        if (seen !== undefined) {
          if (seen instanceof EvalsError && seen.retryAfter !== undefined && ignoreRetryAfter !== true) {
            yield* Effect.sleep(Math.min(Duration.toMillis(seen.retryAfter), longestRetryAfter))
          }
          yield* nextStep(seen)
        }
        const answer = yield* retrieve
        if (!(answer instanceof EvalsError)) {
          return State.answered(state, answer.data, Events.areTold(answer.response))
        }
        // once for failures in a row: a wrong address looks like a host that is down
        if (!failing) {
          yield* Effect.logWarning(`still waiting for ${runId}, though it cannot be read at present: ${answer.message}`)
        }
        return State.failed(state, answer)
      })

      const listen = Effect.fnUntraced(function* (state: State.Told) {
        const events = state.events ?? (yield* Scope.provide(Events.ofRun(client, evalId, runId, call), scope))
        const runs = yield* Effect.catch(events, Effect.succeed)
        if (!(runs instanceof EvalsError)) {
          return runs === undefined ? State.stopped(state) : State.received({ ...state, events }, runs)
        }
        yield* Effect.logDebug(`${runId} is asked for by a schedule, since its events fail: ${runs.message}`)
        return State.refused(state, runs, retryable(runs))
      })

      return Stream.paginate(State.initial, (state: State.Polled | State.Told) =>
        Effect.map(
          state._tag === "Told" ? listen(state) : Pull.catchDone(poll(state), () => Effect.succeed(State.ended)),
          ([changes, next]) => [changes, next._tag === "Over" ? Option.none() : Option.some(next)]
        )
      )
    })
  )

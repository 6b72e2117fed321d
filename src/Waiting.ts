/**
 * Waiting for runs: until they end, or change by change.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { EvalsClient, type Service, withResponse } from "./EvalsClient.ts"
import { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Events from "./internal/events.ts"
import { rulesOf } from "./internal/policy.ts"
import * as Request from "./internal/requests/runs.ts"
import { withSpan } from "./internal/span.ts"
import * as Polling from "./Polling.ts"
import { RunCanceled, RunFailed, RunTimedOut } from "./RunError.ts"
import type { EvalId, RunId } from "./schema/Ids.ts"
import * as Run from "./schema/Run.ts"

/**
 * How a run is watched. `headers` and `retry` hold for each request.
 *
 * @category options
 * @since 0.1.0
 */
export interface WatchOptions extends Pick<CallOptions, "headers" | "retry"> {
  /** When to ask again, where the host does not tell by itself. Default {@link Polling.CurrentPolicy}. */
  readonly schedule?: Polling.Policy | Polling.Relaxed | undefined
  /** Further options of each request: the time limit of an attempt. `headers` and `retry` outweigh those in it. */
  readonly request?: CallOptions | undefined
}

/**
 * How a run is awaited.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions extends WatchOptions {
  /** How long to wait in all. Default 24 hours. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * The arguments that name a run: the run itself, or the ids of its eval and of the run. Options follow.
 *
 * @category options
 * @since 0.1.0
 */
export type RunArguments<Options> =
  | readonly [run: Pick<Run.Run, "id" | "eval_id">, options?: Options | undefined]
  | readonly [evalId: EvalId, runId: RunId, options?: Options | undefined]

const areIds = <Options>(
  args: RunArguments<Options>
): args is readonly [evalId: EvalId, runId: RunId, options?: Options | undefined] => typeof args[0] === "string"

const named = <Options>(args: RunArguments<Options>): readonly [EvalId, RunId, Options | undefined] =>
  areIds(args) ? [args[0], args[1], args[2]] : [args[0].eval_id, args[0].id, args[1]]

const callOf = ({ headers, request, retry }: WatchOptions): CallOptions => ({
  ...request,
  headers: { ...request?.headers, ...headers },
  retry: retry ?? request?.retry
})

/** Bounds the cancellation that an interrupted `executeRun` waits for. */
export const cancelTimeout: Duration.Input = "30 seconds"

const defaultTimeout: Duration.Input = "24 hours"

// a host that asks for days while a run goes on is asked again all the same
const longestAsked = Duration.hours(1)

// inline rows are the run's own data and never change: comparing them would cost most
const changed = (before: Run.Run, after: Run.Run): boolean =>
  Result.getOrElse(
    Result.try(() => !Equal.equals({ ...before, data_source: undefined }, { ...after, data_source: undefined })),
    // unknown fields may be nested deeper than the stack reaches
    () => true
  )

// what a host tells of a run leaves out the rows that its request brought
const withRows = (run: Run.Run, rows: Run.Run | undefined): Run.Run =>
  rows?.data_source === undefined ? run : { ...run, data_source: rows.data_source }

const watch = (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: WatchOptions = {}
): Stream.Stream<Run.Run, EvalsError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { ignoreRetryAfter, policy, retryable } = rulesOf(options.schedule ?? (yield* Polling.CurrentPolicy))
      const step = yield* Schedule.toStepWithSleep(policy)
      const call = callOf(options)
      const wait = (seen: Polling.Observation) =>
        Effect.andThen(
          seen instanceof EvalsError && seen.retryAfter !== undefined && ignoreRetryAfter !== true
            ? Effect.sleep(Duration.min(seen.retryAfter, longestAsked))
            : Effect.void,
          step(seen)
        ).pipe(
          Effect.as(true),
          Pull.catchDone(() => Effect.succeed(false))
        )
      let last: Run.Run | undefined
      let seen: Polling.Observation | undefined
      let tells = false
      let deaf = false
      let over = false
      let silent = false

      // said once for a stretch of errors: an address that is wrong looks like a host that is down
      const note = (observed: Polling.Observation) => {
        const before = silent
        silent = observed instanceof EvalsError
        return observed instanceof EvalsError && !before
          ? Effect.logWarning(`still waiting for ${runId}, though it cannot be read at present: ${observed.message}`)
          : Effect.void
      }
      const retrieve: Effect.Effect<Run.Run, EvalsError> = Effect.map(
        withResponse(client.send(Request.retrieveRun(evalId, runId), call)),
        ({ data, response }) => {
          tells = !deaf && Events.areTold(response)
          return data
        }
      )
      const observe: Effect.Effect<Polling.Observation, EvalsError> = Effect.catchIf(retrieve, retryable, (error) =>
        Effect.succeed(error)
      ).pipe(Effect.tap(note))

      const see = (run: Run.Run): boolean => {
        const news = last === undefined || changed(last, run)
        last = run
        seen = run
        over = Run.isTerminal(run.status)
        return news
      }

      // what the host tells by itself, from when a poll has learned that it does until it stops
      const scope = yield* Effect.scope
      let events: Events.Runs | undefined
      let told: ReadonlyArray<Run.Run> = []
      const listen = Effect.gen(function* () {
        events ??= yield* Scope.provide(Events.ofRun(client, evalId, runId, call), scope)
        const runs = yield* Effect.catch(events, (error) =>
          Effect.as(
            Effect.logDebug(`${runId} is asked for by a schedule, since its events fail: ${error.message}`),
            error
          )
        )
        if (Array.isArray(runs)) return runs
        // a host that stops telling is asked again
        tells = false
        events = undefined
        if (runs instanceof EvalsError) {
          // a gateway may refuse this path alone, or hold back what is told: from here on this watch asks
          deaf = true
          if (retryable(runs)) seen = runs
        }
        return []
      })

      const isOver = () => over
      return Stream.unfold(
        undefined,
        Effect.fnUntraced(function* () {
          while (!isOver()) {
            if (tells && told.length === 0) told = yield* listen
            const [next, ...rest] = told
            told = rest
            if (next !== undefined) {
              const run = withRows(next, last)
              if (see(run)) return [run, undefined] as const
            } else if (!tells) {
              if (seen !== undefined && !(yield* wait(seen))) return undefined
              const observed = yield* observe
              if (observed instanceof EvalsError) seen = observed
              else if (see(observed)) return [observed, undefined] as const
            }
          }
          return undefined
        })
      )
    })
  )

/**
 * The run at each change, first as it stands. It takes the run, or the ids of its
 * eval and of the run. The stream ends after `completed`, `failed` or `canceled`, or
 * with the schedule; a transient error does not end it. A host that says so with its
 * answers (this project's engine does) tells the changes by itself. Any other host is
 * asked by the schedule, and so is one whose events fail or send nothing for 45 s.
 *
 * **Example** (A line of progress)
 *
 * ```ts
 * import { Console, Stream } from "effect"
 * import { type Run, watchRun } from "effect-evals"
 *
 * export const progress = (run: Run.Run) =>
 *   watchRun(run).pipe(
 *     Stream.runForEach((seen) => Console.log(seen.status, seen.result_counts.total))
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const watchRun = (...args: RunArguments<WatchOptions>): Stream.Stream<Run.Run, EvalsError, EvalsClient> => {
  const [evalId, runId, options] = named(args)
  return Stream.unwrap(EvalsClient.useSync((client) => watch(client, evalId, runId, options))).pipe(
    Stream.withSpan("EvalsClient.watchRun", { attributes: { evalId, runId }, captureStackTrace: false })
  )
}

const settle = Effect.fnUntraced(function* (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: AwaitOptions = {}
): Effect.fn.Return<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut> {
  let last: Run.Run | undefined
  yield* watch(client, evalId, runId, options).pipe(
    Stream.runForEach((run) =>
      Effect.sync(() => {
        last = run
      })
    ),
    Effect.timeoutOrElse({ duration: options.timeout ?? defaultTimeout, orElse: () => Effect.void })
  )
  switch (last?.status) {
    case "completed":
      return last
    case "failed":
      return yield* new RunFailed({ run: last })
    case "canceled":
      return yield* new RunCanceled({ run: last })
    default:
      return yield* new RunTimedOut({ evalId, runId, ...(last === undefined ? {} : { run: last }) })
  }
})

/**
 * Waits until a run has ended and gives the completed run. It takes the run, or the
 * ids of its eval and of the run. A run that ends otherwise is an error that carries
 * it: `RunFailed`, `RunCanceled`; a wait that ends first is `RunTimedOut`. A transient
 * error while polling does not end the wait (the log says once that it is there), and
 * interruption leaves the run alone.
 *
 * **Example** (At most an hour)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { awaitRun, createRun, type EvalId, type Run } from "effect-evals"
 *
 * export const completed = (evalId: EvalId, params: Run.CreateParams) =>
 *   Effect.flatMap(createRun(evalId, params), (run) => awaitRun(run, { timeout: "1 hour" }))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const awaitRun = (
  ...args: RunArguments<AwaitOptions>
): Effect.Effect<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut, EvalsClient> => {
  const [evalId, runId, options] = named(args)
  return EvalsClient.use((client) => settle(client, evalId, runId, options)).pipe(
    withSpan("EvalsClient.awaitRun", { attributes: { evalId, runId } })
  )
}

const giveUp = (client: Service, evalId: EvalId, runId: RunId, request: CallOptions | undefined): Effect.Effect<void> =>
  client.send(Request.cancelRun(evalId, runId), request).pipe(
    Effect.timeout(cancelTimeout),
    Effect.catch((error) =>
      Effect.logWarning(`executeRun was interrupted and could not cancel ${runId}, which goes on: ${error.message}`)
    ),
    Effect.asVoid
  )

/**
 * Creates a run and waits for it, as {@link awaitRun} does. Interrupting the
 * fiber cancels the run and waits for the host's answer, at most 30 seconds. A
 * creation that is under way is waited for first, as long as its attempt may take
 * (option `request.timeout`, 2 minutes by default): else a run might go on that
 * nobody knows. An error other than `RunFailed` and `RunCanceled` leaves the run
 * going; a warning names it.
 *
 * **Example** (A run that ends with its program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, executeRun } from "effect-evals"
 *
 * export const passed = (evalId: EvalId) =>
 *   executeRun(evalId, {
 *     data_source: { type: "jsonl", source: { type: "file_id", id: "file-WhUVHwoc8MuWtoYZn9myXa" } }
 *   }).pipe(Effect.map((run) => run.result_counts.passed))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const executeRun = (
  evalId: EvalId,
  params: Run.CreateParams,
  options: AwaitOptions = {}
): Effect.Effect<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut, EvalsClient> =>
  EvalsClient.use((client) => {
    let created: Run.Run | undefined
    const remember = (run: Run.Run) => {
      created = run
    }
    const call = callOf(options)
    return Request.create(client, evalId, params, call).pipe(
      Effect.provideService(Request.OnCreated, remember),
      Effect.tap((run) => {
        remember(run)
        return Effect.annotateCurrentSpan("runId", run.id)
      }),
      Effect.flatMap((run) => settle(client, evalId, run.id, options)),
      Effect.tapError((error) =>
        created === undefined || error._tag === "RunFailed" || error._tag === "RunCanceled"
          ? Effect.void
          : Effect.logWarning(`executeRun ended before ${created.id} of ${evalId} did; the run goes on`)
      ),
      Effect.onInterrupt(() => (created === undefined ? Effect.void : giveUp(client, evalId, created.id, call)))
    )
  }).pipe(withSpan("EvalsClient.executeRun", { attributes: { evalId } }))

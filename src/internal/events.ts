/**
 * What a host tells of a run by itself.
 *
 * @internal
 */
import * as Channel from "effect/Channel"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Service } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type { CallOptions, ResponseInfo } from "../Options.ts"
import { eventsHeader, eventStream, runEvent } from "../schema/Events.ts"
import type { EvalId, RunId } from "../schema/Ids.ts"
import { Run } from "../schema/Run.ts"
import { decoder } from "./codec.ts"
import * as Errors from "./errors.ts"

const decodeRun = decoder(Run)

/**
 * How long a host may send nothing, before what it tells is taken for broken: three
 * of the comments that this project's server writes every 15 s while nothing changes.
 */
export const longestSilence = Duration.seconds(45)

/** Whether the answer says that the run's changes are told. No host is asked for what it does not offer. */
export const areTold = (response: ResponseInfo | undefined): boolean =>
  response?.headers[eventsHeader]?.startsWith(eventStream) === true

/**
 * The data of an event that is a run; undefined for any other. Effect's own parser
 * reads the whole standard, and would be a twentieth of what a browser loads.
 */
const dataOf = (event: string): string | undefined => {
  let name = ""
  const data: Array<string> = []
  for (const line of event.split("\n")) {
    const [, field, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === "event") name = value
    if (field === "data") data.push(value)
  }
  return name === runEvent && data.length > 0 ? data.join("\n") : undefined
}

/** Takes the events that are whole, and keeps the beginning of the next one. */
const makeReader = () => {
  let rest = ""
  return (text: string): ReadonlyArray<string> => {
    const events = `${rest}${text}`.replaceAll("\r\n", "\n").split("\n\n")
    rest = events.pop() ?? ""
    return events.flatMap((event) => dataOf(event) ?? [])
  }
}

/** What a host tells, some runs at a time; undefined when it stops. It fails where the host sends nothing for too long. */
export type Runs = Effect.Effect<ReadonlyArray<Run> | undefined, EvalsError>

/**
 * Listens to what the host tells of a run, each time at a change, until it stops or
 * fails. Rows that the request brought are not in it.
 */
export const ofRun = Effect.fnUntraced(function* (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: CallOptions | undefined
): Effect.fn.Return<Runs, never, Scope.Scope> {
  const decoder = new TextDecoder()
  const read = makeReader()
  const decoded = (data: string): Effect.Effect<Run, EvalsError> => {
    const run = decodeRun(data)
    return Result.isSuccess(run)
      ? Effect.succeed(run.success)
      : Effect.fail(
          Errors.undecodable("retrieveRun", { status: 200, headers: Headers.empty, text: data }, run.failure, identity)
        )
  }
  // of its own, since a watch may listen many times
  const scope = yield* Scope.fork(yield* Effect.scope)
  // not `Stream.toPull`, whose semaphore would be a twentieth of what a browser loads: one fiber pulls
  const pull = yield* Effect.catchCause(
    Channel.toPullScoped(Stream.toChannel(client.events(evalId, runId, options)), scope),
    (cause) => Effect.succeed(Effect.failCause(cause))
  )
  return Effect.flatMap(pull, (chunks) =>
    Effect.forEach(
      chunks.flatMap((bytes) => read(decoder.decode(bytes, { stream: true }))),
      decoded
    )
  ).pipe(
    Effect.timeoutOrElse({
      duration: longestSilence,
      orElse: () => Effect.fail(Errors.timedOut("retrieveRun", longestSilence))
    }),
    Effect.onError(() => Scope.close(scope, Exit.void)),
    Pull.catchDone(() => Effect.undefined)
  )
})

/**
 * Server-sent events of a run: the run after each change.
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
import * as Errors from "./errorOfAnswer.ts"

const decodeRun = decoder(Run)

/**
 * The time without any bytes after which events count as broken. This project's server sends a comment every 15 s
 * while nothing changes: three comments are then missing.
 */
export const longestSilence = Duration.seconds(45)

/** Returns whether an answer announces events of the run. No other host is asked for events. */
export const areTold = (response: ResponseInfo | undefined): boolean =>
  response?.headers[eventsHeader]?.startsWith(eventStream) === true

/**
 * Returns the data of an event that is a run, and undefined for any other event. Effect's own parser reads the whole
 * standard, and would be a twentieth of the bytes that a browser loads.
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

/** Makes a reader of text in chunks. It returns the runs of complete events, and keeps the rest for the next chunk. */
const makeReader = () => {
  let rest = ""
  return (text: string): ReadonlyArray<string> => {
    const events = `${rest}${text}`.replaceAll("\r\n", "\n").split("\n\n")
    rest = events.pop() ?? ""
    return events.flatMap((event) => dataOf(event) ?? [])
  }
}

/** Pulls the next runs of the events. Undefined: the events have ended. Fails if the host is silent for too long. */
export type Runs = Effect.Effect<ReadonlyArray<Run> | undefined, EvalsError>

/**
 * Opens the events of a run. The connection is closed when the events end or fail, and with the scope. The runs lack
 * the rows that the request of the run brought.
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
  // a scope for this connection, since a watch may open several
  const scope = yield* Scope.fork(yield* Effect.scope)
  // not `Stream.toPull`, whose semaphore would be a hundredth of what a browser loads: one fiber pulls
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

/**
 * What a host tells of a run by itself.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Sse from "effect/encoding/Sse"
import * as Result from "effect/Result"
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

/** Whether the answer says that the run's changes are told. No host is asked for what it does not offer. */
export const areTold = (response: ResponseInfo | undefined): boolean =>
  response?.headers[eventsHeader]?.startsWith(eventStream) === true

// a run with thousands of criteria is large
const largestEvent = 64 * 1024 * 1024

/** The runs that the host tells, each at a change. Rows that the request brought are not among their data. */
export const ofRun = (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: CallOptions | undefined
): Stream.Stream<Run, EvalsError> =>
  Stream.suspend(() => {
    let events: Array<string> = []
    const parser = Sse.makeParser(
      (event) => {
        if (event._tag === "Event" && event.event === runEvent) events.push(event.data)
      },
      { maxEventSize: largestEvent }
    )
    const decoded = (data: string): Effect.Effect<Run, EvalsError> => {
      const read = decodeRun(data)
      return Result.isSuccess(read)
        ? Effect.succeed(read.success)
        : Effect.fail(
            Errors.undecodable(
              "retrieveRun",
              { status: 200, headers: Headers.empty, text: data },
              read.failure,
              (text) => text
            )
          )
    }
    return client.events(evalId, runId, options).pipe(
      Stream.decodeText(),
      Stream.mapEffect((text) => {
        parser.feed(text)
        const told = events
        events = []
        return Effect.forEach(told, decoded)
      }),
      Stream.flattenIterable
    )
  })

/**
 * Long lists on standard output.
 */
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { systemReason } from "../store/systemReason.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

// a reader such as `head` closes the pipe early
const isClosed = (error: Error): boolean =>
  error.cause instanceof Error && "code" in error.cause && error.cause.code === "EPIPE"

/** Says why standard output cannot be written. */
export const unprintable = (error: Error): string => `standard output cannot be written: ${systemReason(error)}.`

/** Prints texts and bytes as they arrive. A closed pipe ends it without an error. */
export const print = <E, R>(
  parts: Stream.Stream<string | Uint8Array, E, R>
): Effect.Effect<void, E | Stop, R | Stdio.Stdio> =>
  Effect.gen(function* () {
    const stdio = yield* Stdio.Stdio
    // one write for each array
    const joined = Stream.mapArray(parts, (some) =>
      some.every((part) => typeof part === "string") ? ([some.join("")] as const) : some
    )
    const written = yield* Stream.run(
      Stream.mapError(joined, (error) => ({ error })),
      stdio.stdout()
    ).pipe(Effect.result)
    if (written._tag === "Success") return
    if ("error" in written.failure) return yield* Effect.fail(written.failure.error)
    if (!isClosed(written.failure)) return yield* couldNotRun(unprintable(written.failure))
  })

/** Prints lines, at most `limit` if it is given. Returns the number of printed lines. */
export const lines = <E, R>(
  all: Stream.Stream<string, E, R>,
  limit: number | undefined
): Effect.Effect<number, E | Stop, R | Stdio.Stdio> =>
  Effect.suspend(() => {
    let printed = 0
    const some = limit === undefined ? all : Stream.take(all, limit)
    const ended = Stream.map(some, (line) => {
      printed++
      return `${line}\n`
    })
    return Effect.map(print(ended), () => printed)
  })

const decoder = new TextDecoder()

/** Writes the JSON of a host on one line: its line breaks are whitespace between values. */
export const lineOf = (bytes: Uint8Array): string => decoder.decode(bytes).replaceAll(/[\r\n]+\s*/g, " ")

/**
 * Lists on standard output, as long as they are.
 */
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { systemReason } from "../store/systemReason.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

// a reader such as `head` that has seen enough
const isClosed = (error: Error): boolean =>
  error.cause instanceof Error && "code" in error.cause && error.cause.code === "EPIPE"

/** Says why standard output cannot be written. */
export const unprintable = (error: Error): string => `standard output cannot be written: ${systemReason(error)}.`

/** Prints texts and bytes as they come. A reader that leaves ends it quietly. */
export const print = <E, R>(
  parts: Stream.Stream<string | Uint8Array, E, R>
): Effect.Effect<void, E | Stop, R | Stdio.Stdio> =>
  Effect.gen(function* () {
    const stdio = yield* Stdio.Stdio
    // the parts of an array are written together
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

/** Prints lines, at most so many where a limit is given; the value is how many there were. */
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

/** An object as the host sent it, on one line. Between the values of JSON a line break is a blank like others. */
export const lineOf = (bytes: Uint8Array): string => decoder.decode(bytes).replaceAll(/[\r\n]+\s*/g, " ")

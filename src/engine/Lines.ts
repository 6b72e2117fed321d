/**
 * Reads a stored file line by line, some lines at a time.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Files from "../store/Files.ts"

/** A file ended before its size: it was deleted while it was read. */
export class Gone extends Data.TaggedError("Gone")<{ readonly fileId: string }> {}

/** Some lines of a file. */
export interface Lines {
  /** The lines with the line feeds between them; blank lines are among them. */
  readonly bytes: Uint8Array
  /** How many there are. */
  readonly lines: number
  /** The number of the first line, from 1. */
  readonly line: number
  /** The offset of what follows. */
  readonly nextByte: number
  /** Whether nothing follows. */
  readonly last: boolean
}

/** Where to begin, and how many lines to take at a time. */
export interface Options {
  readonly project: number
  readonly fileId: string
  /** The size of the file. */
  readonly size: number
  readonly from: { readonly byte: number; readonly line: number }
  /** Asked anew before each batch, so that it may follow the pace. */
  readonly linesAtOnce: () => number
}

const lineFeed = 0x0a

/** A batch ends with the line that reaches so many bytes: it is copied as a whole between threads. */
const bytesAtOnce = 256 * 1024

const nothing: Uint8Array = new Uint8Array(0)

const joined = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  if (left.length === 0) return right
  if (right.length === 0) return left
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}

/** Where so many lines end, or as many as reach the limit of bytes. The last line of a file need not end in a line feed. */
const cut = (bytes: Uint8Array, most: number, whole: boolean): readonly [end: number, lines: number] => {
  let end = -1
  let lines = 0
  while (lines < most && end + 1 < Math.min(bytes.length, bytesAtOnce)) {
    const next = bytes.indexOf(lineFeed, end + 1)
    if (next === -1 && !whole) break
    end = next === -1 ? bytes.length : next
    lines++
  }
  return [end, lines]
}

/** The lines of a file from a place on. A line that no piece ends is read on until it does. */
export const read = (options: Options): Stream.Stream<Lines, SqlError | Gone, SqlClient.SqlClient> =>
  Stream.unwrap(
    Effect.map(Stream.toPull(Files.content(options.project, options.fileId, options.from.byte)), (pull) => {
      // the beginning of a line that goes on in what was read last: joined batch by batch, as pieces are large
      let front = nothing
      let rest = nothing
      let ended = false
      let byte = options.from.byte
      let line = options.from.line
      const more = pull.pipe(
        Effect.map(([piece, ...others]) => {
          front = joined(front, rest)
          rest = others.reduce(joined, piece)
        }),
        (self) =>
          Effect.catchIf(self, Cause.isDone, () =>
            Effect.sync(() => {
              ended = true
            })
          )
      )
      const take = (end: number, lines: number): Lines => {
        const bytes = joined(front, rest.subarray(0, end))
        const after = Math.min(end + 1, rest.length)
        byte += front.length + after
        front = nothing
        rest = rest.subarray(after)
        const taken: Lines = { bytes, lines, line, nextByte: byte, last: byte >= options.size }
        line += lines
        return taken
      }
      const next: Effect.Effect<readonly [Lines], SqlError | Gone | Cause.Done, SqlClient.SqlClient> = Effect.suspend(
        () => {
          const whole = byte + front.length + rest.length >= options.size
          if (ended && !whole) return Effect.fail(new Gone({ fileId: options.fileId }))
          const [end, lines] = cut(rest, options.linesAtOnce(), whole)
          if (lines > 0) return Effect.succeed([take(end, lines)] as const)
          return whole ? Cause.done() : Effect.andThen(more, next)
        }
      )
      return Stream.fromPull(Effect.succeed(next))
    })
  )

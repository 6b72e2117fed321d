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
import { lineFeed } from "../../schema/bytes.ts"
import * as Files from "../../store/Files.ts"
import { joined } from "./bytes.ts"
import { fileKind, headSize } from "./FileKind.ts"

/** A file ended before its size: it was deleted while it was read. */
export class Gone extends Data.TaggedError("Gone")<{ readonly fileId: string }> {}

/** A line is longer than any row may be. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly fileId: string
  /** Its number, from 1. */
  readonly line: number
  /** What it begins with. */
  readonly head: Uint8Array
}> {
  override get message(): string {
    const kind = this.line === 1 ? fileKind(this.head) : undefined
    return (
      `line ${this.line} of ${this.fileId}: longer than ${longestLine / 1024 ** 2} MiB, which is what a row may take` +
      (kind === undefined ? "" : `; the file ${kind.words}`)
    )
  }
}

/** Some lines of a file. */
export interface Lines {
  /** The lines with the line feeds between them; blank lines are among them. */
  readonly bytes: Uint8Array
  /** How many there are. */
  readonly lines: number
  /** The number of the first line, from 1. */
  readonly line: number
  /** The offset of the first line. */
  readonly byte: number
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

/** A batch ends with the line that reaches so many bytes: it is copied as a whole between processes. */
const bytesAtOnce = 256 * 1024

/** What a line may take, give or take a piece of the file. It is held in memory, and put to a grader, as a whole. */
export const longestLine = 16 * 1024 * 1024

const nothing: Uint8Array = new Uint8Array(0)

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

/** Editors of Windows begin a file with it. */
const beginsWithMark = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

/** The lines of a file from a place on, without the byte order mark that it may begin with. */
export const read = (options: Options): Stream.Stream<Lines, SqlError | Gone | TooLong, SqlClient.SqlClient> =>
  Stream.unwrap(
    Effect.map(Stream.toPull(Files.content(options.project, options.fileId, options.from.byte)), (pull) => {
      // a line that goes on in what is read next: its pieces, joined once when it ends
      let front: Array<Uint8Array> = []
      let frontSize = 0
      let rest = nothing
      let ended = false
      let byte = options.from.byte
      let line = options.from.line
      const begin = (pieces: ReadonlyArray<Uint8Array>): void => {
        rest = joined(pieces)
        if (byte > 0 || frontSize > 0 || !beginsWithMark(rest)) return
        rest = rest.subarray(3)
        byte = 3
      }
      const more: Effect.Effect<void, SqlError | TooLong, SqlClient.SqlClient> = Effect.suspend(() => {
        front.push(rest)
        frontSize += rest.length
        rest = nothing
        return frontSize > longestLine
          ? Effect.fail(new TooLong({ fileId: options.fileId, line, head: front[0]?.subarray(0, headSize) ?? nothing }))
          : Effect.catchIf(Effect.map(pull, begin), Cause.isDone, () =>
              Effect.sync(() => {
                ended = true
              })
            )
      })
      const take = (end: number, lines: number): Lines => {
        const part = rest.subarray(0, end)
        const bytes = frontSize === 0 ? part : joined([...front, part])
        const after = Math.min(end + 1, rest.length)
        const first = byte
        byte += frontSize + after
        front = []
        frontSize = 0
        rest = rest.subarray(after)
        const taken: Lines = { bytes, lines, line, byte: first, nextByte: byte, last: byte >= options.size }
        line += lines
        return taken
      }
      const next: Effect.Effect<readonly [Lines], SqlError | Gone | TooLong | Cause.Done, SqlClient.SqlClient> =
        Effect.suspend(() => {
          const whole = byte + frontSize + rest.length >= options.size
          if (ended && !whole) return Effect.fail(new Gone({ fileId: options.fileId }))
          const [end, lines] = cut(rest, options.linesAtOnce(), whole)
          if (lines > 0) return Effect.succeed([take(end, lines)] as const)
          return whole ? Cause.done() : Effect.andThen(more, next)
        })
      return Stream.fromPull(Effect.succeed(next))
    })
  )

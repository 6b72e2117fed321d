/**
 * Reads the lines of a stored file in batches.
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
import { joinBytes } from "./joinBytes.ts"
import { fileKind, headSize } from "./FileKind.ts"

/** A file was deleted while it was read: it ended before its size. */
export class Gone extends Data.TaggedError("Gone")<{ readonly fileId: string }> {}

/** A line is longer than {@link longestLine}. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly fileId: string
  /** The number of the line, from 1. */
  readonly line: number
  /** The first bytes of the line. */
  readonly head: Uint8Array
}> {
  override get message(): string {
    const kind = this.line === 1 ? fileKind(this.head) : undefined
    return (
      `line ${this.line} of ${this.fileId}: longer than ${longestLine / 1024 ** 2} MiB, the limit of a row` +
      (kind === undefined ? "" : `; the file ${kind.description}`)
    )
  }
}

/** A batch of lines of a file. */
export interface Lines {
  /** The lines with their line feeds, blank lines included. */
  readonly bytes: Uint8Array
  /** The number of lines. */
  readonly lines: number
  /** The number of the first line, from 1. */
  readonly line: number
  /** The offset of the first line. */
  readonly byte: number
  /** The offset after the lines. */
  readonly nextByte: number
  /** Whether this is the end of the file. */
  readonly last: boolean
}

/** The file, the position of its first line, and the size of a batch. */
export interface Options {
  readonly project: number
  readonly fileId: string
  /** The size of the file. */
  readonly size: number
  readonly from: { readonly byte: number; readonly line: number }
  /** The most lines of a batch. Called before each batch, so that the size can adapt. */
  readonly linesAtOnce: () => number
}

/** A batch ends with the line that reaches this number of bytes, since a batch is copied between processes. */
const bytesAtOnce = 256 * 1024

/** The most bytes of a line, which memory and graders hold as a whole. A line may exceed it by one piece of the file. */
export const longestLine = 16 * 1024 * 1024

const nothing: Uint8Array = new Uint8Array(0)

/** Finds the end of a batch: after `most` lines, or at the limit of bytes. `whole` says that the file ends with `bytes`. */
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

/** Whether a file begins with a byte order mark, as editors on Windows write it. */
const beginsWithMark = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

/** Reads a file from a position on, without its byte order mark. */
export const read = (options: Options): Stream.Stream<Lines, SqlError | Gone | TooLong, SqlClient.SqlClient> =>
  Stream.unwrap(
    Effect.map(Stream.toPull(Files.content(options.project, options.fileId, options.from.byte)), (pull) => {
      // the pieces of a line whose end is not read yet, joined once when it ends
      let front: Array<Uint8Array> = []
      let frontSize = 0
      let rest = nothing
      let ended = false
      let byte = options.from.byte
      let line = options.from.line
      const begin = (pieces: ReadonlyArray<Uint8Array>): void => {
        rest = joinBytes(pieces)
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
        const bytes = frontSize === 0 ? part : joinBytes([...front, part])
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

/**
 * The check of the first row of a JSONL file, before anything is created.
 */
import { isUtf8 } from "node:buffer"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Row from "../engine/rows/Row.ts"
import { isBlank, lineFeed } from "../schema/bytes.ts"
import { unreadable } from "./source.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** The most bytes of a first row that are checked here. The engine checks longer rows. */
const longest = 1024 * 1024

/** Collects pieces of a file until its first non-blank line is complete. */
const firstLine = () => {
  const kept: Array<Uint8Array> = []
  let size = 0
  let line = 1
  return {
    /** Adds a piece. Returns whether the line is complete. */
    add: (bytes: Uint8Array): boolean => {
      for (let at = 0; at < bytes.length;) {
        const end = bytes.indexOf(lineFeed, at)
        const piece = bytes.subarray(at, end === -1 ? bytes.length : end)
        if (size > 0 || !piece.every(isBlank)) {
          kept.push(piece)
          size += piece.length
          if (end !== -1 || size > longest) return true
        }
        if (end === -1) return false
        line++
        at = end + 1
      }
      return false
    },
    line: () => line,
    bytes: (): Uint8Array => Buffer.concat(kept)
  }
}

/** Fails if a JSONL file has no row, or if its first row is invalid. */
export const checkFirstRow = (name: string, path: string): Effect.Effect<void, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const first = firstLine()
    yield* fs.stream(path).pipe(
      Stream.takeUntil(first.add),
      Stream.runDrain,
      Effect.mapError((error) => unreadable(name, error))
    )
    const bytes = first.bytes()
    const text = new TextDecoder().decode(bytes)
    if (bytes.length === 0) {
      return yield* couldNotRun(`${name} has no rows: it is empty, or each of its lines is blank.`)
    }
    // rows may follow a line that has only a byte order mark
    if (bytes.length > longest || text.trim() === "") return
    const place = `line ${first.line()} of ${name} (row 0, counted from 0)`
    if (!isUtf8(bytes)) return yield* couldNotRun(`${place}: is not UTF-8: save it as UTF-8`)
    const row = Row.parse(text)
    if (Result.isSuccess(row)) return
    const { message, path: member } = row.failure
    return yield* couldNotRun(`${place}${member === "" ? "" : `, ${member}`}: ${message}`)
  })

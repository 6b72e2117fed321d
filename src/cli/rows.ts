/**
 * The rows of a file, as they are sent.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { uploadFile } from "../Files.ts"
import * as Upload from "../Upload.ts"
import { unreadable } from "./definition.ts"
import { metered } from "./meter.ts"
import { bar, percent, size, some, time } from "./words.ts"

const lineFeed = 0x0a

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === lineFeed

/** Counts the lines of a text that are not blank, piece by piece. */
export const counter = (): { readonly add: (bytes: Uint8Array) => void; readonly rows: () => number } => {
  let rows = 0
  // whether the line that the last piece ended in has anything in it
  let filled = false
  return {
    add: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const end = bytes.indexOf(lineFeed, at)
        const stop = end === -1 ? bytes.length : end
        for (let byte = at; !filled && byte < stop; byte++) filled = !isBlank(bytes[byte])
        if (end !== -1) {
          if (filled) rows++
          filled = false
        }
        at = stop + 1
      }
    },
    rows: () => rows + (filled ? 1 : 0)
  }
}

interface Sent {
  readonly bytes: number
  readonly total: number
}

const sentView = {
  done: ({ bytes }: Sent) => bytes,
  line: ({ bytes, total }: Sent, rate: number, drawn: boolean) =>
    [
      ...(drawn ? [bar(total === 0 ? 1 : bytes / total, 20)] : []),
      `sending the rows, ${size(bytes)} of ${size(total)}`,
      ...(total === 0 ? [] : [percent(bytes / total)]),
      `${size(rate)}/s`,
      ...(rate > 0 && bytes < total ? [`about ${time((total - bytes) / rate)} left`] : [])
    ].join("  "),
  stays: false
}

/** A file that is there to be sent. */
export const open = (filename: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* Effect.scoped(fs.open(filename))
    return yield* Upload.fromFile(filename)
  }).pipe(Effect.mapError((error) => unreadable(filename, error)))

/** The file that standard input is kept in, so that it can be sent again; it goes with the scope. */
export const piped = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const filename = yield* fs.makeTempFileScoped({ prefix: "effect-evals-", suffix: ".jsonl" })
  yield* Stream.run(stdio.stdin, fs.sink(filename))
  return { ...(yield* Upload.fromFile(filename)), filename: "stdin.jsonl" }
}).pipe(Effect.mapError((error) => unreadable("standard input", error)))

/** Sends a file; the value is its id, and how many rows it has. */
export const send = (file: Upload.Upload) =>
  metered(sentView, (onProgress) =>
    Effect.gen(function* () {
      let counted = counter()
      const total = file.size ?? 0
      // from the beginning each time that the upload is tried
      const watched = Stream.suspend(() => {
        counted = counter()
        let bytes = 0
        const source = Stream.isStream(file.source) ? file.source : Stream.empty
        return Stream.tap(source, (chunk) => {
          counted.add(chunk)
          bytes += chunk.length
          return onProgress({ bytes, total })
        })
      })
      const sent = yield* uploadFile({ file: { ...file, source: watched }, purpose: "evals" })
      return { id: sent.id, rows: counted.rows(), words: `${some(counted.rows(), "row")}, ${size(total)}` }
    })
  )

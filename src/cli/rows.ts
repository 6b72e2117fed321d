/**
 * The rows of `--data`: they are opened, checked and uploaded.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import type * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { fileKind, headSize } from "../engine/rows/FileKind.ts"
import { uploadFile } from "../Files.ts"
import { isBlank, lineFeed } from "../schema/bytes.ts"
import * as Upload from "../Upload.ts"
import { fromCsv } from "./csvRows.ts"
import { checkFirstRow } from "./firstRow.ts"
import { withProgressLine } from "./progressLine.ts"
import { regular, standardInput, unreadable } from "./source.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { byteSize, percent, quantity, roughDuration } from "../report/format.ts"
import { bar } from "./textLayout.ts"

/** Makes a counter of non-blank lines. The text is added in pieces. */
export const counter = (): { readonly add: (bytes: Uint8Array) => void; readonly rows: () => number } => {
  let rows = 0
  // whether the open line at the end of the last piece is not blank
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
      `sending the rows, ${byteSize(bytes)} of ${byteSize(total)}`,
      ...(total === 0 ? [] : [percent(bytes / total)]),
      `${byteSize(rate)}/s`,
      ...(rate > 0 && bytes < total ? [`about ${roughDuration((total - bytes) / rate)} left`] : [])
    ].join("  "),
  stays: false
}

/** The format of rows. */
export type Format = "jsonl" | "csv"

/** The flags that describe the rows. */
export interface Given {
  /** The format. Undefined for the default. */
  readonly format: Format | undefined
  /** The column of a CSV file that is the `output_text` of the sample. */
  readonly sampleColumn: string | undefined
}

/** Rows as JSON lines, ready to be uploaded. */
export interface Rows {
  /** The name in messages: of a file, or of standard input. */
  readonly name: string
  /** The JSONL file. */
  readonly path: string
  readonly upload: Upload.Upload
  /** Finds the line of the original file for a line of the JSON lines, both counted from 1. */
  readonly lineOf: (line: number) => Effect.Effect<number, Stop>
  /** The advice for a table without a sample column. */
  readonly sampleAdvice: string | undefined
}

/** Rewrites a message of the host about the uploaded file: it names the original file and line in place of the id. */
export const named = ({ lineOf, name, upload }: Rows, id: string, message: string) =>
  Effect.gen(function* () {
    const at = message.indexOf(` of ${id}`)
    const found = at === -1 ? null : /\bline (\d+)$/.exec(message.slice(0, at))
    if (found === null) return message.replaceAll(id, name)
    const line = yield* lineOf(Number(found[1]))
    return `${message.slice(0, found.index)}line ${line}${message.slice(at)}`.replaceAll(id, name)
    // the table was deleted meanwhile: the message keeps the line of the upload
  }).pipe(Effect.orElseSucceed(() => message.replaceAll(id, upload.filename)))

const basename = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== "") ?? path

const head = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Stream.runFold(fs.stream(path, { bytesToRead: headSize }), () => new Uint8Array(0), joined)
  )

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

const csvAdvice = "name it with the ending .csv, or say --format csv"

/**
 * Opens the rows of `--data`; `-` is standard input. CSV is converted to JSON lines. Fails before anything is created if
 * the file is of another format, has no rows, or has an invalid first row.
 */
export const open = (
  data: string,
  { format, sampleColumn }: Given
): Effect.Effect<Rows, Stop, FileSystem.FileSystem | Stdio.Stdio | Scope.Scope> =>
  Effect.gen(function* () {
    const isInput = data === "-"
    const name = isInput ? "standard input" : data
    const path = yield* isInput ? standardInput : regular(data)
    const kind = fileKind(yield* Effect.mapError(head(path), (error) => unreadable(name, error)))
    const isCsv = (format ?? (/\.(?:csv|tsv)$/i.test(data) ? "csv" : "jsonl")) === "csv"
    if (sampleColumn !== undefined && !isCsv) {
      return yield* couldNotRun(
        `--sample-column names a column of CSV, and ${name} is read as JSON lines: ${csvAdvice}.`
      )
    }
    if (kind !== undefined && !(isCsv && (kind.name === "csv" || kind.name === "list" || kind.name === "indented"))) {
      return yield* couldNotRun(`${name} ${kind.description}${kind.name === "csv" ? `; or ${csvAdvice}` : ""}.`)
    }
    if (!isCsv) yield* checkFirstRow(name, path)
    const rows = isCsv
      ? yield* fromCsv({ name, path, sampleColumn })
      : { path, lineOf: Effect.succeed<number>, sampleAdvice: undefined }
    const filename = isInput ? "stdin" : basename(data)
    const upload = yield* Effect.mapError(
      Upload.fromFile(rows.path, { filename: isCsv || isInput ? `${filename}.jsonl` : filename }),
      (error) => unreadable(name, error)
    )
    return { ...rows, name, upload }
  })

/** Uploads a file. Returns its id and its number of rows. */
export const send = (file: Upload.Upload) =>
  withProgressLine(sentView, (onProgress) =>
    Effect.gen(function* () {
      let counted = counter()
      const total = file.size ?? 0
      // each attempt sends the file from its beginning
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
      return { id: sent.id, rows: counted.rows(), words: `${quantity(counted.rows(), "row")}, ${byteSize(total)}` }
    })
  )

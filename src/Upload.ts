/**
 * What is uploaded: bytes with a file name, read piece by piece while they are
 * sent.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"
import { checker } from "./schema/checker.ts"
import { formatPath } from "./schema/issues.ts"
import { RowParam } from "./schema/DataSource.ts"

/**
 * A source of bytes for `uploadFile`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Upload {
  readonly filename: string
  /** The media type of the part that holds the bytes. */
  readonly contentType: string
  /** The number of bytes, where it is known before they are read. */
  readonly size: number | undefined
  /** Whether the bytes can be read a second time, so that the upload can be repeated. */
  readonly replayable: boolean
  /** A blob is handed to the transport as it is; every browser can send one. */
  readonly source: Blob | Stream.Stream<Uint8Array, unknown>
}

const jsonl = "application/jsonl"
const octets = "application/octet-stream"

// rows that are written together: few enough to hold where each has an image, enough for rows of a line
const atOnce = 16

/**
 * The bytes of a `Blob` or a `File`, which brings its name along.
 *
 * **Example** (A file that a user chose)
 *
 * ```ts
 * import { Upload, uploadFile } from "effect-evals"
 *
 * export const upload = (chosen: File) => uploadFile({ file: Upload.fromBlob(chosen), purpose: "evals" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromBlob = (blob: Blob, options: { readonly filename?: string | undefined } = {}): Upload => ({
  filename: options.filename ?? ("name" in blob && typeof blob.name === "string" ? blob.name : "blob"),
  contentType: blob.type === "" ? octets : blob.type,
  size: blob.size,
  replayable: true,
  source: blob
})

/**
 * The bytes of a stream, sent as they come. Say `replayable` of a stream that
 * gives the same bytes each time it is run: only then is the upload repeated
 * after a failure.
 *
 * **Example** (Bytes from elsewhere)
 *
 * ```ts
 * import type { Stream } from "effect"
 * import { Upload, uploadFile } from "effect-evals"
 *
 * export const upload = (bytes: Stream.Stream<Uint8Array>) =>
 *   uploadFile({ file: Upload.fromStream(bytes, { filename: "rows.jsonl" }), purpose: "evals" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromStream = (
  stream: Stream.Stream<Uint8Array, unknown>,
  options: {
    readonly filename: string
    readonly contentType?: string | undefined
    readonly size?: number | undefined
    readonly replayable?: boolean | undefined
  }
): Upload => ({
  filename: options.filename,
  contentType: options.contentType ?? octets,
  size: options.size,
  replayable: options.replayable ?? false,
  source: stream
})

/**
 * The bytes of a file of the file system, opened for each attempt. Fails when the
 * file cannot be found.
 *
 * **Example** (A JSONL file)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Upload, uploadFile } from "effect-evals"
 *
 * export const upload = Effect.flatMap(Upload.fromFile("rows.jsonl"), (file) =>
 *   uploadFile({ file, purpose: "evals" })
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFile = (
  path: string,
  options: { readonly filename?: string | undefined } = {}
): Effect.Effect<Upload, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* fs.stat(path)
    const filename = options.filename ?? path.split(/[\\/]/).findLast((part) => part !== "") ?? path
    return fromStream(fs.stream(path), {
      filename,
      contentType: filename.endsWith(".jsonl") ? jsonl : octets,
      size: Number(info.size),
      replayable: true
    })
  })

/**
 * Rows as JSONL, `{"item": …, "sample": …}` a line, written while they are sent.
 * Each row is checked as it is written; a bad one ends the upload and is named.
 * Say `replayable` of a stream, or of an iterable that is no array, that gives the
 * same rows each time: only then is the upload repeated after a failure.
 *
 * **Example** (Rows of a program)
 *
 * ```ts
 * import { Upload, uploadFile } from "effect-evals"
 *
 * export const upload = uploadFile({
 *   file: Upload.fromRows([{ item: { question: "2 + 2", answer: "4" } }]),
 *   purpose: "evals"
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRows = (
  rows: Iterable<RowParam> | Stream.Stream<RowParam, unknown>,
  options: {
    readonly filename?: string | undefined
    /** Whether the rows are the same each time they are read. Default true for an array, else false. */
    readonly replayable?: boolean | undefined
  } = {}
): Upload => {
  const encoder = new TextEncoder()
  const some = Stream.isStream(rows) ? rows : Stream.fromIterable(rows, { chunkSize: atOnce })
  const line = (row: RowParam, index: number): string => {
    const place = checkRow(row).find(({ unexpected }) => !unexpected)
    if (place !== undefined) {
      const path = formatPath(place.path)
      throw new Error(`row ${index}: ${path === "" ? "" : `${path}: `}${place.message}`)
    }
    return `${JSON.stringify(row)}\n`
  }
  return fromStream(
    Stream.suspend(() => {
      let count = 0
      return Stream.mapEffect(Stream.grouped(some, atOnce), (group) =>
        Effect.try({
          try: () => encoder.encode(group.map((row) => line(row, count++)).join("")),
          catch: (cause) => cause
        })
      )
    }),
    {
      filename: options.filename ?? "rows.jsonl",
      contentType: jsonl,
      replayable: options.replayable ?? Array.isArray(rows)
    }
  )
}

const checkRow = checker(RowParam)

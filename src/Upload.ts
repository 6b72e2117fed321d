/**
 * Sources of uploads: bytes with a file name. A source is read while its bytes are sent.
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
  /** The media type of the bytes. */
  readonly contentType: string
  /** The number of bytes. Undefined if it is unknown before they are read. */
  readonly size: number | undefined
  /** Whether the bytes can be read again. Only then is a failed upload retried. */
  readonly replayable: boolean
  /** The bytes. The transport streams a blob by itself, because not every browser can send a stream. */
  readonly source: Blob | Stream.Stream<Uint8Array, unknown>
}

const jsonl = "application/jsonl"
const octets = "application/octet-stream"

// rows of a batch: enough for rows of one line each, and few, since a row may hold an image
const atOnce = 16

/**
 * Makes a source of a `Blob` or a `File`. The default name is that of the `File`, or `blob`.
 *
 * **Example** (A file chosen by a user)
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
 * Makes a source of a stream. Its bytes are sent as they arrive. A failed upload is retried only with `replayable`: set
 * it if the stream emits the same bytes each time it runs.
 *
 * **Example** (A stream of bytes)
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
 * Makes a source of a file. Each attempt opens the file again. Fails with a `PlatformError` if the file is not
 * found.
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
 * Makes a source of rows, sent as JSONL: one `{"item": …, "sample": …}` for each line. Each row is checked when it is
 * sent. An invalid row ends the upload with an error that names its index, counted from 0, and the field.
 *
 * A failed upload is retried only if the rows can be read again. Set `replayable` for a stream or an iterable that
 * emits the same rows each time. An array needs no option.
 *
 * **Example** (Rows of an array)
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
    /** Whether the rows are the same each time they are read. Default: true for an array, false otherwise. */
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

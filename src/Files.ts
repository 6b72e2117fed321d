/**
 * Operations on files.
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/files.ts"
import type { UploadParams } from "./Requests.ts"
import * as Pagination from "./Pagination.ts"
import type * as EvalsFile from "./schema/EvalsFile.ts"
import type { FileId } from "./schema/Ids.ts"
import type { Page } from "./schema/Page.ts"

/**
 * Uploads a file. The file is read while it is sent. `POST /files`.
 *
 * The upload is retried only if its source can be read again (see `Upload`) and nothing can have been created. Interruption
 * ends it.
 *
 * Node's `fetch` keeps the sent bytes in memory for a redirect. For large files use undici (`NodeHttpClient.layerUndici` of
 * `@effect/platform-node`), or provide `FetchHttpClient.RequestInit` with `{ redirect: "error" }`.
 *
 * **Example** (Rows for runs)
 *
 * ```ts
 * import { Upload, uploadFile } from "effect-evals"
 *
 * export const rows = uploadFile({
 *   file: Upload.fromRows([{ item: { question: "2 + 2", answer: "4" } }]),
 *   purpose: "evals"
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const uploadFile = (
  params: UploadParams,
  options?: CallOptions
): Effect.Effect<EvalsFile.EvalsFile, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => Request.upload(client, params, options))

/**
 * Reads a file's metadata. `GET /files/{file_id}`.
 *
 * **Example** (Its size)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type FileId, retrieveFile } from "effect-evals"
 *
 * export const size = (fileId: FileId) => Effect.map(retrieveFile(fileId), (file) => file.bytes)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveFile = (
  fileId: FileId,
  options?: CallOptions
): Effect.Effect<EvalsFile.EvalsFile, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.retrieveFile(fileId), options))

/**
 * Deletes a file. `DELETE /files/{file_id}`.
 *
 * **Example** (Cleaning up)
 *
 * ```ts
 * import { deleteFile, type FileId } from "effect-evals"
 *
 * export const remove = (fileId: FileId) => deleteFile(fileId)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const deleteFile = (
  fileId: FileId,
  options?: CallOptions
): Effect.Effect<EvalsFile.Deleted, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.deleteFile(fileId), options))

/**
 * Retrieves one page of files, for programs that keep the cursor. `GET /files`.
 *
 * **Example** (Files of evals)
 *
 * ```ts
 * import { listFilesPage } from "effect-evals"
 *
 * export const page = listFilesPage({ purpose: "evals", limit: 100 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listFilesPage = (
  params: EvalsFile.ListParams = {},
  options?: CallOptions
): Effect.Effect<Page<EvalsFile.EvalsFile>, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.listFilesPage(params), options))

/**
 * Streams all files. `limit` is the size of a page. `Stream.take` bounds the stream.
 *
 * **Example** (The size of all files)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { listFiles } from "effect-evals"
 *
 * export const bytes = listFiles({ purpose: "evals" }).pipe(
 *   Stream.runFold(
 *     () => 0,
 *     (total, file) => total + (file.bytes ?? 0)
 *   )
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listFiles = (
  params: EvalsFile.ListParams = {},
  options?: CallOptions
): Stream.Stream<EvalsFile.EvalsFile, EvalsError, EvalsClient> =>
  Stream.unwrap(
    EvalsClient.useSync((client) =>
      Pagination.items(
        (cursor) => client.send({ ...Request.listFilesPage({ ...params, ...cursor }), name: "listFiles" }, options),
        params
      )
    )
  )

/**
 * Streams the bytes of a file as they arrive, without buffering or decoding. `GET /files/{file_id}/content`.
 *
 * **Example** (Lines of a JSONL file)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { downloadFile, type FileId } from "effect-evals"
 *
 * export const lines = (fileId: FileId) =>
 *   downloadFile(fileId).pipe(Stream.decodeText, Stream.splitLines)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const downloadFile = (
  fileId: FileId,
  options?: CallOptions
): Stream.Stream<Uint8Array, EvalsError, EvalsClient> =>
  Stream.unwrap(EvalsClient.useSync((client) => client.download(fileId, options)))

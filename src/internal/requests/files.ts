/** @internal */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Service } from "../../EvalsClient.ts"
import type { EvalsError } from "../../EvalsError.ts"
import type { UploadParams } from "../../Requests.ts"
import type { CallOptions } from "../../Options.ts"
import * as EvalsFile from "../../schema/EvalsFile.ts"
import type { FileId } from "../../schema/Ids.ts"
import { Page } from "../../schema/Page.ts"
import { decoder, encoder } from "../codec.ts"
import * as Errors from "../errorOfAnswer.ts"
import { randomHex } from "../hex.ts"
import * as Multipart from "../multipart.ts"
import { jsonBody, type Operation, query } from "../operation.ts"
import { path } from "../path.ts"

const decodeFile = decoder(EvalsFile.EvalsFile)
const decodePage = decoder(Page(EvalsFile.EvalsFile))
const decodeDeleted = decoder(EvalsFile.Deleted)
const encodeUpload = encoder(EvalsFile.UploadFields)
const encodeList = encoder(EvalsFile.ListParams)

export const uploadFile = (params: UploadParams, boundary: string): Operation<EvalsFile.EvalsFile> => {
  const { expires_after, file, purpose } = params
  const expiry = expires_after === undefined ? {} : { expires_after }
  const fields: ReadonlyArray<readonly [string, string]> = [
    ["purpose", purpose],
    ...Object.entries(expires_after ?? {}).map(([key, value]) => [`expires_after[${key}]`, String(value)] as const)
  ]
  const check = jsonBody(encodeUpload, { filename: file.filename, purpose, ...expiry })
  return {
    name: "uploadFile",
    method: "POST",
    path: path`/files`,
    body: () =>
      Result.map(check(), ({ unknownKeys }) => ({ value: Multipart.body(fields, file, boundary), unknownKeys })),
    repeat: file.replayable ? "creates" : "once",
    timeout: "10 minutes",
    decode: decodeFile,
    via: ({ uploadFile }, options) => uploadFile?.(params, options)
  }
}

export const retrieveFile = (fileId: FileId): Operation<EvalsFile.EvalsFile> => ({
  name: "retrieveFile",
  method: "GET",
  path: path`/files/${{ fileId }}`,
  repeat: "safe",
  decode: decodeFile,
  via: ({ retrieveFile }, options) => retrieveFile?.(fileId, options)
})

export const deleteFile = (fileId: FileId): Operation<EvalsFile.Deleted> => ({
  name: "deleteFile",
  method: "DELETE",
  path: path`/files/${{ fileId }}`,
  repeat: "safe",
  decode: decodeDeleted,
  via: ({ deleteFile }, options) => deleteFile?.(fileId, options)
})

export const listFilesPage = (params: EvalsFile.ListParams): Operation<Page<EvalsFile.EvalsFile>> => ({
  name: "listFilesPage",
  method: "GET",
  path: path`/files`,
  query: query(encodeList, params),
  repeat: "safe",
  decode: decodePage,
  via: ({ listFilesPage }, options) => listFilesPage?.(params, options)
})

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Uploads a file. The error distinguishes a failure of the source from one of the connection. */
export const upload = (
  client: Service,
  params: UploadParams,
  options: CallOptions | undefined
): Effect.Effect<EvalsFile.EvalsFile, EvalsError> =>
  Effect.flatMap(randomHex(32), (hex) => {
    let sourceFailed: string | undefined
    const { source } = params.file
    const watched = Stream.isStream(source)
      ? Stream.tapCause(source, (cause) =>
          Effect.sync(() => {
            // the end of an attempt interrupts the source: that is not a failure of the source
            if (!Cause.hasInterruptsOnly(cause)) sourceFailed = words(Cause.squash(cause))
          })
        )
      : source
    const operation = uploadFile({ ...params, file: { ...params.file, source: watched } }, `effect-evals-${hex}`)
    return Effect.mapError(client.send(operation, options), (error) =>
      sourceFailed === undefined
        ? error
        : Errors.unsendable("uploadFile", `the upload was given up, since its source failed: ${sourceFailed}`)
    )
  })

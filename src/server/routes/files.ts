/** @internal */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Multipart from "effect/http/Multipart"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type { Upload } from "../../engine/operations/files.ts"
import { invalid, type Rejection, tooLarge } from "../../engine/Rejection.ts"
import * as EvalsFile from "../../schema/EvalsFile.ts"
import * as Body from "../body.ts"
import { words } from "../Limits.ts"
import * as Query from "../query.ts"
import { ok } from "../respond.ts"
import { identity, routes, type Setting } from "./shared.ts"

const readFields = Body.reader(EvalsFile.UploadFields)

/** The page of a list of files: the hosted service's. */
const page = { largest: 10_000, otherwise: 10_000 }

/** The most parts of a form, and the most bytes of one that is no file. */
const mostParts = 16
const largestField = 64 * 1024

const broken = (error: Multipart.MultipartError, limit: number): Rejection => {
  switch (error.reason._tag) {
    case "FileTooLarge":
    case "BodyTooLarge":
      return oversized(limit)
    case "FieldTooLarge":
      return tooLarge(
        `A field of the form is larger than ${words(largestField)}; send what is large as the part "file".`
      )
    case "TooManyParts":
      return tooLarge(`The form has more than ${mostParts} parts.`)
    case "Parse":
    case "InternalError":
      return invalid(
        "The request's body is not a whole multipart form: send multipart/form-data, with the boundary in content-type, " +
          'lines that end in CRLF, and the parts "purpose" and "file".'
      )
  }
}

const oversized = (limit: number): Rejection =>
  tooLarge(
    `file: larger than ${words(limit)}, which is what this server takes. Split the rows over several files.`,
    "file"
  )

const bounded = <E>(content: Stream.Stream<Uint8Array, E>, limit: number): Stream.Stream<Uint8Array, E | Rejection> =>
  Stream.suspend(() => {
    let size = 0
    return Stream.mapEffect(content, (chunk) => {
      size += chunk.length
      return size > limit ? Effect.fail(oversized(limit)) : Effect.succeed(chunk)
    })
  })

const expiry = (fields: ReadonlyMap<string, string>): object => {
  const anchor = fields.get("expires_after[anchor]")
  const seconds = fields.get("expires_after[seconds]")
  return anchor === undefined && seconds === undefined ? {} : { expires_after: { anchor, seconds: Number(seconds) } }
}

const known = new Set(["purpose", "expires_after[anchor]", "expires_after[seconds]"])

/** The parts of a form, one after another: fields are remembered, and the file is given as it arrives. */
const form = Effect.fnUntraced(function* (request: HttpServerRequest, limit: number) {
  yield* Body.unpacked(request)
  const fields = new Map<string, string>()
  const pull = yield* Stream.toPull(
    Stream.mapError(request.multipartStream, (error) => broken(error, limit)).pipe(Stream.rechunk(1))
  )
  let ended = false
  const next: Effect.Effect<Multipart.File | undefined, Rejection> = Effect.suspend(() =>
    ended
      ? Effect.undefined
      : pull.pipe(
          Effect.flatMap(([part]) => {
            if (part._tag === "Field") {
              fields.set(part.key, part.value)
              return next
            }
            return part.key === "file"
              ? Effect.succeed(part)
              : Effect.fail(invalid(`${part.key}: is sent as a file; only the part "file" may be one`, part.key))
          }),
          Pull.catchDone(() =>
            Effect.sync(() => {
              ended = true
              return undefined
            })
          )
        )
  )
  const file = yield* next
  if (file === undefined) return yield* invalid("file: is missing; send it as a part with a filename", "file")
  const upload: Effect.Effect<Upload, Rejection> = Effect.gen(function* () {
    if ((yield* next) !== undefined)
      return yield* invalid("file: a request uploads one file, this one holds several", "file")
    const filename = file.name === "" ? "upload" : file.name
    yield* Body.noteUnknown(
      [...fields.keys()].filter((name) => !known.has(name)),
      "fields"
    )
    const purpose = fields.get("purpose")
    const read = yield* readFields({ filename, ...(purpose === undefined ? {} : { purpose }), ...expiry(fields) })
    return { filename, purpose: read.purpose, expiresAfter: read.expires_after?.seconds }
  })
  return {
    content: bounded(
      Stream.mapError(file.content, (error) => broken(error, limit)),
      limit
    ),
    upload
  }
})

const limits = (file: number) =>
  Multipart.limitsServices({
    maxParts: mostParts,
    maxFieldSize: largestField,
    // the head of the part is counted along; its content is counted by `bounded`
    maxFileSize: file + 64 * 1024,
    // what is declared as JSON is a file all the same
    fieldMimeTypes: []
  })

// what a header may not hold is said twice, as RFC 6266 has it
const disposition = (filename: string): string => {
  const plain = filename.replaceAll(/[^\u0020-\u007e]|["\\]/g, "_")
  return `attachment; filename="${plain}"${plain === filename ? "" : `; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed())}`}`
}

/** The routes of files. */
export const files = (setting: Setting) => {
  const { engine } = setting
  const route = routes(setting)
  return [
    route("POST", "/files", ({ caller, request }) =>
      Effect.gen(function* () {
        const sender = yield* identity(request)
        const { content, upload } = yield* form(request, setting.limits.file)
        return ok(yield* engine.createFile(caller, content, upload, sender))
      }).pipe(Effect.scoped, Effect.provideContext(limits(setting.limits.file)))
    ),
    route("GET", "/files", ({ caller, request }) =>
      Effect.gen(function* () {
        const query = Query.of(request)
        const listed = yield* Query.list(query, page, "desc")
        const purpose = yield* query.text("purpose")
        yield* query.rest
        return ok(yield* engine.listFiles(caller, { ...listed, purpose }))
      })
    ),
    route("GET", "/files/:fileId", ({ caller, param }) =>
      Effect.map(engine.retrieveFile(caller, param("fileId")), (body) => ok(body))
    ),
    route("DELETE", "/files/:fileId", ({ caller, param }) =>
      Effect.map(engine.deleteFile(caller, param("fileId")), (body) => ok(body))
    ),
    route("GET", "/files/:fileId/content", ({ caller, param }) =>
      Effect.map(engine.downloadFile(caller, param("fileId")), ({ bytes, filename, size }) =>
        HttpServerResponse.stream(bytes, {
          contentType: "application/octet-stream",
          contentLength: size,
          headers: { "content-disposition": disposition(filename) }
        })
      )
    )
  ]
}

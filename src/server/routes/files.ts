/** @internal */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Query from "../query.ts"
import { ok } from "../respond.ts"
import { formLimits, readUpload } from "../uploadForm.ts"
import { identity, routes, type Setting } from "./shared.ts"

/** The default and largest page of files, as on the hosted service. */
const page = { largest: 10_000, otherwise: 10_000 }

// RFC 6266: characters that the header does not allow are replaced in `filename` and encoded in `filename*`
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
        const { content, upload } = yield* readUpload(request, setting.limits.file)
        return ok(yield* engine.createFile(caller, content, upload, sender))
      }).pipe(Effect.scoped, Effect.provideContext(formLimits(setting.limits.file)))
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

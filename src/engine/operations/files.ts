/** @internal */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Files from "../../store/Files.ts"
import { sha256 } from "../../store/Objects.ts"
import type { Caller } from "../../store/Projects.ts"
import * as Removals from "../../store/Removals.ts"
import * as Content from "../rows/fileContent.ts"
import * as Expiry from "./Expiry.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import type { Gone } from "../rows/Lines.ts"
import { notFound, Rejection } from "../texts/Rejection.ts"
import { services } from "../runs/services.ts"
import { Sweeper } from "./Sweeper.ts"
import {
  type Answer,
  changeable,
  deletedPosition,
  identified,
  type Identity,
  type Json,
  type ListQuery,
  once,
  pageQuery,
  pageText,
  seconds
} from "./shared.ts"

/** The fields of an upload, except for its content. */
export interface Upload {
  readonly filename: string
  readonly purpose: string
  /** The seconds after which the file expires; undefined if it does not. */
  readonly expiresAfter: number | undefined
}

/** The content of a file. */
export interface Download {
  readonly filename: string
  /** The size in bytes. */
  readonly size: number
  /** The content. The stream has exactly `size` bytes, or fails. */
  readonly bytes: Stream.Stream<Uint8Array, SqlError | Gone>
}

/** Operations on files. Their answers are JSON texts as they are served. */
export interface Operations {
  /**
   * Stores a file while it arrives. `fields` is run after the content was read, since a form may have its fields after
   * the content.
   */
  readonly createFile: <E>(
    caller: Caller,
    content: Stream.Stream<Uint8Array, E>,
    fields: Effect.Effect<Upload, E>,
    identity: Pick<Identity, "key" | "repeated">
  ) => Effect.Effect<string, E | Rejection | SqlError>
  readonly retrieveFile: (caller: Caller, fileId: string) => Answer<string>
  readonly deleteFile: (caller: Caller, fileId: string) => Answer<string>
  readonly listFiles: (caller: Caller, query: ListQuery & { readonly purpose: string | undefined }) => Answer<Json>
  readonly downloadFile: (caller: Caller, fileId: string) => Answer<Download>
}

const place = "/files"

/** Makes the operations over their services. */
export const make: Effect.Effect<Operations, never, SqlClient.SqlClient | IdGenerator | Sweeper | Scope.Scope> =
  Effect.gen(function* () {
    const context = yield* services<SqlClient.SqlClient | IdGenerator | Sweeper>()
    const sql = yield* SqlClient.SqlClient
    const ids = yield* IdGenerator
    const sweeper = yield* Sweeper
    const makeRoom = yield* Expiry.make
    const provided = Effect.provideContext(context)

    const fileOf = Effect.fnUntraced(function* (project: number, fileId: string) {
      const found = yield* Files.find(project, fileId, yield* seconds)
      return found ?? (yield* notFound("file", fileId))
    })

    const remove = (project: number, fileId: string) =>
      Effect.flatMap(sql.withTransaction(Removals.removeFile(project, fileId)), (removal) => sweeper.sweep([removal]))

    return {
      createFile: (caller, content, fields, identity) =>
        Effect.gen(function* () {
          const { createdAt, id } = yield* identified(ids, "file-")
          const discard = Effect.catch(remove(caller.project, id), (error) =>
            Effect.logWarning(`the received part of ${id} stays until the next start: ${error.message}`)
          )
          const stored = (upload: Upload, written: Files.Written) => {
            const { expiresAfter, filename, purpose } = upload
            const expiresAt = expiresAfter === undefined ? null : createdAt + expiresAfter
            const body = JSON.stringify({
              object: "file",
              id,
              purpose,
              filename,
              bytes: written.bytes,
              created_at: createdAt,
              expires_at: expiresAt,
              status: "processed",
              status_details: null
            })
            const contentSha256 = sha256(
              JSON.stringify([written.contentSha256, filename, purpose, expiresAfter ?? null])
            )
            return once(
              caller,
              place,
              { ...identity, contentSha256 },
              (known) =>
                Effect.flatMap(seconds, (now) =>
                  Effect.map(Files.find(caller.project, known, now), (found) => found?.body)
                ),
              Effect.gen(function* () {
                yield* Files.insert(caller, {
                  id,
                  createdAt,
                  origin: "engine",
                  filename,
                  purpose,
                  expiresAt,
                  body,
                  ...written
                })
                yield* Removals.keepFile(caller.project, id)
                return { id, value: body }
              })
            )
          }
          // the pieces of an interrupted upload are discarded; a file that is stored stays, even if the client is gone
          return yield* Effect.uninterruptibleMask((restore) =>
            Effect.gen(function* () {
              yield* Removals.beginFile(caller.project, id)
              const { fresh, value } = yield* restore(
                Effect.gen(function* () {
                  const written = yield* Files.write(caller.project, id, content)
                  return { written, upload: yield* fields }
                })
              ).pipe(
                Effect.flatMap(({ upload, written }) => stored(upload, written)),
                Effect.onError(() => discard)
              )
              if (!fresh) yield* discard
              return value
            })
          )
        }).pipe(
          // an upload is the time to remove expired files; until then nobody can read them
          Effect.ensuring(Effect.flatMap(seconds, makeRoom)),
          provided
        ),

      retrieveFile: (caller, fileId) => Effect.map(fileOf(caller.project, fileId), ({ body }) => body).pipe(provided),

      deleteFile: (caller, fileId) =>
        Effect.gen(function* () {
          const { origin } = yield* fileOf(caller.project, fileId)
          yield* changeable(origin, fileId)
          yield* Effect.uninterruptible(remove(caller.project, fileId))
          return JSON.stringify({ object: "file", deleted: true, id: fileId })
        }).pipe(provided),

      listFiles: (caller, query) =>
        Effect.gen(function* () {
          const now = yield* seconds
          const page = yield* pageQuery(
            query,
            (id) => Files.position(caller.project, id),
            (id) => Effect.succeed(deletedPosition("file-", id))
          )
          return pageText(yield* Files.list(caller.project, page, query.purpose, now))
        }).pipe(provided),

      downloadFile: (caller, fileId) =>
        Effect.gen(function* () {
          // read before the file is looked for: a deletion removes the file first and its pieces later, so the size is whole
          const size = yield* Files.size(caller.project, fileId)
          const { contentSha256, filename, id } = yield* fileOf(caller.project, fileId)
          if (contentSha256 === null) {
            return yield* new Rejection({
              status: 404,
              code: "not_found",
              param: null,
              detail: `The archive knows of ${id}, but does not hold its content.`
            })
          }
          return { filename, size, bytes: Stream.provideContext(Content.whole(caller.project, id, size), context) }
        }).pipe(provided)
    }
  })

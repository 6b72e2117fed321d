/**
 * Reads files: those that the host lists for evals, and those that runs refer to.
 *
 * @internal
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { DecodeError, EvalsError } from "../EvalsError.ts"
import { downloadFile } from "../Files.ts"
import * as Raw from "../Raw.ts"
import { FileId } from "../schema/Ids.ts"
import { type Needs, type Page, pages, type Session } from "./session.ts"
import * as State from "./State.ts"
import { text, whole } from "./looseJson.ts"

/** The size of a stored piece, in bytes. */
const pieceSize = 1024 * 1024

/** How many files are listed at a time. */
const filesPage = 1000

interface Saved {
  readonly stated: number
  readonly hash: string | null
  readonly size: number
}

const isWhole = ({ size, stated }: Pick<Saved, "size" | "stated">): boolean => stated === 0 || stated === size

const savedFile = (project: number, id: string): Effect.Effect<Saved | undefined, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Saved>`
      SELECT coalesce(bytes, 0) AS stated, content_sha256 AS hash,
        (SELECT coalesce(sum(length(content)), 0) FROM file_pieces p WHERE p.project = files.project AND p.file_id = id) AS size
      FROM files WHERE project = ${project} AND id = ${id}`
    return rows[0]
  })

const wrongSize = (id: string, stated: number, size: number): EvalsError =>
  new EvalsError({
    method: "downloadFile",
    reason: new DecodeError({
      message: `the host says that file ${id} has ${stated} bytes, and sent ${size}; they are kept`,
      status: 200,
      body: ""
    })
  })

// Pieces are cut at the same places each time: what an earlier download left, or another process writes meanwhile,
// are the same rows.
const download = (session: Session, id: string): Effect.Effect<number, EvalsError | SqlError, Needs> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { project } = session
    const hash = createHash("sha256")
    const piece = new Uint8Array(pieceSize)
    let filled = 0
    let pieces = 0
    let size = 0
    const flush = Effect.suspend(() => {
      const content = piece.subarray(0, filled)
      filled = 0
      return sql`
        INSERT INTO file_pieces (project, file_id, piece, content) VALUES (${project}, ${id}, ${pieces++}, ${content})
        ON CONFLICT DO UPDATE SET content = excluded.content`
    })
    yield* Stream.runForEach(downloadFile(FileId.make(id)), (bytes) =>
      Effect.gen(function* () {
        hash.update(bytes)
        size += bytes.length
        for (let at = 0; at < bytes.length;) {
          const part = bytes.subarray(at, at + pieceSize - filled)
          piece.set(part, filled)
          filled += part.length
          at += part.length
          if (filled === pieceSize) yield* flush
        }
        yield* session.received(bytes.length)
      })
    )
    if (filled > 0) yield* flush
    yield* sql.withTransaction(
      Effect.andThen(
        sql`DELETE FROM file_pieces WHERE project = ${project} AND file_id = ${id} AND piece >= ${pieces}`,
        sql`UPDATE files SET content_sha256 = ${hash.digest("hex")} WHERE project = ${project} AND id = ${id}`
      )
    )
    return size
  })

const columns = (value: unknown) => ({
  filename: text(value, "filename"),
  purpose: text(value, "purpose"),
  bytes: whole(value, ["bytes"], 0)
})

const storePage = (session: Session, page: Page<ReturnType<typeof columns>>) =>
  Effect.gen(function* () {
    yield* session.store(
      "files",
      page,
      (fields) => fields,
      (now) => State.expectContents(session.project, now)
    )
    session.counts.files.total += page.data.length
  })

const readContent = (session: Session, id: string): Effect.Effect<void, EvalsError | SqlError, Needs> =>
  Effect.gen(function* () {
    const saved = yield* savedFile(session.project, id)
    if (saved?.hash === null || !isWhole(saved ?? { size: 0, stated: 0 })) {
      // a download that breaks off begins anew
      const size = yield* Effect.retry(session.through(download(session, id)), {
        schedule: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 2 })),
        while: (error) => error._tag === "EvalsError" && error.isRetryable
      })
      const stated = saved?.stated ?? 0
      if (!isWhole({ size, stated })) return yield* wrongSize(id, stated, size)
    }
    session.counts.files.done++
    yield* session.report
  })

/** Reads all files with purpose `evals`. */
export const readListed = (session: Session): Effect.Effect<void, SqlError, Needs> =>
  session.named(
    "files",
    "*",
    pages(
      session,
      (after, limit) =>
        Raw.listFilesPage({
          purpose: "evals",
          limit,
          ...(after === undefined ? {} : { after: FileId.make(after) })
        }),
      columns,
      (page) =>
        Effect.andThen(
          storePage(session, page),
          Effect.forEach(page.data, ({ id }) => session.named("files", id, readContent(session, id)), {
            concurrency: session.concurrency,
            discard: true
          })
        ),
      { largest: filesPage }
    )
  )

/** Reads the files that stored runs refer to and no list has shown. */
export const readReferred = (session: Session): Effect.Effect<void, SqlError, Needs> =>
  Effect.flatMap(State.unlistedFiles(session.project), (ids) =>
    Effect.forEach(
      ids.filter((id) => !session.isSetAside("files", id)),
      (id) =>
        session.named(
          "files",
          id,
          Effect.gen(function* () {
            const request = session.page(Raw.single(Raw.retrieveFile(FileId.make(id))), columns)
            const known = yield* savedFile(session.project, id)
            const page = yield* known === undefined
              ? // deleted or expired before the archive: nothing that it could have saved
                Effect.catchReason(request, "EvalsError", "NotFoundError", () => Effect.undefined)
              : request
            if (page === undefined) {
              session.goneFiles.add(id)
              return
            }
            yield* storePage(session, page)
            yield* readContent(session, id)
          })
        ),
      { concurrency: session.concurrency, discard: true }
    )
  )

/**
 * Stored files. The metadata is the JSON that is served. The content is stored in pieces, so that files of any size are
 * written and read in little memory.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { sha256 } from "./Objects.ts"
import { behind, type Listed, type Page, pageOf, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import type { Sql } from "./Sql.ts"

/** The origin of a file: saved from a host, uploaded to the engine, or inline rows of a run. */
export type FileOrigin = "archive" | "engine" | "rows"

/** A stored file. */
export interface StoredFile extends Listed {
  readonly origin: FileOrigin
  readonly filename: string
  readonly bytes: number | null
  /** In Unix seconds. Null: the file does not expire. */
  readonly expiresAt: number | null
  /** The hash of the content. Null if an archive could not save the content. */
  readonly contentSha256: string | null
}

/** The size of a piece in bytes. The last piece of a file may be smaller. */
export const pieceSize = 1024 * 1024

const columns = `id, origin, filename, bytes, expires_at AS "expiresAt", content_sha256 AS "contentSha256", body`

/** Finds an uploaded or archived file that has not expired. `now` is in Unix seconds. */
export const find = (project: number, id: string, now: number): Sql<StoredFile | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<StoredFile>`
      SELECT ${sql.literal(columns)} FROM files
      WHERE project = ${project} AND id = ${id} AND origin <> 'rows' AND (expires_at IS NULL OR expires_at > ${now})`
    return rows[0]
  })

/** Finds a file of any origin, expired or not. */
export const findAny = (project: number, id: string): Sql<StoredFile | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<StoredFile>`
      SELECT ${sql.literal(columns)} FROM files WHERE project = ${project} AND id = ${id}`
    return rows[0]
  })

/** Returns the position of a file in the list. */
export const position = (project: number, id: string): Sql<Position | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Position>`
      SELECT created_at AS at, id FROM files WHERE project = ${project} AND id = ${id} AND origin <> 'rows'`
    return rows[0]
  })

/** Returns a page of files. */
export const list = (project: number, query: PageQuery, purpose: string | undefined, now: number): Sql<Page> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const only = purpose === undefined ? sql`` : sql`AND purpose = ${purpose}`
    const rows = yield* sql<Listed>`
      SELECT id, body FROM files
      WHERE project = ${project} AND origin <> 'rows' AND (expires_at IS NULL OR expires_at > ${now}) ${only}
      ${behind(sql, sql.literal("created_at"), query)}`
    return pageOf(rows, query)
  })

/** Returns expired files, `most` at the most. A file that an unfinished run reads is left out. */
export const expired = (
  now: number,
  most: number
): Sql<ReadonlyArray<{ readonly project: number; readonly id: string }>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql<{ readonly project: number; readonly id: string }>`
      WITH read (project, id) AS (
        SELECT r.project, json_extract(r.body, '$.data_source.source.id')
        FROM run_executions e JOIN runs r ON r.project = e.project AND r.id = e.run_id
        WHERE r.status IN ('queued', 'in_progress') AND r.rows_file IS NULL
      )
      SELECT project, id FROM files
      WHERE expires_at <= ${now} AND origin = 'engine'
        AND (project, id) NOT IN (SELECT project, id FROM read WHERE id IS NOT NULL)
      LIMIT ${most}`
  })

/** Stores the metadata of a file after its pieces. */
export const insert = (
  caller: Caller,
  file: {
    readonly id: string
    readonly createdAt: number
    readonly origin: "engine" | "rows"
    readonly filename: string
    readonly purpose: string
    readonly expiresAt: number | null
    readonly body: string
  } & Written
): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`INSERT INTO files ${sql.insert({
        project: caller.project,
        id: file.id,
        created_at: file.createdAt,
        created_by: caller.createdBy,
        origin: file.origin,
        filename: file.filename,
        purpose: file.purpose,
        bytes: file.bytes,
        content_sha256: file.contentSha256,
        expires_at: file.expiresAt,
        body: file.body,
        sha256: sha256(file.body)
      })}`
    )
  )

// =============================================================================
// content
// =============================================================================

/** The size and the hash of a written content. */
export interface Written {
  readonly bytes: number
  readonly contentSha256: string
}

/** Writes a content in pieces as it arrives. Keeps one piece in memory. Replaces the pieces of an earlier write. */
export const write = <E, R>(
  project: number,
  id: string,
  content: Stream.Stream<Uint8Array, E, R>
): Effect.Effect<Written, E | SqlError, R | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const hash = createHash("sha256")
    let piece = new Uint8Array(64 * 1024)
    let filled = 0
    let pieces = 0
    let bytes = 0
    const flush = Effect.suspend(() => {
      const part = piece.subarray(0, filled)
      filled = 0
      return Effect.andThen(
        sql`
          INSERT INTO file_pieces (project, file_id, piece, content) VALUES (${project}, ${id}, ${pieces++}, ${part})
          ON CONFLICT DO UPDATE SET content = excluded.content`,
        // without the yield, a content that is in memory would be written in one go and block other fibers
        Effect.yieldNow
      )
    })
    // one function for all chunks: a closure for each chunk would keep its chunk in memory for long
    const take = Effect.fnUntraced(function* (chunk: Uint8Array) {
      hash.update(chunk)
      bytes += chunk.length
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + pieceSize - filled)
        if (filled + part.length > piece.length) {
          // most contents are small: the buffer grows as needed
          const larger = new Uint8Array(Math.min(pieceSize, Math.max(filled + part.length, piece.length * 4)))
          larger.set(piece.subarray(0, filled))
          piece = larger
        }
        piece.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === pieceSize) yield* flush
      }
    })
    yield* Stream.runForEach(content, take)
    if (filled > 0) yield* flush
    return { bytes, contentSha256: hash.digest("hex") }
  })

const readPiece = Effect.fnUntraced(function* (
  project: number,
  id: string,
  piece: number
): Effect.fn.Return<Uint8Array | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly content: Uint8Array }>`
    SELECT content FROM file_pieces WHERE project = ${project} AND file_id = ${id} AND piece = ${piece}`
  return rows[0]?.content
})

/** Returns the first piece of a file. */
export const firstPiece = (project: number, id: string): Sql<Uint8Array | undefined> => readPiece(project, id, 0)

/** Returns the stored size of a file in bytes. It may differ from the size that the host stated. */
export const size = (project: number, id: string): Sql<number> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly piece: number; readonly length: number }>`
      SELECT piece, length(content) AS length FROM file_pieces WHERE project = ${project} AND file_id = ${id}
      ORDER BY piece DESC LIMIT 1`
    return rows[0] === undefined ? 0 : rows[0].piece * pieceSize + rows[0].length
  })

/** Streams the content of a file from an offset in bytes. Each piece is a query of its own, with a yield before it. */
export const content = (
  project: number,
  id: string,
  from = 0
): Stream.Stream<Uint8Array, SqlError, SqlClient.SqlClient> =>
  Stream.paginate(Math.floor(from / pieceSize), (piece: number) =>
    // SQLite is synchronous: without the yield, a large file would block other fibers
    Effect.map(Effect.andThen(Effect.yieldNow, readPiece(project, id, piece)), (found) => {
      if (found === undefined) return [[], Option.none<number>()] as const
      const skipped = from - piece * pieceSize
      return [[skipped > 0 ? found.subarray(skipped) : found], Option.some(piece + 1)] as const
    })
  )

/** Records of created objects by request, so that a retried request does not create a second object. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Sql } from "./Sql.ts"

/** The path of the list to which the created object belongs. */
export type Place = string

/** An object that an earlier request created. */
export interface Creation {
  readonly id: string
  readonly contentSha256: string
}

const columns = `id, content_sha256 AS "contentSha256"`

/** Finds the object that a request with this key created at or after `since` (Unix seconds). */
export const byKey = (project: number, place: Place, key: string, since: number): Sql<Creation | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Creation>`
      SELECT ${sql.literal(columns)} FROM creations
      WHERE project = ${project} AND place = ${place} AND key = ${key} AND created_at >= ${since}`
    return rows[0]
  })

/** Finds the last object that a request with this content created at or after `since` (Unix seconds). */
export const byContent = (
  project: number,
  place: Place,
  contentSha256: string,
  since: number
): Sql<Creation | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Creation>`
      SELECT ${sql.literal(columns)} FROM creations
      WHERE project = ${project} AND place = ${place} AND content_sha256 = ${contentSha256} AND created_at >= ${since}
      ORDER BY created_at DESC, id DESC LIMIT 1`
    return rows[0]
  })

/** Records a creation. Replaces an expired record with the same key. */
export const insert = (project: number, place: Place, key: string, creation: Creation, createdAt: number): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      INSERT INTO creations (project, place, key, content_sha256, id, created_at)
      VALUES (${project}, ${place}, ${key}, ${creation.contentSha256}, ${creation.id}, ${createdAt})
      ON CONFLICT (project, place, key) DO UPDATE
      SET content_sha256 = excluded.content_sha256, id = excluded.id, created_at = excluded.created_at`
  })

/** Deletes the records from before `until` (Unix seconds). */
export const forget = (until: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.asVoid(sql`DELETE FROM creations WHERE created_at < ${until}`))

/**
 * Stored evals.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { sha256 } from "./Objects.ts"
import { behind, type Page, pageOf, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import type { Sql } from "./Sql.ts"

/** The origin of an object: saved from a host, or created by the engine. */
export type Origin = "archive" | "engine"

/** A stored eval, with the JSON that is served. */
export interface StoredEval {
  readonly id: string
  readonly body: string
  readonly origin: Origin
}

/** The column that orders a list of evals. */
export type OrderBy = "created_at" | "updated_at"

/** Stores a new eval. */
export const insert = (
  caller: Caller,
  one: {
    readonly id: string
    readonly createdAt: number
    readonly body: string
    /** The text of the definition, for {@link findByDefinition}. */
    readonly definition: string
  }
): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`INSERT INTO evals ${sql.insert({
        project: caller.project,
        id: one.id,
        created_at: one.createdAt,
        created_by: caller.createdBy,
        origin: "engine",
        body: one.body,
        sha256: sha256(one.body),
        definition_sha256: sha256(one.definition)
      })}`
    )
  )

/** Finds an eval. */
export const find = Effect.fnUntraced(function* (
  project: number,
  id: string
): Effect.fn.Return<StoredEval | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<StoredEval>`SELECT id, body, origin FROM evals WHERE project = ${project} AND id = ${id}`
  return rows[0]
})

/** Finds the newest eval that the engine created from a definition. */
export const findByDefinition = (project: number, definition: string): Sql<string | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: string }>`
      SELECT id FROM evals WHERE project = ${project} AND definition_sha256 = ${sha256(definition)}
      ORDER BY created_at DESC, id DESC LIMIT 1`
    return rows[0]?.id
  })

/** Replaces the JSON of an eval. */
export const update = (project: number, id: string, body: string, updatedAt: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`
        UPDATE evals SET body = ${body}, sha256 = ${sha256(body)}, updated_at = ${updatedAt}, definition_sha256 = NULL
        WHERE project = ${project} AND id = ${id}`
    )
  )

/** Deletes an eval. Its runs stay. */
export const remove = (project: number, id: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM evals WHERE project = ${project} AND id = ${id}`)
  )

const column = (sql: SqlClient.SqlClient, orderBy: OrderBy) =>
  sql.literal(orderBy === "created_at" ? "created_at" : "coalesce(updated_at, created_at)")

/** Returns the position of an eval in a list. */
export const position = (project: number, id: string, orderBy: OrderBy): Sql<Position | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Position>`
      SELECT ${column(sql, orderBy)} AS at, id FROM evals WHERE project = ${project} AND id = ${id}`
    return rows[0]
  })

/** Returns a page of evals. */
export const list = (project: number, query: PageQuery, orderBy: OrderBy): Sql<Page> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: string; readonly body: string }>`
      SELECT id, body FROM evals WHERE project = ${project} ${behind(sql, column(sql, orderBy), query)}`
    return pageOf(rows, query)
  })

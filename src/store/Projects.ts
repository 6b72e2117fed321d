/**
 * Whose objects they are. A server of one user has one project; the tables are
 * ready for many.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as Objects from "./Objects.ts"
import type { Sql } from "./Sql.ts"

/** On whose behalf something is read or written. */
export interface Caller {
  /** The project's number in this database. */
  readonly project: number
  /** Who it is; empty where a server has one user. */
  readonly createdBy: string
}

/** The project of a database that holds none yet. */
export const defaultName = "default"

/** The names of all projects, with their numbers. */
export const all: Sql<ReadonlyMap<string, number>> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly name: string; readonly project: number }>`
    SELECT name, project FROM projects ORDER BY project`
  return new Map(rows.map(({ name, project }) => [name, project]))
})

/** Finds a project by its name, or makes it. `now` is in Unix seconds. */
export const findOrCreate = (name: string, now: number): Sql<number> => Objects.project(name, null, now)

/** Projects: every object belongs to one. A server for one user has one project; the tables allow several. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as Objects from "./Objects.ts"
import type { Sql } from "./Sql.ts"

/** The project and the user of a request. */
export interface Caller {
  /** The id of the project in this database. */
  readonly project: number
  /** The name of the user. Empty for a server with one user. */
  readonly createdBy: string
}

/** The name of the project that is created in an empty database. */
export const defaultName = "default"

/** Returns the ids of all projects by name. */
export const all: Sql<ReadonlyMap<string, number>> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly name: string; readonly project: number }>`
    SELECT name, project FROM projects ORDER BY project`
  return new Map(rows.map(({ name, project }) => [name, project]))
})

/** Finds a project by its name, or creates it. `now` is in Unix seconds. */
export const findOrCreate = (name: string, now: number): Sql<number> => Objects.project(name, null, now)

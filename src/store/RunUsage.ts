/**
 * The things that runs spend on models, the ceilings of single runs, and the money of a day.
 *
 * A run that asks no model has no entry. The texts are JSON.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Sql } from "./Sql.ts"

/** The entry of a run. */
export interface RunUsage {
  /** The things that were spent. */
  readonly spent: string | null
  /** The things that were spent before the present budget began. Null for the first budget. */
  readonly since: string | null
  /** The ceilings of this run alone. */
  readonly ceilings: string | null
}

/**
 * The column of a run with its usage, as a query of `runs` selects it: null, or an object with `spent` and `stopped`,
 * each of which may be null.
 */
export const column = `(SELECT json_object('spent', json(u.spent), 'stopped', json(u.stopped)) FROM run_usage u
  WHERE u.project = runs.project AND u.run_id = runs.id)`

/** Returns the entry of a run. */
export const find = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<RunUsage | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<RunUsage>`
    SELECT spent, since, ceilings FROM run_usage WHERE project = ${project} AND run_id = ${runId}`
  return rows[0]
})

/** Stores the ceilings of a new run. */
export const insertCeilings = (project: number, runId: string, ceilings: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`INSERT INTO run_usage (project, run_id, ceilings) VALUES (${project}, ${runId}, ${ceilings})`)
  )

/** Stores new ceilings of a run. */
export const replaceCeilings = (project: number, runId: string, ceilings: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`INSERT INTO run_usage (project, run_id, ceilings) VALUES (${project}, ${runId}, ${ceilings})
      ON CONFLICT (project, run_id) DO UPDATE SET ceilings = excluded.ceilings`)
  )

/** Stores what a run has spent so far. A run that was deleted stays deleted. */
export const store = (project: number, runId: string, spent: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`INSERT INTO run_usage (project, run_id, spent)
      SELECT project, id, ${spent} FROM runs WHERE project = ${project} AND id = ${runId}
      ON CONFLICT (project, run_id) DO UPDATE SET spent = excluded.spent`)
  )

/** Stores why a run was stopped. */
export const stop = (project: number, runId: string, stopped: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`INSERT INTO run_usage (project, run_id, stopped) VALUES (${project}, ${runId}, ${stopped})
      ON CONFLICT (project, run_id) DO UPDATE SET stopped = excluded.stopped`)
  )

/** Begins a new budget of a run: what was spent before does not count, and the run is not stopped any more. */
export const renew = (project: number, runId: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`UPDATE run_usage SET since = spent, stopped = NULL WHERE project = ${project} AND run_id = ${runId}`
    )
  )

/** Adds to the money of a day. The value is the sum. */
export const addCost = (day: string, cost: number): Sql<number> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly cost: number }>`INSERT INTO model_costs (day, cost) VALUES (${day}, ${cost})
      ON CONFLICT (day) DO UPDATE SET cost = cost + excluded.cost RETURNING cost`
    return rows[0]?.cost ?? cost
  })

/** Returns the money of a day. */
export const costOf = (day: string): Sql<number> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly cost: number }>`SELECT cost FROM model_costs WHERE day = ${day}`
    return rows[0]?.cost ?? 0
  })

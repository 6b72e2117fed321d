/**
 * Stored runs.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Origin } from "./Evals.ts"
import { sha256 } from "./Objects.ts"
import { behind, type Listed, type Page, pageOf, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import * as RunUsage from "./RunUsage.ts"
import type { Sql } from "./Sql.ts"

/** A stored run. */
export interface StoredRun extends Listed {
  readonly evalId: string
  readonly status: string
  readonly origin: Origin
  readonly createdBy: string
  /** The file with the inline rows of the request. The body has an empty list in their place. */
  readonly rowsFile: string | null
  /** The spending of the run on models, and the reason of its stop ({@link RunUsage.column}). */
  readonly usage: string | null
}

const columns = `id, eval_id AS "evalId", status, origin, created_by AS "createdBy", rows_file AS "rowsFile", body,
  ${RunUsage.column} AS "usage"`

/** Stores a new run and its pending execution. */
export const insert = (
  caller: Caller,
  run: {
    readonly id: string
    readonly evalId: string
    readonly createdAt: number
    readonly status: string
    readonly body: string
    readonly rowsFile: string | null
  }
): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO runs ${sql.insert({
      project: caller.project,
      id: run.id,
      eval_id: run.evalId,
      status: run.status,
      created_at: run.createdAt,
      created_by: caller.createdBy,
      origin: "engine",
      body: run.body,
      sha256: sha256(run.body),
      rows_file: run.rowsFile
    })}`
    yield* expectExecution(caller.project, run.id)
  })

/** Finds a run of an eval. */
export const find = Effect.fnUntraced(function* (
  project: number,
  evalId: string,
  id: string
): Effect.fn.Return<StoredRun | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<StoredRun>`
    SELECT ${sql.literal(columns)} FROM runs WHERE project = ${project} AND id = ${id} AND eval_id = ${evalId}`
  return rows[0]
})

/** Finds a run of any eval by its id. */
export const findById = Effect.fnUntraced(function* (
  project: number,
  id: string
): Effect.fn.Return<StoredRun | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<StoredRun>`
    SELECT ${sql.literal(columns)} FROM runs WHERE project = ${project} AND id = ${id}`
  return rows[0]
})

/** Returns the status of a run, or undefined if it does not exist. */
export const statusOf = Effect.fnUntraced(function* (
  project: number,
  id: string
): Effect.fn.Return<string | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly status: string }>`
    SELECT status FROM runs WHERE project = ${project} AND id = ${id}`
  return rows[0]?.status
})

/** Updates the status and the JSON of a run. */
export const update = (project: number, id: string, status: string, body: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`UPDATE runs SET status = ${status}, body = ${body}, sha256 = ${sha256(body)} WHERE project = ${project} AND id = ${id}`
    )
  )

/** Returns the position of a run in the list of its eval. */
export const position = (project: number, evalId: string, id: string): Sql<Position | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Position>`
      SELECT created_at AS at, id FROM runs WHERE project = ${project} AND id = ${id} AND eval_id = ${evalId}`
    return rows[0]
  })

/** Returns a page of the runs of an eval. */
export const list = (
  project: number,
  evalId: string,
  query: PageQuery,
  status: string | undefined
): Sql<Page<StoredRun>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const only = status === undefined ? sql`` : sql`AND status = ${status}`
    const rows = yield* sql<StoredRun>`
      SELECT ${sql.literal(columns)} FROM runs WHERE project = ${project} AND eval_id = ${evalId} ${only}
      ${behind(sql, sql.literal("created_at"), query)}`
    return pageOf(rows, query)
  })

// =============================================================================
// executions
// =============================================================================

/** A pending execution. Its run may have been deleted. */
export interface Execution {
  readonly project: number
  readonly runId: string
}

/** All pending executions. */
export const executions: Sql<ReadonlyArray<Execution>> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Execution>`
    SELECT project, run_id AS "runId" FROM run_executions ORDER BY run_id`
})

/** Stores the pending execution of a run. */
export const expectExecution = (project: number, runId: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`INSERT INTO run_executions (project, run_id) VALUES (${project}, ${runId}) ON CONFLICT DO NOTHING`
    )
  )

/** Deletes a pending execution after it has ended. The execution of a run that was retried meanwhile stays pending. */
export const forgetExecution = (project: number, runId: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`DELETE FROM run_executions WHERE project = ${project} AND run_id = ${runId} AND NOT EXISTS (
        SELECT 1 FROM runs WHERE project = ${project} AND id = ${runId} AND status IN ('queued', 'in_progress')
      )`
    )
  )

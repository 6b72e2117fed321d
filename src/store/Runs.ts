/**
 * Stored runs. What a run counts is derived from its batches: a batch and the
 * items in it are stored in one transaction, so nothing is counted twice.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { at } from "../schema/fields.ts"
import { guard } from "../schema/guard.ts"
import * as Run from "../schema/Run.ts"
import type { Origin } from "./Evals.ts"
import * as ModelUsage from "./ModelUsage.ts"
import { sha256 } from "./Objects.ts"
import { behind, type Listed, type Page, pageOf, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import type { Sql } from "./Sql.ts"

/** A stored run. */
export interface StoredRun extends Listed {
  readonly evalId: string
  readonly status: string
  readonly origin: Origin
  readonly createdBy: string
  /** The file that holds the rows which the request brought; the body has an empty list in their place. */
  readonly rowsFile: string | null
}

/** Why items are errored. */
export interface ErrorCause {
  readonly code: string
  readonly message: string
}

/** Items by outcome, in all and for each criterion. */
export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly errored: number
  /** How many items passed each criterion, and how many did not; in the criteria's order. */
  readonly criteria: ReadonlyArray<readonly [passed: number, failed: number]>
  /** Where all items are errored, and of one code: the first of their errors. Else null. */
  readonly cause: ErrorCause | null
  /** The tokens that the samples took, by model. */
  readonly usage: ReadonlyArray<ModelUsage.ModelUsage>
}

/** How far a run is: where the next row begins. */
export interface Progress {
  /** The next row, from 0. */
  readonly row: number
  /** The offset of its line in the file. */
  readonly byte: number
  /** The number of its line, from 1. */
  readonly line: number
}

/** Some rows of a run that were judged together. */
export interface Batch extends Totals {
  /** Its first row. */
  readonly first: number
  /** What follows it. */
  readonly next: Progress
}

const columns = `id, eval_id AS "evalId", status, origin, created_by AS "createdBy", rows_file AS "rowsFile", body`

/** Stores a new run, and that it is to be executed. */
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
    yield* sql`INSERT INTO run_executions (project, run_id) VALUES (${caller.project}, ${run.id})`
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

/** Finds a run by its id alone. */
export const findById = Effect.fnUntraced(function* (
  project: number,
  id: string
): Effect.fn.Return<StoredRun | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<StoredRun>`
    SELECT ${sql.literal(columns)} FROM runs WHERE project = ${project} AND id = ${id}`
  return rows[0]
})

/** Returns the status of a run, or undefined where there is no such run. */
export const statusOf = Effect.fnUntraced(function* (
  project: number,
  id: string
): Effect.fn.Return<string | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly status: string }>`
    SELECT status FROM runs WHERE project = ${project} AND id = ${id}`
  return rows[0]?.status
})

/** Changes the status and the text of a run. */
export const update = (project: number, id: string, status: string, body: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`UPDATE runs SET status = ${status}, body = ${body}, sha256 = ${sha256(body)} WHERE project = ${project} AND id = ${id}`
    )
  )

/** The place of a run among those of its eval. */
export const position = (project: number, evalId: string, id: string): Sql<Position | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Position>`
      SELECT created_at AS at, id FROM runs WHERE project = ${project} AND id = ${id} AND eval_id = ${evalId}`
    return rows[0]
  })

/** A page of an eval's runs. */
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
// batches
// =============================================================================

/** Where a run goes on, or undefined where nothing of it is judged. */
export const progress = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<Progress | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Progress>`
    SELECT first + items AS "row", next_byte AS byte, next_line AS line FROM run_batches
    WHERE project = ${project} AND run_id = ${runId} ORDER BY first DESC LIMIT 1`
  return rows[0]
})

/**
 * Stores a batch; one without items is a place to go on from, and gives way to the
 * next. One with items that is there already is an error of the database, and
 * takes its transaction back.
 */
export const insertBatch = (project: number, runId: string, batch: Batch): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.andThen(
      sql`DELETE FROM run_batches
        WHERE project = ${project} AND run_id = ${runId} AND first = ${batch.first} AND items = 0`,
      sql`INSERT INTO run_batches ${sql.insert({
        project,
        run_id: runId,
        first: batch.first,
        items: batch.next.row - batch.first,
        passed: batch.passed,
        failed: batch.failed,
        errored: batch.errored,
        criteria: JSON.stringify(batch.criteria),
        cause: batch.cause === null ? null : JSON.stringify(batch.cause),
        usage: batch.usage.length === 0 ? null : JSON.stringify(batch.usage),
        next_byte: batch.next.byte,
        next_line: batch.next.line
      })}`
    )
  )

const pairs = (text: string): Totals["criteria"] => {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed)
    ? parsed.map((pair: unknown) =>
        Array.isArray(pair) ? ([Number(pair[0]), Number(pair[1])] as const) : ([0, 0] as const)
      )
    : []
}

const isUsage = guard(Run.ModelUsage)

const usageOf = (text: string | null): ReadonlyArray<ModelUsage.ModelUsage> => {
  const parsed: unknown = text === null ? [] : JSON.parse(text)
  return Array.isArray(parsed) ? parsed.filter(isUsage) : []
}

const causeOf = (text: string | null): ErrorCause | null => {
  if (text === null) return null
  const parsed: unknown = JSON.parse(text)
  return { code: String(at(parsed, "code")), message: String(at(parsed, "message")) }
}

// where there is no code, the message tells
const isSame = (one: ErrorCause, other: ErrorCause): boolean =>
  one.code === other.code && (one.code !== "" || one.message === other.message)

/** What several have for a cause, the first of them; null where they differ, or one has none. */
export const commonCause = (causes: Iterable<ErrorCause | null>): ErrorCause | null => {
  let common: ErrorCause | null = null
  for (const cause of causes) {
    if (cause === null || (common !== null && !isSame(common, cause))) return null
    common ??= cause
  }
  return common
}

/** What a run counts so far. */
export const totals = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<Totals, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{
    readonly passed: number
    readonly failed: number
    readonly errored: number
    readonly criteria: string
    readonly items: number
    readonly cause: string | null
    readonly usage: string | null
  }>`
    SELECT passed, failed, errored, criteria, items, cause, usage FROM run_batches
    WHERE project = ${project} AND run_id = ${runId} ORDER BY first`
  const criteria: Array<[number, number]> = []
  let passed = 0
  let failed = 0
  let errored = 0
  for (const row of rows) {
    passed += row.passed
    failed += row.failed
    errored += row.errored
    pairs(row.criteria).forEach(([ok, not], index) => {
      const sum = (criteria[index] ??= [0, 0])
      sum[0] += ok
      sum[1] += not
    })
  }
  const causes = rows.filter(({ items }) => items > 0).map(({ cause }) => causeOf(cause))
  const usage = ModelUsage.sum(
    rows.flatMap((row) => usageOf(row.usage)),
    ModelUsage.mostModels
  )
  return { passed, failed, errored, criteria, cause: commonCause(causes), usage }
})

// =============================================================================
// executions
// =============================================================================

/** A run that is to be executed, or whose execution is not forgotten yet; the run itself may be gone. */
export interface Execution {
  readonly project: number
  readonly runId: string
}

/** All executions that were not forgotten. */
export const executions: Sql<ReadonlyArray<Execution>> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Execution>`
    SELECT project, run_id AS "runId" FROM run_executions ORDER BY run_id`
})

/** Forgets an execution that has ended. */
export const forgetExecution = (project: number, runId: string): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM run_executions WHERE project = ${project} AND run_id = ${runId}`)
  )

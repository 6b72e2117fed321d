/**
 * Finished rows of runs that ask models, and of runs that are retried.
 *
 * Such rows finish in any order. The rows up to the first unfinished one are counted in batches (`RunBatches.ts`). Those
 * above it are kept here, each with its outcome, until the rows before them are finished too.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { guard } from "../schema/guard.ts"
import * as Run from "../schema/Run.ts"
import type { Sql } from "./Sql.ts"

/** The outcome of a row, as far as the results of its run need it. */
export const RowOutcome = Schema.Struct({
  status: Schema.Literals(["pass", "fail", "error"]),
  /** Whether each criterion passed, in their order. */
  passed: Schema.Array(Schema.Boolean),
  /** The error of an errored row. */
  cause: Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String })),
  /** The tokens of its sample and its judges, by model. */
  usage: Schema.Array(Run.ModelUsage),
  /** Whether an errored row is executed again. It counts as errored until then. */
  again: Schema.optionalKey(Schema.Literal(true))
})
/** The outcome of a row, as far as the results of its run need it. */
export type RowOutcome = typeof RowOutcome.Type

/** A finished row. */
export interface FinishedRow {
  /** Its index, from 0. */
  readonly row: number
  readonly outcome: RowOutcome
}

const isOutcome = guard(RowOutcome)

const parse = (text: string): RowOutcome | undefined => {
  const parsed: unknown = JSON.parse(text)
  return isOutcome(parsed) ? parsed : undefined
}

/** Returns the finished rows of a run above its batches, in their order. */
export const list = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<ReadonlyArray<FinishedRow>, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly row: number; readonly outcome: string }>`
    SELECT row, outcome FROM run_rows WHERE project = ${project} AND run_id = ${runId} ORDER BY row`
  // the rows of a run that is retried are many, and most of them have the same outcome
  const outcomes = new Map<string, RowOutcome | undefined>()
  return rows.flatMap(({ outcome: text, row }) => {
    if (!outcomes.has(text)) outcomes.set(text, parse(text))
    const outcome = outcomes.get(text)
    return outcome === undefined ? [] : [{ row, outcome }]
  })
})

/** An outcome and the number of rows that have it. */
export interface OutcomeCount {
  readonly outcome: RowOutcome
  readonly count: number
}

/** Returns the outcomes of the finished rows of a run above its batches, in the order of their first rows. */
export const outcomes = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<ReadonlyArray<OutcomeCount>, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly outcome: string; readonly count: number }>`
    SELECT outcome, count(*) AS count FROM run_rows WHERE project = ${project} AND run_id = ${runId}
    GROUP BY outcome ORDER BY min(row)`
  return rows.flatMap(({ count, outcome: text }) => {
    const outcome = parse(text)
    return outcome === undefined ? [] : [{ outcome, count }]
  })
})

/** Whether a run has finished rows above its batches. */
export const hasSome = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<boolean, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`SELECT 1 FROM run_rows WHERE project = ${project} AND run_id = ${runId} LIMIT 1`
  return rows.length > 0
})

/** Stores finished rows. A row that is stored already gets the new outcome. */
export const insert = (project: number, runId: string, rows: ReadonlyArray<FinishedRow>): Sql<void> =>
  rows.length === 0
    ? Effect.void
    : Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.asVoid(sql`INSERT INTO run_rows (project, run_id, row, outcome)
          SELECT ${project}, ${runId}, value ->> '$.row', value -> '$.outcome' FROM json_each(${JSON.stringify(rows)})
          WHERE true ON CONFLICT (project, run_id, row) DO UPDATE SET outcome = excluded.outcome`)
      )

/** Deletes the rows below an index, which a batch counts now. */
export const removeBelow = (project: number, runId: string, row: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM run_rows WHERE project = ${project} AND run_id = ${runId} AND row < ${row}`)
  )

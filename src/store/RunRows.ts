/**
 * Finished rows of runs that ask models.
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
  usage: Schema.Array(Run.ModelUsage)
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

/** Returns the finished rows of a run above its batches, in their order. */
export const list = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<ReadonlyArray<FinishedRow>, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly row: number; readonly outcome: string }>`
    SELECT row, outcome FROM run_rows WHERE project = ${project} AND run_id = ${runId} ORDER BY row`
  return rows.flatMap(({ outcome, row }) => {
    const parsed: unknown = JSON.parse(outcome)
    return isOutcome(parsed) ? [{ row, outcome: parsed }] : []
  })
})

/** Stores finished rows. */
export const insert = (project: number, runId: string, rows: ReadonlyArray<FinishedRow>): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const { outcome, row } of rows) {
      yield* sql`INSERT INTO run_rows (project, run_id, row, outcome)
        VALUES (${project}, ${runId}, ${row}, ${JSON.stringify(outcome)})`
    }
  })

/** Deletes the rows below an index, which a batch counts now. */
export const removeBelow = (project: number, runId: string, row: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM run_rows WHERE project = ${project} AND run_id = ${runId} AND row < ${row}`)
  )

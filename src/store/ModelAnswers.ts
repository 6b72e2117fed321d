/**
 * Answers of models to rows that are not finished. An answer is stored when it arrives, and deleted in the transaction
 * that stores the item of its row: so no answer is paid for twice, however the process ends.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Sql } from "./Sql.ts"

/** A stored answer. */
export interface ModelAnswer {
  /** The index of the row, from 0. */
  readonly row: number
  /** The question that was answered. It is unique within the row. */
  readonly step: string
  readonly body: string
}

/** Returns the answers that are stored for a run. */
export const list = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<ReadonlyArray<ModelAnswer>, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<ModelAnswer>`
    SELECT row, step, body FROM model_answers WHERE project = ${project} AND run_id = ${runId}`
})

/** Stores answers. An answer that is stored already stays. */
export const insert = (project: number, runId: string, answers: ReadonlyArray<ModelAnswer>): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const { body, row, step } of answers) {
      yield* sql`INSERT INTO model_answers (project, run_id, row, step, body)
        VALUES (${project}, ${runId}, ${row}, ${step}, ${body}) ON CONFLICT DO NOTHING`
    }
  })

/** Deletes the answers of a row. */
export const removeRow = (project: number, runId: string, row: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM model_answers WHERE project = ${project} AND run_id = ${runId} AND row = ${row}`)
  )

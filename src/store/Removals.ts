/**
 * Deletes large objects. The object disappears at once. Its items or pieces are deleted in small steps, so that other
 * queries are not delayed. The next process continues an unfinished deletion.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Sql } from "./Sql.ts"

/** The remaining rows of a deleted run or file. */
export interface Removal {
  readonly project: number
  readonly kind: "runs" | "files"
  readonly id: string
}

/** Returns all unfinished deletions. */
export const pending: Sql<ReadonlyArray<Removal>> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Removal>`SELECT project, kind, id FROM removals ORDER BY kind, id`
})

const remember = (removal: Removal): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(
      sql`INSERT INTO removals (project, kind, id) VALUES (${removal.project}, ${removal.kind}, ${removal.id})
        ON CONFLICT DO NOTHING`
    )
  )

/** Marks a file as being written. Without {@link keepFile}, a later sweep deletes its pieces. */
export const beginFile = (project: number, id: string): Sql<void> => remember({ project, kind: "files", id })

/** Marks a file as complete. */
export const keepFile = (project: number, id: string): Sql<void> => settle({ project, kind: "files", id })

/** Deletes a file. {@link sweep} deletes its pieces. */
export const removeFile = (project: number, id: string): Sql<Removal> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const removal: Removal = { project, kind: "files", id }
    yield* sql`DELETE FROM files WHERE project = ${project} AND id = ${id}`
    yield* remember(removal)
    return removal
  })

/** Deletes a run and the file of its rows. {@link sweep} deletes its items. */
export const removeRun = (project: number, id: string, rowsFile: string | null): Sql<ReadonlyArray<Removal>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const removal: Removal = { project, kind: "runs", id }
    yield* sql`DELETE FROM runs WHERE project = ${project} AND id = ${id}`
    yield* remember(removal)
    return rowsFile === null ? [removal] : [removal, yield* removeFile(project, rowsFile)]
  })

/** The number of rows that one statement deletes. */
const slice = 1000

const settle = ({ id, kind, project }: Removal): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`DELETE FROM removals WHERE project = ${project} AND kind = ${kind} AND id = ${id}`)
  )

const sweepItems = (project: number, runId: string): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found = yield* sql<{ readonly last: number | null }>`
      SELECT max(datasource_item_id) AS last FROM output_items WHERE project = ${project} AND run_id = ${runId}`
    const last = found[0]?.last ?? -1
    for (let end = slice; end - slice <= last; end += slice) {
      yield* sql`
        DELETE FROM output_items WHERE project = ${project} AND run_id = ${runId} AND datasource_item_id < ${end}`
      yield* Effect.yieldNow
    }
    for (const table of ["run_batches", "run_rows", "model_answers", "run_usage"]) {
      yield* sql`DELETE FROM ${sql(table)} WHERE project = ${project} AND run_id = ${runId}`
    }
  })

const sweepPieces = (project: number, fileId: string): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found = yield* sql<{ readonly last: number | null }>`
      SELECT max(piece) AS last FROM file_pieces WHERE project = ${project} AND file_id = ${fileId}`
    for (let piece = found[0]?.last ?? -1; piece >= 0; piece--) {
      yield* sql`DELETE FROM file_pieces WHERE project = ${project} AND file_id = ${fileId} AND piece >= ${piece}`
      yield* Effect.yieldNow
    }
  })

/** Deletes the remaining rows of a deleted run or file. */
export const sweep = (removal: Removal): Sql<void> =>
  Effect.andThen(
    removal.kind === "runs" ? sweepItems(removal.project, removal.id) : sweepPieces(removal.project, removal.id),
    settle(removal)
  )

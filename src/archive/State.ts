/**
 * The state of an archive that is kept between calls, in addition to the objects.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Kind } from "../store/Objects.ts"
import type { Sql } from "../store/Sql.ts"
import type { Problem, Shortfall } from "./Report.ts"

/** The state of reading the items of a run. */
export interface RunState {
  /** The last item that was read. Null: the list starts at its beginning. */
  readonly cursor: string | null
  readonly complete: boolean
  /** The number of stored items. */
  readonly stored: number
}

/** Returns the state of reading the items of a run. */
export const runState = (project: number, runId: string): Sql<RunState> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly cursor: string | null; readonly complete: number; readonly stored: number }>`
      SELECT cursor, complete,
        (SELECT count(*) FROM output_items i WHERE i.project = r.project AND i.run_id = r.run_id) AS stored
      FROM archive_runs r WHERE project = ${project} AND run_id = ${runId}`
    const row = rows[0]
    return { cursor: row?.cursor ?? null, complete: row?.complete === 1, stored: row?.stored ?? 0 }
  })

/** Stores the cursor of a run. */
export const setCursor = (project: number, runId: string, cursor: string | null): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      UPDATE archive_runs SET cursor = ${cursor}, complete = 0 WHERE project = ${project} AND run_id = ${runId}`
  })

/** Stores that the list of a run was read to its end. A finished run is complete if all counted items are stored. */
export const settle = (project: number, runId: string, ended: boolean): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      UPDATE archive_runs SET cursor = NULL, complete = ${ended} AND total <= (
        SELECT count(*) FROM output_items i WHERE i.project = archive_runs.project AND i.run_id = archive_runs.run_id)
      WHERE project = ${project} AND run_id = ${runId}`
  })

/** Returns the finished runs with fewer stored items than they count. */
export const shortfalls = (project: number): Sql<ReadonlyArray<Shortfall>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // the stored items are counted now, since another process may be reading the same runs
    return yield* sql<Shortfall>`
      SELECT * FROM (
        SELECT r.eval_id AS "evalId", r.run_id AS "runId",
          (SELECT count(*) FROM output_items i WHERE i.project = r.project AND i.run_id = r.run_id) AS saved,
          r.total AS total
        FROM archive_runs r JOIN runs ON runs.project = r.project AND runs.id = r.run_id
        WHERE r.project = ${project} AND r.complete = 0 AND runs.status IN ('completed', 'failed', 'canceled')
      ) WHERE saved < total ORDER BY "evalId", "runId"`
  })

/** Stores a problem. It stays until it is cleared. */
export const setProblem = (project: number, problem: Problem, now: number): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      INSERT INTO archive_problems (project, kind, id, message, seen_at)
      VALUES (${project}, ${problem.kind}, ${problem.id}, ${problem.message}, ${now})
      ON CONFLICT (project, kind, id) DO UPDATE SET message = ${problem.message}, seen_at = ${now}`
  })

/** The problem of an object that has not been read yet. */
export const notReadYet = "the archive was stopped before this was read; archive again"

/** Stores that the runs of evals have not been read yet. The problem remains if the archive stops or the host fails. */
export const expectRuns = (project: number, evalIds: ReadonlyArray<string>, now: number): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      INSERT INTO archive_problems (project, kind, id, message, seen_at)
      SELECT project, 'evals', id, ${notReadYet}, ${now} FROM evals
      WHERE project = ${project} AND ${sql.in("id", evalIds)}
      ON CONFLICT DO NOTHING`
  })

/** Stores that the contents of files have not been read yet. */
export const expectContents = (project: number, now: number): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`
      INSERT INTO archive_problems (project, kind, id, message, seen_at)
      SELECT project, 'files', id, ${notReadYet}, ${now} FROM files
      WHERE project = ${project} AND content_sha256 IS NULL
      ON CONFLICT DO NOTHING`
  })

/** Stores the number of items that runs count. Missing items are then reported even if the host fails later. */
export const expectItems = (
  project: number,
  runs: ReadonlyArray<{ readonly evalId: string; readonly runId: string; readonly total: number }>
): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const { evalId, runId, total } of runs) {
      yield* sql`
        INSERT INTO archive_runs (project, run_id, eval_id, total) VALUES (${project}, ${runId}, ${evalId}, ${total})
        ON CONFLICT (project, run_id) DO UPDATE SET total = ${total}`
    }
  })

/** Returns the runs that had not ended when they were read. */
export const unfinishedRuns = (project: number): Sql<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: string }>`
      SELECT id FROM runs
      WHERE project = ${project} AND status NOT IN ('completed', 'failed', 'canceled') ORDER BY eval_id, id`
    return rows.map((row) => row.id)
  })

/** Clears a problem. */
export const clearProblem = (project: number, kind: Kind, id: string): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`DELETE FROM archive_problems WHERE project = ${project} AND kind = ${kind} AND id = ${id}`
  })

/** Returns the problems. */
export const problems = (project: number): Sql<ReadonlyArray<Problem>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql<Problem>`
      SELECT kind, id, message FROM archive_problems WHERE project = ${project} ORDER BY kind, id`
  })

/** Returns the files that stored runs refer to and whose content is not stored. */
export const unlistedFiles = (project: number): Sql<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly id: string }>`
      SELECT DISTINCT json_extract(body, '$.data_source.source.id') AS id FROM runs
      WHERE project = ${project} AND json_valid(body)
        AND json_extract(body, '$.data_source.source.type') = 'file_id'
        AND json_extract(body, '$.data_source.source.id') NOT IN (
          SELECT id FROM files WHERE project = ${project} AND content_sha256 IS NOT NULL)`
    return rows.map((row) => row.id).filter((id) => typeof id === "string" && id !== "")
  })

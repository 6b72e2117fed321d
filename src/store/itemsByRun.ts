/**
 * The migration that adds the run to older versions of output items. Before it, items of two runs with the same id were
 * taken for two versions of one item, and one of them was stored as an older version.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { integerAt, parseJson, stringAt } from "../schema/fields.ts"
import type { Sql } from "./Sql.ts"

interface Older {
  readonly rowid: number
  readonly project: number
  readonly id: string
  readonly body: string
  readonly sha256: string
  readonly superseded_at: number
}

// newest first: of several older versions of an item, the version that was read last becomes the current one
const next = (last: Older | undefined) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const behind = last === undefined ? sql`` : sql`AND (superseded_at, rowid) < (${last.superseded_at}, ${last.rowid})`
    const rows = yield* sql<Older>`
      SELECT rowid, project, id, body, sha256, superseded_at FROM superseded
      WHERE kind = 'output_items' ${behind} ORDER BY superseded_at DESC, rowid DESC LIMIT 1`
    return rows[0]
  })

const place = (older: Older): Sql<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { id, project, rowid } = older
    const item = parseJson(older.body)
    const runId = stringAt(item, "run_id")
    if (runId === "") return
    const [current] = yield* sql<{ readonly sha256: string }>`
      SELECT sha256 FROM output_items WHERE project = ${project} AND id = ${id} AND +run_id = ${runId}`
    const [run] = yield* sql<{ readonly eval_id: string }>`
      SELECT eval_id FROM runs WHERE project = ${project} AND id = ${runId}`
    if (run === undefined || (current !== undefined && current.sha256 !== older.sha256)) {
      yield* sql`UPDATE superseded SET run_id = ${runId} WHERE rowid = ${rowid}`
      return
    }
    if (current === undefined) {
      yield* sql`
        INSERT INTO output_items
          (project, eval_id, run_id, datasource_item_id, status, id, created_at, origin, body, sha256, read_at, request_id)
        SELECT project, ${run.eval_id}, ${runId}, ${integerAt(item, ["datasource_item_id"], -1)}, ${stringAt(item, "status")},
          id, ${integerAt(item, ["created_at"], 0)}, 'archive', body, sha256, read_at, request_id
        FROM superseded WHERE rowid = ${rowid}`
    }
    yield* sql`DELETE FROM superseded WHERE rowid = ${rowid}`
  })

/** Adds the run to older versions of items. Restores items that were replaced by an item of another run. */
export const keyItemsByRun: Sql<void> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe("ALTER TABLE superseded ADD COLUMN run_id TEXT")
  for (let older = yield* next(undefined); older !== undefined; older = yield* next(older)) yield* place(older)
})

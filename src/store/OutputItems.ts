/** Stored output items. Each row of a run has one, with the key (run, row) and the JSON that is served. */
import { Buffer } from "node:buffer"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { withCopies } from "./copies.ts"
import { sha256 } from "./Objects.ts"
import { behind, type Listed, type Page, pageBytes, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import type { Sql } from "./Sql.ts"

/** The outcome of an item. */
export type Status = "pass" | "fail" | "error"

/** A new item. */
export interface NewItem {
  readonly id: string
  /** The index of the row in the data source, from 0. */
  readonly index: number
  readonly status: Status
  /** The first part of its JSON. */
  readonly head: string
  /** The rest of its JSON, in UTF-8. */
  readonly tail: Uint8Array
  /** The value of the column `copies`: the positions of the copies of its sample. Null without copies. */
  readonly copies: string | null
}

// ?1 to ?5 are the same for all rows
const insertText = (rows: number): string =>
  "INSERT INTO output_items (project, eval_id, run_id, created_at, created_by, origin, datasource_item_id, status, id, body, sha256, copies) " +
  `VALUES ${Array.from({ length: rows }, () => "(?1, ?2, ?3, ?4, ?5, 'engine', ?, ?, ?, CAST(? AS TEXT), ?, ?)").join(", ")}`

/** The insert statements, for 100, 10 and 1 rows. There are few of them, so that each is prepared once. */
const inserts = [100, 10, 1].map((rows) => ({ rows, text: insertText(rows) }))

/** The largest number of UTF-8 bytes for a UTF-16 unit. */
const bytesOfUnit = 3

/** Stores the items of a run. */
export const insert = Effect.fnUntraced(function* (
  caller: Caller,
  run: { readonly evalId: string; readonly runId: string },
  items: ReadonlyArray<NewItem>,
  createdAt: number
): Effect.fn.Return<void, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  let memory = Buffer.alloc(0)
  let at = 0
  for (const { rows, text } of inserts) {
    for (; items.length - at >= rows; at += rows) {
      const params: Array<string | number | Uint8Array | null> = [
        caller.project,
        run.evalId,
        run.runId,
        createdAt,
        caller.createdBy
      ]
      const part = items.slice(at, at + rows)
      const size = part.reduce((sum, { head, tail }) => sum + bytesOfUnit * head.length + tail.length, 0)
      if (size > memory.length) memory = Buffer.allocUnsafeSlow(size)
      let start = 0
      for (const { copies, head, id, index, status, tail } of part) {
        const middle = start + memory.write(head, start)
        const end = middle + tail.length
        memory.set(tail, middle)
        const body = memory.subarray(start, end)
        params.push(index, status, id, body, sha256(body), copies)
        start = end
      }
      yield* sql.unsafe(text, params)
    }
  }
})

/** Deletes the items of rows. */
export const removeRows = (project: number, runId: string, rows: ReadonlyArray<number>): Sql<void> =>
  rows.length === 0
    ? Effect.void
    : Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.asVoid(sql`DELETE FROM output_items WHERE project = ${project} AND run_id = ${runId}
          AND datasource_item_id IN (SELECT value FROM json_each(${JSON.stringify(rows)}))`)
      )

// The queries by id also select a column outside the key of the run, and use the unary plus. Otherwise SQLite uses the
// key that begins with the run, and reads all items of the run. Items of several runs may have the same id.

/** Finds an item of a run by its id. */
export const find = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  id: string
): Effect.fn.Return<string | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ readonly body: string; readonly copies: string | null }>`
    SELECT body, copies FROM output_items WHERE project = ${project} AND id = ${id} AND +run_id = ${runId}`
  return found === undefined ? undefined : withCopies(found.body, found.copies)
})

/** Returns the runs, with their evals, that have an item with this id. */
export const runsOf = (
  project: number,
  id: string
): Sql<ReadonlyArray<{ readonly evalId: string; readonly runId: string }>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql<{ readonly evalId: string; readonly runId: string }>`
      SELECT eval_id AS "evalId", run_id AS "runId" FROM output_items WHERE project = ${project} AND id = ${id}`
  })

/** Returns the position of an item in the list of its run. */
export const position = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  id: string
): Effect.fn.Return<Position | undefined, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Position & { readonly status: string }>`
    SELECT datasource_item_id AS at, id, status FROM output_items
    WHERE project = ${project} AND id = ${id} AND +run_id = ${runId}`
  const [found] = rows
  return found === undefined ? undefined : { at: found.at, id: found.id }
})

/**
 * The largest text, in bytes, that a list reads together with the other texts of its page. The largest page of such
 * texts has {@link pageBytes}.
 */
const smallText = Math.floor(pageBytes / 100)

/**
 * Returns the text of an item from the text that follows the column `copies`. `copies` is a JSON list, and an item is
 * an object.
 */
const served = (text: string): string => {
  if (!text.startsWith("[")) return text
  const end = text.indexOf("]") + 1
  return withCopies(text.slice(end), text.slice(0, end))
}

/**
 * Returns a page of the items of a run, in the order of the rows. The page is bounded in bytes too. Items beyond the
 * bound are on later pages.
 */
export const list = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  query: PageQuery,
  status: "pass" | "fail" | undefined
): Effect.fn.Return<Page, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  // the second condition makes SQLite use the index of items that did not pass
  const only =
    status === undefined
      ? sql``
      : status === "pass"
        ? sql`AND status = 'pass'`
        : sql`AND status = 'fail' AND status <> 'pass'`
  // of a large text only the length, which SQLite knows without reading the text; one column is faster than two
  const found = yield* sql<{ readonly id: string; readonly body: string | number }>`
    SELECT id, iif(octet_length(body) > ${smallText}, octet_length(body), coalesce(copies || body, body)) AS body
    FROM output_items WHERE project = ${project} AND run_id = ${runId} ${only}
    ${behind(sql, sql.literal("datasource_item_id"), query)}`
  const rows: Array<Listed> = []
  let taken = 0
  let length = 0
  for (const { body, id } of found.slice(0, query.limit)) {
    const whole = typeof body === "string" ? served(body) : yield* find(project, runId, id)
    length += whole?.length ?? 0
    if (rows.length > 0 && length > pageBytes) break
    taken++
    // the item may have been deleted with its run
    if (whole !== undefined) rows.push({ id, body: whole })
  }
  return { rows, hasMore: taken < found.length }
})

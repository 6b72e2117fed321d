/**
 * Stored output items: one for each row of a run, under the key (run, row), as
 * the JSON that is served.
 */
import { Buffer } from "node:buffer"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { withCopies } from "./copies.ts"
import { sha256 } from "./Objects.ts"
import { behind, type Listed, type Page, pageBytes, type PageQuery, type Position } from "./Page.ts"
import type { Caller } from "./Projects.ts"
import type { Sql } from "./Sql.ts"

/** How an item ended. */
export type Status = "pass" | "fail" | "error"

/** An item to be stored. */
export interface NewItem {
  readonly id: string
  /** The row of the data source, from 0. */
  readonly index: number
  readonly status: Status
  /** Its JSON up to what is there as bytes already. */
  readonly head: string
  /** The rest of its JSON, in UTF-8. */
  readonly tail: Uint8Array
  /** Where it shows its sample again, as the column `copies` has it; null where it does not. */
  readonly copies: string | null
}

// ?1 to ?5 are the same for all rows
const insertText = (rows: number): string =>
  "INSERT INTO output_items (project, eval_id, run_id, created_at, created_by, origin, datasource_item_id, status, id, body, sha256, copies) " +
  `VALUES ${Array.from({ length: rows }, () => "(?1, ?2, ?3, ?4, ?5, 'engine', ?, ?, ?, CAST(? AS TEXT), ?, ?)").join(", ")}`

/** The statements that insert, largest first: few, so that each is prepared once. */
const inserts = [100, 10, 1].map((rows) => ({ rows, text: insertText(rows) }))

/** The most bytes of UTF-8 that a UTF-16 unit takes. */
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

// An item is looked for by its id, and with a column that only the table has: else SQLite takes the key that begins with
// the run, and walks through all that lies under it. The unary plus keeps it from that key too. Items of several runs may
// have the same id.

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

/** The runs that have an item of an id, with their evals. */
export const runsOf = (
  project: number,
  id: string
): Sql<ReadonlyArray<{ readonly evalId: string; readonly runId: string }>> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql<{ readonly evalId: string; readonly runId: string }>`
      SELECT eval_id AS "evalId", run_id AS "runId" FROM output_items WHERE project = ${project} AND id = ${id}`
  })

/** The place of an item among those of its run. */
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
 * The largest text, in bytes, that a list reads with all others of its page. A page
 * of the largest number of such texts has {@link pageBytes}.
 */
const smallText = Math.floor(pageBytes / 100)

/** An item from its text with the column `copies` before it: that is a list of JSON, while an item is an object. */
const served = (text: string): string => {
  if (!text.startsWith("[")) return text
  const end = text.indexOf("]") + 1
  return withCopies(text.slice(end), text.slice(0, end))
}

/**
 * Lists a page of a run's items, in the order of its rows. A page is bounded by
 * bytes too: of items that are too large for one the rest is on later pages.
 */
export const list = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  query: PageQuery,
  status: "pass" | "fail" | undefined
): Effect.fn.Return<Page, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  // the second condition leads to the index of those that did not pass
  const only =
    status === undefined
      ? sql``
      : status === "pass"
        ? sql`AND status = 'pass'`
        : sql`AND status = 'fail' AND status <> 'pass'`
  // of a large text only its length: SQLite knows it without reading the text. Columns cost more than what is in them
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
    // it may be gone with its run
    if (whole !== undefined) rows.push({ id, body: whole })
  }
  return { rows, hasMore: taken < found.length }
})

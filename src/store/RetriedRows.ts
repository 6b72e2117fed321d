/**
 * Takes up the errored rows of a run that has ended.
 *
 * Its batches from the first one with an errored row on are counted row by row from then on (`RunRows.ts`), so that single
 * rows can be replaced. Each statement sees all rows in the database, or some hundred of them here: memory does not grow
 * with the number of rows.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { at } from "../schema/fields.ts"
import * as ModelUsage from "./ModelUsage.ts"
import * as RunBatches from "./RunBatches.ts"
import * as RunRows from "./RunRows.ts"

/** How many errored rows are read at once. */
const rowsAtOnce = 500

// SQLite's JSON of an errored item, as far as its outcome needs it. The column `copies` is not read: a copy of a
// sample took no tokens of its own.
interface ErroredItem {
  readonly row: number
  readonly sample: string
  readonly results: string
}

const parse = (text: string): unknown => {
  const parsed: unknown = JSON.parse(text)
  return parsed
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0)

/** The tokens that a sample tells. A sample that took none tells 0. */
const usageOf = (sample: unknown): ReadonlyArray<ModelUsage.ModelUsage> => {
  const usage = {
    model_name: textOf(at(sample, "model")),
    invocation_count: 1,
    prompt_tokens: numberOf(at(sample, "usage", "prompt_tokens")),
    completion_tokens: numberOf(at(sample, "usage", "completion_tokens")),
    total_tokens: numberOf(at(sample, "usage", "total_tokens")),
    cached_tokens: numberOf(at(sample, "usage", "cached_tokens"))
  }
  return usage.total_tokens === 0 ? [] : [usage]
}

// it stands in the run, which is listed with others
const longestCause = 1000

const causeOf = (error: unknown): RunBatches.ErrorCause | null =>
  typeof error === "object" && error !== null
    ? {
        code: textOf(at(error, "code")).slice(0, longestCause),
        message: textOf(at(error, "message")).slice(0, longestCause)
      }
    : null

const outcomeOf = ({ results, sample }: ErroredItem, criteria: number): RunRows.RowOutcome => {
  const own = parse(sample)
  const parsed = parse(results)
  const samples: ReadonlyArray<unknown> = Array.isArray(parsed) ? parsed : []
  // a judge that answered, but in vain, has an error beside its answer; one that gave no answer has the error alone
  const unanswered = samples.find((one) => causeOf(at(one, "error")) !== null && at(one, "answered") !== 1)
  return {
    status: "error",
    passed: Array.from({ length: criteria }, () => false),
    cause: causeOf(at(own, "error")) ?? causeOf(at(unanswered, "error")),
    usage: [own, ...samples].flatMap(usageOf)
  }
}

/**
 * Makes the errored rows of a run unfinished again. They stay counted as errored, with their items, until their successors
 * are stored. For a transaction of the caller. `criteria` is the number of criteria.
 */
export const reopen = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  criteria: number
): Effect.fn.Return<void, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ readonly first: number | null }>`
    SELECT min(first) AS first FROM run_batches WHERE project = ${project} AND run_id = ${runId} AND errored > 0`
  if (found !== undefined && found.first !== null) yield* countByRow(project, runId, criteria, found.first)
  yield* sql`UPDATE run_rows SET outcome = json_set(outcome, '$.again', json('true'))
    WHERE project = ${project} AND run_id = ${runId} AND outcome ->> '$.status' = 'error'`
})

/** Counts the rows from `first` on row by row, in place of their batches. */
const countByRow = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  criteria: number,
  first: number
): Effect.fn.Return<void, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const batches = yield* sql<{ readonly usage: string | null }>`
    SELECT usage FROM run_batches
    WHERE project = ${project} AND run_id = ${runId} AND first >= ${first} AND usage IS NOT NULL ORDER BY first`
  const errored: Array<ModelUsage.ModelUsage> = []
  let last = first - 1
  while (true) {
    // rows that were stored one by one have their outcome already
    const items = yield* sql<ErroredItem>`
      SELECT datasource_item_id AS row,
        json_object('model', body -> '$.sample.model', 'usage', body -> '$.sample.usage', 'error', body -> '$.sample.error')
          AS sample,
        (SELECT json_group_array(json_object(
          'model', value -> '$.sample.model', 'usage', value -> '$.sample.usage', 'error', value -> '$.sample.error',
          'answered', json_type(value, '$.sample.output') IS NOT NULL
        )) FROM json_each(body, '$.results')) AS results
      FROM output_items AS item
      WHERE project = ${project} AND run_id = ${runId} AND status = 'error' AND status <> 'pass'
        AND datasource_item_id > ${last}
        AND NOT EXISTS (
          SELECT 1 FROM run_rows WHERE project = ${project} AND run_id = ${runId} AND row = item.datasource_item_id
        )
      ORDER BY datasource_item_id LIMIT ${rowsAtOnce}`
    const rows = items.map((item) => ({ row: item.row, outcome: outcomeOf(item, criteria) }))
    yield* RunRows.insert(project, runId, rows)
    const sum = ModelUsage.sum([...errored, ...rows.flatMap(({ outcome }) => outcome.usage)])
    errored.splice(0, errored.length, ...sum)
    last = rows.at(-1)?.row ?? last
    if (rows.length < rowsAtOnce) break
  }
  const passed: RunRows.RowOutcome = {
    status: "pass",
    passed: Array.from({ length: criteria }, () => true),
    cause: null,
    usage: []
  }
  yield* sql`INSERT OR IGNORE INTO run_rows (project, run_id, row, outcome)
    SELECT project, run_id, datasource_item_id, ${JSON.stringify(passed)} FROM output_items
    WHERE project = ${project} AND run_id = ${runId} AND datasource_item_id >= ${first} AND status = 'pass'`
  yield* sql`INSERT OR IGNORE INTO run_rows (project, run_id, row, outcome)
    SELECT project, run_id, datasource_item_id, json_object(
      'status', 'fail',
      'passed', (SELECT json_group_array(json(iif(value ->> '$.passed', 'true', 'false'))) FROM json_each(body, '$.results')),
      'cause', NULL,
      'usage', json('[]')
    ) FROM output_items
    WHERE project = ${project} AND run_id = ${runId} AND datasource_item_id >= ${first}
      AND status = 'fail' AND status <> 'pass'`
  yield* keepUsage(
    project,
    runId,
    first,
    ModelUsage.without(
      batches.flatMap(({ usage }) => RunBatches.usageOf(usage)),
      errored
    )
  )
  yield* sql`DELETE FROM run_batches WHERE project = ${project} AND run_id = ${runId} AND first >= ${first}`
})

/**
 * Stores the usage of all rows that are not retried in the outcome of the first of these rows. The usage of a single row is
 * not known: items do not contain all tokens, such as those of embeddings. Totals are sums over all rows, so they are right.
 */
const keepUsage = Effect.fnUntraced(function* (
  project: number,
  runId: string,
  first: number,
  usage: ReadonlyArray<ModelUsage.ModelUsage>
): Effect.fn.Return<void, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE run_rows SET outcome = json_set(outcome, '$.usage', json(${JSON.stringify(usage)}))
    WHERE project = ${project} AND run_id = ${runId} AND row = (
      SELECT min(row) FROM run_rows
      WHERE project = ${project} AND run_id = ${runId} AND row >= ${first}
        AND outcome ->> '$.status' <> 'error' AND outcome ->> '$.usage' = '[]'
    )`
})

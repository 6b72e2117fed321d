/**
 * The batches of stored runs, and the results of a run as sums over them. A batch is stored in one transaction with its
 * items, so no item is counted twice.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { at } from "../schema/fields.ts"
import { guard } from "../schema/guard.ts"
import * as Run from "../schema/Run.ts"
import * as ModelUsage from "./ModelUsage.ts"
import * as RunRows from "./RunRows.ts"
import type { RowOutcome } from "./RunRows.ts"
import type { Sql } from "./Sql.ts"

/** The error of an item. */
export interface ErrorCause {
  readonly code: string
  readonly message: string
}

/** The results of a run, or of a batch. */
export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly errored: number
  /** The number of items that passed and that failed each criterion, in the order of the criteria. */
  readonly criteria: ReadonlyArray<readonly [passed: number, failed: number]>
  /** The first error if all items are errored with the same code. Otherwise null. */
  readonly cause: ErrorCause | null
  /** The tokens of the samples, by model. */
  readonly usage: ReadonlyArray<ModelUsage.ModelUsage>
}

/** The position of the next row. */
export interface Progress {
  /** The index of the row, from 0. */
  readonly row: number
  /** The offset of its line in the file, in bytes. */
  readonly byte: number
  /** The number of its line, from 1. */
  readonly line: number
}

/** Rows of a run that are judged together and stored in one transaction. */
export interface Batch extends Totals {
  /** The index of its first row. */
  readonly first: number
  /** The position of the row after it. */
  readonly next: Progress
}

/** The results of one row. A row that a grader could not judge counts for no criterion. */
export const ofRow = ({ cause, passed, status, usage }: RowOutcome): Totals => ({
  passed: status === "pass" ? 1 : 0,
  failed: status === "fail" ? 1 : 0,
  errored: status === "error" ? 1 : 0,
  criteria: status === "error" ? passed.map(() => [0, 0]) : passed.map((passes) => (passes ? [1, 0] : [0, 1])),
  cause,
  usage
})

const times = ({ cause, criteria, errored, failed, passed, usage }: Totals, count: number): Totals => ({
  passed: passed * count,
  failed: failed * count,
  errored: errored * count,
  criteria: criteria.map(([ok, not]) => [ok * count, not * count] as const),
  cause,
  usage: usage.map((one) => ModelUsage.times(one, count))
})

/** Returns the position at which a run continues, or undefined if no batch is stored. */
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
 * Stores a batch. A batch without items marks a position only: the next batch replaces it. Fails if a batch with items
 * is stored at the same position, which rolls back the transaction of the items.
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

/** Reads the column `usage` of a batch. */
export const usageOf = (text: string | null): ReadonlyArray<ModelUsage.ModelUsage> => {
  const parsed: unknown = text === null ? [] : JSON.parse(text)
  return Array.isArray(parsed) ? parsed.filter(isUsage) : []
}

const causeOf = (text: string | null): ErrorCause | null => {
  if (text === null) return null
  const parsed: unknown = JSON.parse(text)
  return { code: String(at(parsed, "code")), message: String(at(parsed, "message")) }
}

// errors without a code are compared by message
const isSame = (one: ErrorCause, other: ErrorCause): boolean =>
  one.code === other.code && (one.code !== "" || one.message === other.message)

/** Returns the first cause if all causes are the same. Returns null if they differ or one is null. */
export const commonCause = (causes: Iterable<ErrorCause | null>): ErrorCause | null => {
  let common: ErrorCause | null = null
  for (const cause of causes) {
    if (cause === null || (common !== null && !isSame(common, cause))) return null
    common ??= cause
  }
  return common
}

/** Sums results. The cause of a part without items does not count. */
export const sum = (parts: ReadonlyArray<Totals>): Totals => {
  const criteria: Array<[number, number]> = []
  let passed = 0
  let failed = 0
  let errored = 0
  for (const part of parts) {
    passed += part.passed
    failed += part.failed
    errored += part.errored
    part.criteria.forEach(([ok, not], index) => {
      const counts = (criteria[index] ??= [0, 0])
      counts[0] += ok
      counts[1] += not
    })
  }
  const causes = parts.flatMap((part) => (part.passed + part.failed + part.errored > 0 ? [part.cause] : []))
  const usage = ModelUsage.sum(
    parts.flatMap((part) => part.usage),
    ModelUsage.mostModels
  )
  return { passed, failed, errored, criteria, cause: commonCause(causes), usage }
}

/** Returns the results of a run so far: the sums over its batches, and over the finished rows above them. */
export const totals = Effect.fnUntraced(function* (
  project: number,
  runId: string
): Effect.fn.Return<Totals, SqlError, SqlClient.SqlClient> {
  const sql = yield* SqlClient.SqlClient
  const batches = yield* sql<{
    readonly passed: number
    readonly failed: number
    readonly errored: number
    readonly criteria: string
    readonly cause: string | null
    readonly usage: string | null
  }>`
    SELECT passed, failed, errored, criteria, cause, usage FROM run_batches
    WHERE project = ${project} AND run_id = ${runId} ORDER BY first`
  const outcomes = yield* RunRows.outcomes(project, runId)
  return sum([
    ...batches.map((batch) => ({
      ...batch,
      criteria: pairs(batch.criteria),
      cause: causeOf(batch.cause),
      usage: usageOf(batch.usage)
    })),
    ...outcomes.map(({ count, outcome }) => times(ofRow(outcome), count))
  ])
})

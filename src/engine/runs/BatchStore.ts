/**
 * Stores rows that were judged in batches, in the order of the rows. A batch, its items and the status of a run that ends
 * with it are one transaction.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import * as Runs from "../../store/Runs.ts"
import type * as Lines from "../rows/Lines.ts"
import type { IdGenerator } from "../texts/IdGenerator.ts"
import type { Graded } from "../work/rowGrading.ts"
import { Changes } from "./Changes.ts"
import { insertItems, makeItems, type NewItems } from "./newItems.ts"
import { settle } from "./RunStatus.ts"
import type { Setting } from "./Setting.ts"

const countsOf = ({ graded, usage }: Batch, criteria: number): Runs.Totals => {
  const counts = Array.from({ length: criteria }, (): [number, number] => [0, 0])
  const totals = { pass: 0, fail: 0, error: 0 }
  for (const { passed, status } of graded) {
    totals[status]++
    // a row that a grader could not judge counts for no criterion
    if (status === "error") continue
    for (let index = 0; index < criteria; index++) {
      const count = counts[index]
      if (count !== undefined) count[passed[index] === true ? 0 : 1]++
    }
  }
  const cause = totals.error === graded.length ? Runs.commonCause(graded.map(({ cause }) => cause)) : null
  return { passed: totals.pass, failed: totals.fail, errored: totals.error, criteria: counts, cause, usage }
}

/** Whether a run has more rows, is through, or is executed by another process that is ahead of this one. */
export type Outcome = "more" | "through" | "overtaken"

/** Some rows that were judged, one after the other. */
export interface Batch {
  readonly lines: Lines.Lines
  readonly graded: ReadonlyArray<Graded>
  /** The tokens that their samples took, by model. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** The first of them, from 0. */
  readonly first: number
}

// What sees all rows is made once, and not anew within another function: V8 holds on to what a generator function
// closes over until it has looked through the whole heap, and the memory of a long run would grow to many times of
// what it needs.

const write = Effect.fnUntraced(function* (
  setting: Setting,
  batch: Batch,
  made: NewItems
): Effect.fn.Return<Outcome, SqlError, SqlClient.SqlClient> {
  const { criteria, job, run } = setting
  const { first, lines } = batch
  const now = yield* Runs.findById(job.project, run.id)
  // canceled or deleted meanwhile: what is not stored by then is not counted
  if (now?.status !== "in_progress") return "through"
  if (((yield* Runs.progress(job.project, run.id))?.row ?? 0) !== first) return "overtaken"
  // one of blank lines alone too: else an activity that meets nothing else would be followed by its like for ever
  yield* Runs.insertBatch(job.project, run.id, {
    ...countsOf(batch, criteria.length),
    first,
    next: { row: first + made.items.length, byte: lines.nextByte, line: lines.line + lines.lines }
  })
  yield* insertItems(setting, made)
  if (!lines.last) return "more"
  yield* settle(now, job.project, "complete", criteria, null)
  return "through"
})

/** Stores what was judged, and ends the run with its last row. */
export const store = Effect.fnUntraced(function* (
  setting: Setting,
  batch: Batch
): Effect.fn.Return<Outcome, SqlError, SqlClient.SqlClient | Changes | IdGenerator> {
  const sql = yield* SqlClient.SqlClient
  const changes = yield* Changes
  const { first, graded } = batch
  const made = yield* makeItems(setting, graded, (index) => first + index)
  const stored = yield* sql.withTransaction(write(setting, batch, made))
  yield* changes.notify(setting.run.id)
  return stored
})

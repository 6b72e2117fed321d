/**
 * Stores batches of judged rows, in the order of the rows. One transaction stores a batch, its items and, with the last
 * batch, the status of the run.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import * as RunBatches from "../../store/RunBatches.ts"
import * as Runs from "../../store/Runs.ts"
import type * as Lines from "../rows/Lines.ts"
import type { IdGenerator } from "../texts/IdGenerator.ts"
import type { Graded } from "../work/rowGrading.ts"
import { Changes } from "./Changes.ts"
import { insertItems, makeItems, type NewItems } from "./newOutputItems.ts"
import { settle } from "./RunStatus.ts"
import type { StartedRun } from "./StartedRun.ts"

const countsOf = ({ graded, usage }: Batch, criteria: number): RunBatches.Totals => {
  const counts = Array.from({ length: criteria }, (): [number, number] => [0, 0])
  const totals = { pass: 0, fail: 0, error: 0 }
  for (const { passed, status } of graded) {
    totals[status]++
    // an errored row counts for no criterion
    if (status === "error") continue
    for (let index = 0; index < criteria; index++) {
      const count = counts[index]
      if (count !== undefined) count[passed[index] === true ? 0 : 1]++
    }
  }
  const cause = totals.error === graded.length ? RunBatches.commonCause(graded.map(({ cause }) => cause)) : null
  return { passed: totals.pass, failed: totals.fail, errored: totals.error, criteria: counts, cause, usage }
}

/** The state of a run after a batch: it has more rows, has ended, or another process executes it and is ahead. */
export type Outcome = "more" | "through" | "overtaken"

/** A batch of judged rows, in order. */
export interface Batch {
  readonly lines: Lines.Lines
  readonly graded: ReadonlyArray<Graded>
  /** The tokens of the samples, by model. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** The number of the first row, from 0. */
  readonly first: number
}

// Functions that handle all rows are made once, not inside another function: V8 keeps the variables that a generator
// function closes over until a collection of the whole heap, and the memory of a long run would multiply.

const write = Effect.fnUntraced(function* (
  started: StartedRun,
  batch: Batch,
  made: NewItems
): Effect.fn.Return<Outcome, SqlError, SqlClient.SqlClient> {
  const { criteria, job, run } = started
  const { first, lines } = batch
  const now = yield* Runs.findById(job.project, run.id)
  // the run was canceled or deleted meanwhile: rows that are not stored yet do not count
  if (now?.status !== "in_progress") return "through"
  if (((yield* RunBatches.progress(job.project, run.id))?.row ?? 0) !== first) return "overtaken"
  // a batch of blank lines is stored too: otherwise each turn that reads nothing else would read the same lines again
  yield* RunBatches.insertBatch(job.project, run.id, {
    ...countsOf(batch, criteria.length),
    first,
    next: { row: first + made.items.length, byte: lines.nextByte, line: lines.line + lines.lines }
  })
  yield* insertItems(started, made)
  if (!lines.last) return "more"
  yield* settle(now, job.project, "complete", criteria, null)
  return "through"
})

/** Stores a batch, and completes the run with its last row. */
export const store = Effect.fnUntraced(function* (
  started: StartedRun,
  batch: Batch
): Effect.fn.Return<Outcome, SqlError, SqlClient.SqlClient | Changes | IdGenerator> {
  const sql = yield* SqlClient.SqlClient
  const changes = yield* Changes
  const { first, graded } = batch
  const made = yield* makeItems(started, graded, (index) => first + index)
  const stored = yield* sql.withTransaction(write(started, batch, made))
  yield* changes.notify(started.run.id)
  return stored
})

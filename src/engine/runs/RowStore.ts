/**
 * Stores rows that finish in any order, several in one transaction, and the answers of models before that.
 *
 * The rows up to the oldest unfinished one are a prefix of the file; they are counted in batches. Finished rows above it
 * are stored one by one until the prefix reaches them.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import * as ModelAnswers from "../../store/ModelAnswers.ts"
import * as OutputItems from "../../store/OutputItems.ts"
import * as RunBatches from "../../store/RunBatches.ts"
import * as RunRows from "../../store/RunRows.ts"
import * as Runs from "../../store/Runs.ts"
import * as RunUsage from "../../store/RunUsage.ts"
import type { Spent } from "../models/Spending.ts"
import type { Position } from "../rows/RowLine.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import type { Graded } from "../work/rowGrading.ts"
import { Changes } from "./Changes.ts"
import { retried } from "./databaseRetry.ts"
import { insertItems, makeItems } from "./newOutputItems.ts"
import type { RunSpending } from "./RunSpending.ts"
import type { StartedRun } from "./StartedRun.ts"

/** The run was canceled or deleted, or another process ended it. Rows that are not stored yet do not count. */
export class Overtaken extends Data.TaggedError("Overtaken")<{}> {}

/** A row with its verdict. */
export interface FinishedRow {
  readonly row: number
  /** The position after the row. */
  readonly next: Position
  readonly graded: Graded
  /** The tokens of the row's sample and judges. */
  readonly usage: ReadonlyArray<ModelUsage>
}

/** The rows of a run that is executed. */
export interface RowStore {
  /** The position at which the execution resumes: the oldest unfinished row. */
  readonly from: RunBatches.Progress
  /** Whether a row was finished by an earlier execution. */
  readonly isFinished: (row: number) => boolean
  /** The answer to a question that an earlier execution received. */
  readonly answerTo: (row: number, step: string) => string | undefined
  /** Queues an answer to be stored, and returns at once. */
  readonly keepAnswer: (row: number, step: string, body: string) => Effect.Effect<void>
  /** Stores a finished row, and returns once it is stored. The value is the oldest unfinished row after that. */
  readonly finish: (row: FinishedRow) => Effect.Effect<number, SqlError | Overtaken>
  /** Skips a row that an earlier execution finished. The value is the oldest unfinished row after that. */
  readonly pass: (row: number, next: Position) => Effect.Effect<number, SqlError | Overtaken>
  /** Stores all pending data. Called once all rows are finished. */
  readonly settle: Effect.Effect<void, SqlError | Overtaken>
}

/** The longest time between the arrival of an answer and its storage, in milliseconds. */
const answerMillis = 50

/** The most rows of one transaction. */
const rowsAtOnce = 200

/** The most rows that are skipped before the progress is stored. */
const passedAtOnce = 1000

type Task = FinishedRow & { readonly stored: Deferred.Deferred<number, SqlError | Overtaken> }

type Needs = SqlClient.SqlClient | Changes | IdGenerator

const outcomeOf = ({ graded: { cause, passed, status }, usage }: FinishedRow): RunRows.RowOutcome => ({
  status,
  passed,
  cause,
  usage
})

/** Makes the items of finished rows, and stores them. */
const insertRows = (started: StartedRun, rows: ReadonlyArray<FinishedRow>) =>
  Effect.flatMap(
    makeItems(
      started,
      rows.map(({ graded }) => graded),
      (index) => rows[index]?.row ?? 0
    ),
    (made) => insertItems(started, made)
  )

/** Makes the store of a run. The end of its scope stores all pending data. */
export const make = (
  started: StartedRun,
  spending: RunSpending
): Effect.Effect<RowStore, SqlError, Needs | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const changes = yield* Changes
    const ids = yield* IdGenerator
    const { project, runId } = started.job
    const from = (yield* RunBatches.progress(project, runId)) ?? { row: 0, byte: 0, line: 1 }
    /** Finished rows above the oldest unfinished one; the position is known once the file was read so far. */
    const above = new Map<number, { readonly outcome: RunRows.RowOutcome; readonly next: Position | undefined }>()
    const inTable = new Set<number>()
    /** Errored rows that are executed again, and have an item. */
    const again = new Set<number>()
    for (const { outcome, row } of yield* RunRows.list(project, runId)) {
      inTable.add(row)
      if (outcome.again === true) again.add(row)
      else above.set(row, { outcome, next: undefined })
    }
    const finishedBefore = new Set(above.keys())
    const known = new Map<string, string>()
    const rowsWithAnswers = new Set<number>()
    for (const { body, row, step } of yield* ModelAnswers.list(project, runId)) {
      known.set(`${row} ${step}`, body)
      rowsWithAnswers.add(row)
    }
    const pending = new Map<string, ModelAnswers.ModelAnswer>()
    const hasPending = yield* Latch.make(false)
    const queue = yield* Queue.unbounded<Task>()
    const oneAtATime = yield* Semaphore.make(1)
    let oldest: RunBatches.Progress = from
    let passed = 0

    /** Returns the finished rows from `oldest` on, up to the first gap, and the position after them. */
    const prefix = () => {
      const rows: Array<RunRows.RowOutcome> = []
      let next = oldest
      for (let at = above.get(next.row); at?.next !== undefined; at = above.get(next.row)) {
        rows.push(at.outcome)
        next = { row: next.row + 1, ...at.next }
      }
      return { rows, next }
    }

    const write = (
      rows: ReadonlyArray<FinishedRow>,
      answers: ReadonlyArray<ModelAnswers.ModelAnswer>,
      spent: Spent | undefined
    ) =>
      Effect.gen(function* () {
        if ((yield* Runs.statusOf(project, runId)) !== "in_progress") return yield* new Overtaken()
        yield* OutputItems.removeRows(
          project,
          runId,
          rows.flatMap(({ row }) => (again.has(row) ? [row] : []))
        )
        yield* insertRows(started, rows)
        const finished = new Set(rows.map(({ row }) => row))
        yield* ModelAnswers.insert(
          project,
          runId,
          answers.filter(({ row }) => !finished.has(row))
        )
        for (const row of finished) if (rowsWithAnswers.has(row)) yield* ModelAnswers.removeRow(project, runId, row)
        const moved = prefix()
        yield* RunRows.insert(
          project,
          runId,
          rows.flatMap((one) => (one.row < moved.next.row ? [] : [{ row: one.row, outcome: outcomeOf(one) }]))
        )
        if (moved.rows.length > 0) {
          const results = RunBatches.sum(moved.rows.map(RunBatches.ofRow))
          yield* RunBatches.insertBatch(project, runId, { ...results, first: oldest.row, next: moved.next })
          if (inTable.size > 0) yield* RunRows.removeBelow(project, runId, moved.next.row)
        }
        if (spent !== undefined) yield* RunUsage.store(project, runId, JSON.stringify(spent))
        return moved.next
      })

    const remember = (
      rows: ReadonlyArray<FinishedRow>,
      answers: ReadonlyArray<ModelAnswers.ModelAnswer>,
      next: RunBatches.Progress
    ): void => {
      for (const { row, step } of answers) {
        pending.delete(`${row} ${step}`)
        rowsWithAnswers.add(row)
      }
      for (const { row } of rows) {
        rowsWithAnswers.delete(row)
        again.delete(row)
        if (row >= next.row) inTable.add(row)
      }
      for (let { row } = oldest; row < next.row; row++) {
        above.delete(row)
        inTable.delete(row)
      }
      oldest = next
    }

    /** Attempts to store rows and all answers that are pending. The value is the oldest unfinished row. */
    const attempt = (rows: ReadonlyArray<FinishedRow>) =>
      Effect.gen(function* () {
        for (const one of rows) above.set(one.row, { outcome: outcomeOf(one), next: one.next })
        const answers = [...pending.values()]
        const spent = spending.unsaved()
        const next = yield* sql.withTransaction(write(rows, answers, spent))
        remember(rows, answers, next)
        if (spent !== undefined) spending.saved(spent)
        yield* Effect.ignore(spending.day.save)
        yield* changes.notify(runId)
        return next.row
      }).pipe(
        Effect.onError(() => Effect.sync(() => rows.forEach(({ row }) => above.delete(row)))),
        Effect.provideService(SqlClient.SqlClient, sql),
        Effect.provideService(IdGenerator, ids),
        Effect.uninterruptible,
        oneAtATime.withPermits(1)
      )

    /** Stores rows and all answers that are pending, with retries while the database fails. */
    const flush = (rows: ReadonlyArray<FinishedRow>) => retried(started.job)(attempt(rows))

    const storeRows = Effect.gen(function* () {
      const tasks = yield* Queue.takeBetween(queue, 1, rowsAtOnce)
      const result = yield* Effect.exit(flush(tasks))
      yield* Effect.forEach(tasks, (task) => Deferred.done(task.stored, result), { discard: true })
    })

    const storeAnswers = Effect.gen(function* () {
      yield* Latch.await(hasPending)
      yield* Effect.sleep(answerMillis)
      Latch.closeUnsafe(hasPending)
      // the next row meets the same failure, and reports it
      if (pending.size > 0) yield* Effect.ignore(flush([]))
    })

    // runs after the fibers below have ended; one attempt, so that a full disk does not keep the engine from closing
    yield* Effect.addFinalizer(() => (pending.size > 0 ? Effect.ignore(attempt([])) : Effect.void))
    yield* Effect.forkScoped(Effect.forever(storeRows))
    yield* Effect.forkScoped(Effect.forever(storeAnswers))

    return {
      from,
      isFinished: (row) => finishedBefore.has(row),
      answerTo: (row, step) => known.get(`${row} ${step}`),
      keepAnswer: (row, step, body) =>
        Effect.sync(() => {
          pending.set(`${row} ${step}`, { row, step, body })
          Latch.openUnsafe(hasPending)
        }),
      finish: (row) =>
        Effect.gen(function* () {
          const stored = yield* Deferred.make<number, SqlError | Overtaken>()
          yield* Queue.offer(queue, { ...row, stored })
          return yield* Deferred.await(stored)
        }),
      pass: (row, next) =>
        Effect.suspend(() => {
          const outcome = above.get(row)?.outcome
          if (outcome !== undefined) above.set(row, { outcome, next })
          return ++passed % passedAtOnce === 0 ? flush([]) : Effect.succeed(oldest.row)
        }),
      settle: Effect.asVoid(flush([]))
    }
  })

/**
 * Changes the status of stored runs.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Evals from "../../store/Evals.ts"
import * as RetriedRows from "../../store/RetriedRows.ts"
import * as RunBatches from "../../store/RunBatches.ts"
import * as Runs from "../../store/Runs.ts"
import * as RunUsage from "../../store/RunUsage.ts"
import type { Sql } from "../../store/Sql.ts"
import * as EvalText from "../texts/EvalText.ts"
import * as RunText from "../texts/RunText.ts"
import { Changes } from "./Changes.ts"
import { type Event, hasEnded, isActive, next } from "./Lifecycle.ts"

/** A run that is to be executed. */
export interface Job {
  readonly project: number
  readonly runId: string
}

const noTotals: RunBatches.Totals = { passed: 0, failed: 0, errored: 0, criteria: [], cause: null, usage: [] }

const everyRow = ({ code, message }: RunBatches.ErrorCause): RunText.RunError => ({
  code: code === "" ? "rows_errored" : code,
  message: message === "" ? "Every row is errored." : `Every row is errored: ${message}`
})

/** Changes the status of a run by an event, and stores its counts. Has no effect on a run that has ended. */
export const settle = (
  run: Runs.StoredRun,
  project: number,
  event: Event,
  criteria: ReadonlyArray<string>,
  error: RunText.RunError | null
): Effect.Effect<Runs.StoredRun, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    if (!isActive(run.status)) return run
    const totals = event === "start" ? noTotals : yield* RunBatches.totals(project, run.id)
    // if all rows are errored for one reason, such as a refused key, the run fails with this reason
    const cause = event === "complete" ? totals.cause : null
    const status = next(run.status, cause === null ? event : "fail")
    const told = cause === null ? error : everyRow(cause)
    const body = RunText.withState(run.body, { status, totals, criteria, error: told })
    yield* Runs.update(project, run.id, status, body)
    return { ...run, status, body }
  })

/**
 * Continues a run that has ended: its errored rows are executed again, within a new budget. For a transaction of the
 * caller.
 */
export const reopen = (
  run: Runs.StoredRun,
  project: number,
  criteria: ReadonlyArray<string>
): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    if (!hasEnded(run.status)) return
    const status = next(run.status, "retry")
    yield* RetriedRows.reopen(project, run.id, criteria.length)
    yield* RunUsage.renew(project, run.id)
    yield* Runs.expectExecution(project, run.id)
    const totals = yield* RunBatches.totals(project, run.id)
    yield* Runs.update(project, run.id, status, RunText.withState(run.body, { status, totals, criteria, error: null }))
  })

/** Returns the text of a run, with the counts so far if it is in progress. */
export const current = (
  run: Runs.StoredRun,
  project: number,
  criteria: ReadonlyArray<string>
): Effect.Effect<string, SqlError, SqlClient.SqlClient> =>
  run.status === "in_progress" && run.origin === "engine"
    ? Effect.map(RunBatches.totals(project, run.id), (totals) =>
        RunText.withState(run.body, { status: "in_progress", totals, criteria, error: null })
      )
    : Effect.succeed(run.body)

/** Changes the status of a run in a transaction, and notifies its watchers. */
export const change = (
  job: Job,
  event: Event,
  criteria: ReadonlyArray<string>,
  error: RunText.RunError | null
): Effect.Effect<void, SqlError, SqlClient.SqlClient | Changes> => changeAnd(job, event, criteria, error, Effect.void)

/** Cancels a run that may spend no more, and stores why. */
export const stop = (
  job: Job,
  criteria: ReadonlyArray<string>,
  { code, message }: RunText.RunError
): Effect.Effect<void, SqlError, SqlClient.SqlClient | Changes> =>
  changeAnd(job, "cancel", criteria, null, RunUsage.stop(job.project, job.runId, JSON.stringify({ code, message })))

const changeAnd = (
  job: Job,
  event: Event,
  criteria: ReadonlyArray<string>,
  error: RunText.RunError | null,
  also: Sql<void>
): Effect.Effect<void, SqlError, SqlClient.SqlClient | Changes> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const run = yield* Runs.findById(job.project, job.runId)
        if (run === undefined || !isActive(run.status)) return
        yield* settle(run, job.project, event, criteria, error)
        yield* also
      })
    )
    const changes = yield* Changes
    yield* changes.notify(job.runId)
  })

/** Ends a run that cannot be executed. */
export const fail = (job: Job, error: RunText.RunError): Effect.Effect<void, SqlError, SqlClient.SqlClient | Changes> =>
  Effect.gen(function* () {
    const run = yield* Runs.findById(job.project, job.runId)
    const one = run === undefined ? undefined : yield* Evals.find(job.project, run.evalId)
    yield* change(job, "fail", one === undefined ? [] : EvalText.criteriaOf(one.body).map(({ id }) => id), error)
  })

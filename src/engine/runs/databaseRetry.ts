/**
 * Retries after failures of the database. A retry helps if the disk is full, or if another process has locked the file.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { isDiskFull } from "../../store/Sqlite.ts"
import type { Job } from "./RunStatus.ts"

/** The time after which an error of the database fails the run. A full disk is retried without a limit. */
const databaseTimeoutMillis = 60_000

const backoff = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")])

const retryPolicy = backoff.pipe(
  Schedule.setInputType<unknown>(),
  Schedule.while(({ elapsed, input }) => isSqlError(input) && (isDiskFull(input) || elapsed < databaseTimeoutMillis))
)

const warnOfRetry = (job: Job) => (error: SqlError) =>
  Effect.logWarning(
    isDiskFull(error)
      ? `run ${job.runId} waits: the disk of the database is full`
      : `run ${job.runId} tries again: ${error.message}`
  )

/** Retries an effect for {@link databaseTimeoutMillis}, and for as long as the disk is full. */
export const retried =
  (job: Job) =>
  <A, E, R>(work: Effect.Effect<A, E | SqlError, R>): Effect.Effect<A, E | SqlError, R> =>
    work.pipe(
      Effect.tapError((error) => (isSqlError(error) ? warnOfRetry(job)(error) : Effect.void)),
      Effect.retry(retryPolicy)
    )

/** Retries a statement until it succeeds. */
export const persistently =
  (job: Job) =>
  <A, R>(statement: Effect.Effect<A, SqlError, R>): Effect.Effect<A, never, R> =>
    statement.pipe(
      Effect.tapError(warnOfRetry(job)),
      Effect.retry(backoff),
      // the schedule has no end, so the error never gets here
      Effect.orDie
    )

/** The report and the progress of an archive. */
import type { Kind, Outcome } from "../store/Objects.ts"

/**
 * An object or a list that could not be saved.
 *
 * @category models
 * @since 0.1.0
 */
export interface Problem {
  readonly kind: Kind
  /** The id of the object. `*` for a list. */
  readonly id: string
  readonly message: string
  /** Whether another archive may succeed. Absent if that is unknown. */
  readonly isRetryable?: boolean
  /** Whether the host is OpenAI and the reason is the end of its Evals API. */
  readonly hasEnded?: boolean
}

/**
 * An object or a list that failed and will be retried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retrying {
  readonly kind: Kind
  /** The id of the object. `*` for a list. */
  readonly id: string
  /** The time of the first failure, in Unix milliseconds. */
  readonly since: number
  /** The message of the last error. It names the request. */
  readonly message: string
}

/**
 * A finished run for which the host lists fewer items than the run counts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shortfall {
  readonly evalId: string
  readonly runId: string
  readonly saved: number
  readonly total: number
}

/**
 * The progress of an archive. `total` grows while lists are read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly evals: { readonly done: number; readonly total: number }
  readonly runs: { readonly done: number; readonly total: number }
  readonly items: { readonly done: number; readonly total: number }
  readonly files: { readonly done: number; readonly total: number }
  /** The number of received bytes. */
  readonly bytes: number
  /** The current limit of concurrent requests. */
  readonly inFlight: number
  /** The end of the pause that the host asked for with a 429, in Unix milliseconds. 0 without a pause. */
  readonly heldUntil: number
  /** Objects that were set aside. They are retried at the end, and given up two minutes after the first failure. */
  readonly retrying: ReadonlyArray<Retrying>
}

/**
 * The report of an archive.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report {
  readonly project: string
  readonly evals: Outcome
  readonly runs: Outcome
  readonly output_items: Outcome
  readonly files: Outcome
  /** The number of finished runs that were complete before, and were not read again. */
  readonly skippedRuns: number
  /** Runs that had not ended. Archive again after they have ended. */
  readonly unfinishedRuns: ReadonlyArray<string>
  /** Finished runs with fewer saved items than they count. */
  readonly missing: ReadonlyArray<Shortfall>
  readonly failed: ReadonlyArray<Problem>
  /** Files that a run refers to and that the host no longer has. */
  readonly gone: ReadonlyArray<string>
  /** Whether everything that the host lists is saved. Runs that have not ended count as saved. */
  readonly complete: boolean
}

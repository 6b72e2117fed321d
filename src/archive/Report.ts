/**
 * What an archive did and what it could not do.
 */
import type { Kind, Outcome } from "../store/Objects.ts"

/**
 * Something that could not be saved, and why.
 *
 * @category models
 * @since 0.1.0
 */
export interface Problem {
  readonly kind: Kind
  /** The object; `*` is a list of them. */
  readonly id: string
  readonly message: string
  /** Whether it may succeed when the archive is made again; absent where that is not known. */
  readonly isRetryable?: boolean
  /** Whether OpenAI's own host answers so since its Evals API has ended. */
  readonly hasEnded?: boolean
}

/**
 * Something that the host failed to bring, and that is tried again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retrying {
  readonly kind: Kind
  /** The object; `*` is a list of them. */
  readonly id: string
  /** When it failed first, in Unix milliseconds. */
  readonly since: number
  /** The last error, which names the request. */
  readonly message: string
}

/**
 * A finished run of which the host shows fewer items than it counts.
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
 * How far an archive is. `total` grows while lists are read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly evals: { readonly done: number; readonly total: number }
  readonly runs: { readonly done: number; readonly total: number }
  readonly items: { readonly done: number; readonly total: number }
  readonly files: { readonly done: number; readonly total: number }
  /** Bytes received. */
  readonly bytes: number
  /** Requests that may be in flight at present. */
  readonly inFlight: number
  /** Until when nothing is sent because the host has asked for it (429), in Unix milliseconds; 0 where it has not. */
  readonly heldUntil: number
  /** What the host failed to bring. It is set aside, tried again at the end, and given up after two minutes. */
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
  /** Finished runs that were complete already and were not read again. */
  readonly skippedRuns: number
  /** Runs that had not ended: archive again when they have. */
  readonly unfinishedRuns: ReadonlyArray<string>
  /** Finished runs with fewer items than they count. */
  readonly missing: ReadonlyArray<Shortfall>
  readonly failed: ReadonlyArray<Problem>
  /** Files that a run refers to and the host no longer has. */
  readonly gone: ReadonlyArray<string>
  /** Whether everything that the host lists is saved. Runs that have not ended count as saved. */
  readonly complete: boolean
}

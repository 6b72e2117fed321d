/**
 * The counters of an archive, and the reports of them to the caller.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Progress } from "./Report.ts"

interface Count {
  done: number
  total: number
}

/** Counts objects and bytes. Readers change the counts in place, then report. */
export interface ProgressCounter {
  readonly evals: Count
  readonly runs: Count
  readonly items: Count
  readonly files: Count
  /** Counts received bytes. */
  readonly received: (bytes: number) => void
  /** Passes the current progress to `onProgress`. */
  readonly report: Effect.Effect<void>
}

/** Starts all counts at 0. `requests` returns the state of the requests at the time of a report. */
export const make = (
  onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined,
  requests: () => Pick<Progress, "inFlight" | "heldUntil" | "retrying">
): ProgressCounter => {
  const evals = { done: 0, total: 0 }
  const runs = { done: 0, total: 0 }
  const items = { done: 0, total: 0 }
  const files = { done: 0, total: 0 }
  let bytes = 0
  return {
    evals,
    runs,
    items,
    files,
    received: (count) => {
      bytes += count
    },
    report:
      onProgress === undefined
        ? Effect.void
        : Effect.suspend(() =>
            onProgress({
              evals: { ...evals },
              runs: { ...runs },
              items: { ...items },
              files: { ...files },
              bytes,
              ...requests()
            })
          )
  }
}

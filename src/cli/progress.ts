/**
 * Shows how far an archive is.
 */
import type * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { Progress } from "../archive/Report.ts"
import { metered } from "./meter.ts"
import { count, size, time } from "./words.ts"

/** The words for how far an archive is; `rate` is in items a second. */
export const line = (progress: Progress, rate: number): string => {
  const { evals, files, inFlight, items, runs } = progress
  const of = (name: string, part: { readonly done: number; readonly total: number }) =>
    `${name} ${count(part.done)}/${count(part.total)}`
  const left = Math.max(0, items.total - items.done)
  // runs are listed eval by eval: until all are, more may follow
  const more = evals.done < evals.total ? "at least " : "about "
  return [
    of("items", items),
    of("runs", runs),
    of("evals", evals),
    of("files", files),
    `${count(rate)}/s`,
    ...(left > 0 && rate > 0 ? [`${more}${time(left / rate)} left`] : []),
    size(progress.bytes),
    `${inFlight} at a time`
  ].join("  ")
}

/** Runs an archive that tells its progress, and shows it on standard error meanwhile. */
export const shown = <A, E, R>(
  work: (onProgress: (progress: Progress) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Stdio.Stdio | Terminal.Terminal> =>
  metered({ done: (progress: Progress) => progress.items.done, line, stays: false }, work)

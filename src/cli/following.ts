/**
 * Follows a run until it has ended, and shows how far it is.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EvalId, RunId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import { watchRun } from "../Waiting.ts"
import { metered } from "./meter.ts"
import { couldNotRun } from "./Stop.ts"
import { bar, count, percent, some, time } from "./words.ts"

interface Progress {
  readonly run: Run.Run
  /** How many rows there are, where that is known. */
  readonly rows: number | undefined
}

const shareOf = (done: number, rows: number): number => (rows === 0 ? 1 : Math.min(1, done / rows))

/** The words for how far a run is; `rate` is in items a second. */
export const line = ({ rows, run }: Progress, rate: number, drawn: boolean): string => {
  const { errored, failed, passed, total } = run.result_counts
  const left = rows === undefined ? 0 : Math.max(0, rows - total)
  return [
    ...(drawn && rows !== undefined ? [bar(shareOf(total, rows), 20)] : []),
    rows === undefined ? some(total, "item") : `${count(total)}/${count(rows)}`,
    ...(rows === undefined ? [] : [percent(shareOf(total, rows))]),
    `${count(passed)} passed`,
    `${count(failed)} failed`,
    ...(errored === 0 ? [] : [`${count(errored)} errored`]),
    ...(run.status === "in_progress" || run.status === "queued"
      ? rate > 0
        ? [`${count(rate)}/s`, ...(left > 0 ? [`about ${time(left / rate)} left`] : [])]
        : []
      : [run.status])
  ].join("  ")
}

/** Follows a run to its end; the value is the run as it ended. */
export const follow = (evalId: EvalId, runId: RunId, rows: number | undefined) =>
  metered({ done: ({ run }: Progress) => run.result_counts.total, line, stays: true }, (onProgress) =>
    watchRun(evalId, runId).pipe(
      Stream.tap((run) => onProgress({ run, rows: run.evals_rows?.total ?? rows })),
      Stream.runLast,
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.fail(couldNotRun(`${runId} was not seen.`)),
          onSome: Effect.succeed
        })
      )
    )
  )

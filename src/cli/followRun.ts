/**
 * The progress of a run, shown until the run has ended.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EvalId, RunId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import { watchRun } from "../Waiting.ts"
import { withProgressLine } from "./progressLine.ts"
import { couldNotRun } from "./Stop.ts"
import { count, percent, quantity, roughDuration } from "../report/format.ts"
import { bar } from "./textLayout.ts"

interface Progress {
  readonly run: Run.Run
  /** The number of rows, if it is known. */
  readonly rows: number | undefined
}

const shareOf = (done: number, rows: number): number => (rows === 0 ? 1 : Math.min(1, done / rows))

/** Formats the progress of a run. `rate` is in items per second. */
export const formatProgress = ({ rows, run }: Progress, rate: number, drawn: boolean): string => {
  const { errored, failed, passed, total } = run.result_counts
  const left = rows === undefined ? 0 : Math.max(0, rows - total)
  return [
    ...(drawn && rows !== undefined ? [bar(shareOf(total, rows), 20)] : []),
    rows === undefined ? quantity(total, "item") : `${count(total)}/${count(rows)}`,
    ...(rows === undefined ? [] : [percent(shareOf(total, rows))]),
    `${count(passed)} passed`,
    `${count(failed)} failed`,
    ...(errored === 0 ? [] : [`${count(errored)} errored`]),
    ...(run.status === "in_progress" || run.status === "queued"
      ? rate > 0
        ? [`${count(rate)}/s`, ...(left > 0 ? [`about ${roughDuration(left / rate)} left`] : [])]
        : []
      : [run.status])
  ].join("  ")
}

/** Shows the progress of a run until it has ended. Returns the ended run. */
export const followRun = (evalId: EvalId, runId: RunId, rows: number | undefined) =>
  withProgressLine(
    { done: ({ run }: Progress) => run.result_counts.total, line: formatProgress, stays: true },
    (onProgress) =>
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

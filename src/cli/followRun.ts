/**
 * The progress of a run, shown until the run has ended.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Models } from "../engine/models/Models.ts"
import { isErrored, problemOf } from "../report/problem.ts"
import type { EvalId, RunId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import { watchRun } from "../Waiting.ts"
import * as ModelProgress from "./modelProgress.ts"
import { withProgressLine } from "./progressLine.ts"
import { isItem, rawItems } from "./rawItems.ts"
import { couldNotRun } from "./Stop.ts"
import { count, percent, quantity, roughDuration } from "../report/format.ts"
import { bar } from "./textLayout.ts"

interface Progress {
  readonly run: Run.Run
  /** The number of rows, if it is known. */
  readonly rows: number | undefined
  /** The requests to models. Default: nothing is known of any. */
  readonly asking?: ModelProgress.Asking | undefined
}

const shareOf = (done: number, rows: number): number => (rows === 0 ? 1 : Math.min(1, done / rows))

/** Formats the progress of a run. `rate` is in items per second. */
export const formatProgress = (
  { asking = ModelProgress.nothing, rows, run }: Progress,
  rate: number,
  drawn: boolean
): string => {
  const { errored, failed, passed, total } = run.result_counts
  const isActive = run.status === "in_progress" || run.status === "queued"
  const left = rows === undefined ? 0 : Math.max(0, rows - total)
  return [
    ...(drawn && rows !== undefined ? [bar(shareOf(total, rows), 20)] : []),
    rows === undefined ? quantity(total, "item") : `${count(total)}/${count(rows)}`,
    ...(rows === undefined ? [] : [percent(shareOf(total, rows))]),
    `${count(passed)} passed`,
    `${count(failed)} failed`,
    ...(errored === 0 ? [] : [`${count(errored)} errored`]),
    ...(isActive
      ? rate > 0
        ? [`${count(rate)}/s`, ...(left > 0 ? [`about ${roughDuration(left / rate)} left`] : [])]
        : []
      : [run.status]),
    ...(isActive ? ModelProgress.formatAsking(asking, run) : [])
  ].join("  ")
}

/** The interval between looks at the traffic. A slow model leaves the run without news for long. */
const lookInterval = "1 second"

/** How many items are read to find the first errored one. */
const mostItems = 1000

/** Finds the first item of a run that errored with a model, and says why. */
const firstCause = (evalId: EvalId, runId: RunId) =>
  rawItems(evalId, runId, {}).pipe(
    Stream.take(mostItems),
    Stream.map(({ value }) => value),
    Stream.filter(isItem),
    Stream.filter(isErrored),
    Stream.runHead,
    Effect.map((found) => {
      const item = Option.getOrUndefined(found)
      const problem = item === undefined ? undefined : problemOf(item, [])
      return item === undefined || problem?._tag !== "Errored" || problem.message === ""
        ? undefined
        : `row ${item.datasource_item_id} errored: ${problem.message}`
    }),
    // the summary has the errors too
    Effect.orElseSucceed(() => undefined)
  )

/** Shows the progress of a run until it has ended. Returns the ended run. */
export const followRun = (evalId: EvalId, runId: RunId, rows: number | undefined) =>
  withProgressLine(
    { done: ({ run }: Progress) => run.result_counts.total, line: formatProgress, stays: true },
    (onProgress) =>
      Effect.gen(function* () {
        const models = yield* Models
        let latest: Run.Run | undefined
        let isWarned = false
        const show = Effect.gen(function* () {
          if (latest === undefined) return
          const asking = { traffic: yield* models.stats }
          yield* onProgress({ run: latest, rows: latest.evals_rows?.total ?? rows, asking })
        })
        const warn = Effect.gen(function* () {
          // the items of a run that asks nobody are errored for reasons that each of them has on its own
          if (isWarned || latest === undefined || latest.result_counts.errored === 0) return
          isWarned = true
          const cause = !ModelProgress.samples(latest) && !(yield* asks) ? undefined : yield* firstCause(evalId, runId)
          if (cause !== undefined) yield* Effect.logWarning(cause)
        })
        const asks = Effect.map(models.stats, (traffic) => traffic.some(({ sent }) => sent > 0))
        const looking = Effect.forever(Effect.andThen(Effect.sleep(lookInterval), show))
        const following = watchRun(evalId, runId).pipe(
          Stream.tap((run) => {
            latest = run
            return Effect.andThen(show, warn)
          }),
          Stream.runLast,
          Effect.flatMap(
            Option.match({
              onNone: () => Effect.fail(couldNotRun(`${runId} was not seen.`)),
              onSome: Effect.succeed
            })
          )
        )
        return yield* Effect.raceFirst(following, Effect.interruptible(looking))
      })
  )

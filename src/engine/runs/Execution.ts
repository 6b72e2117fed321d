/**
 * Executes a run: reads its rows, has them judged, stores the items. It begins
 * where the run stands in the database, so that a repetition changes nothing.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Runs from "../../store/Runs.ts"
import type * as Lines from "../rows/Lines.ts"
import type { IdGenerator } from "../texts/IdGenerator.ts"
import type * as RunText from "../texts/RunText.ts"
import { Workers } from "../work/Workers.ts"
import { type Batch, type Outcome, store } from "./BatchStore.ts"
import type { Changes } from "./Changes.ts"
import { change, fail, type Job } from "./RunStatus.ts"
import { begin, linesOf, Unrunnable } from "./Setting.ts"

/** The services that the execution of a run needs. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Changes

// rows that are judged together, and stored in one transaction: as many as take about so long
const mostLines = 1000
const firstLines = 16
const batchMillis = 100

/** After so long others get their turn, however few rows were judged. */
const turnMillis = 10_000

/** How many batches are judged while an earlier one is stored. */
const batchesAhead = 2

/** How many lines are judged together, by the time that the last ones took. */
export interface Pace {
  lines: number
}

/** The pace of a run of which nothing is known yet: few lines, as each may take long. */
export const slowly = (): Pace => ({ lines: firstLines })

/** A span for the judging of a batch. The tracer keeps its exit, so the judged rows are no part of that. */
const batchSpan =
  ({ line, lines }: Lines.Lines) =>
  <A, E, R>(judging: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.makeSpan("EvalsEngine.judgeBatch", { attributes: { line, lines } }),
      (span) => Effect.withParentSpan(judging, span, { captureStackTrace: false }),
      (span, exit) => Effect.map(Clock.currentTimeNanos, (now) => span.end(now, Exit.asVoid(exit)))
    )

const asked: RunText.RunError = {
  code: "internal_error",
  message: "A criterion has a question for a model, and this run was begun as one that needs none."
}

const judge = Effect.fnUntraced(function* (
  criteria: string,
  lines: Lines.Lines,
  pace: Pace
): Effect.fn.Return<Omit<Batch, "first">, Unrunnable, Workers> {
  const workers = yield* Workers
  const began = yield* Clock.currentTimeMillis
  const { graded, usage } = yield* workers.grade(criteria, lines.bytes).pipe(
    Effect.mapError(
      ({ message }) => new Unrunnable({ code: "internal_error", message: `The rows could not be judged: ${message}.` })
    ),
    batchSpan(lines)
  )
  const took = (yield* Clock.currentTimeMillis) - began
  pace.lines = Math.max(1, Math.min(mostLines, Math.ceil((lines.lines * batchMillis) / Math.max(1, took))))
  const judged = graded.filter((row) => row.status !== "asking")
  if (judged.length < graded.length) return yield* new Unrunnable(asked)
  return { lines, graded: judged, usage }
})

// =============================================================================
// the work
// =============================================================================

/**
 * Works on a run for about `rows` rows, or some seconds. The value tells whether the run is
 * through: completed, failed, canceled or gone.
 */
export const advance = (job: Job, rows: number, pace: Pace): Effect.Effect<boolean, SqlError, Needs> =>
  Effect.gen(function* () {
    const setting = yield* begin(job)
    if (setting === undefined) return true
    const began = yield* Clock.currentTimeMillis
    const from = (yield* Runs.progress(job.project, job.runId)) ?? { row: 0, byte: 0, line: 1 }
    let row = from.row
    let outcome: Outcome | undefined
    yield* linesOf(setting, from, () => pace.lines).pipe(
      Stream.takeUntilEffect(({ line, lines }) =>
        Effect.map(Clock.currentTimeMillis, (now) => line + lines - from.line >= rows || now - began >= turnMillis)
      ),
      Stream.mapEffect((lines) => judge(setting.criteriaText, lines, pace), { concurrency: batchesAhead }),
      Stream.runForEachWhile((judged) =>
        Effect.map(store(setting, { ...judged, first: row }), (stored) => {
          row += judged.graded.length
          outcome = stored
          return stored === "more"
        })
      )
    )
    // nothing is left of the file
    if (outcome === undefined) yield* change(job, "complete", setting.criteria, null)
    return outcome !== "more" && outcome !== "overtaken"
  }).pipe(Effect.catchTag("Unrunnable", ({ code, message }) => Effect.as(fail(job, { code, message }), true)))

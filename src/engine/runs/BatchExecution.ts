/**
 * Executes a run that asks no model: reads its rows in batches, judges them and stores the items. The database holds the
 * position at which an execution resumes, so a repetition changes nothing.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as RunBatches from "../../store/RunBatches.ts"
import type * as Lines from "../rows/Lines.ts"
import type { IdGenerator } from "../texts/IdGenerator.ts"
import type * as RunText from "../texts/RunText.ts"
import { Workers } from "../work/Workers.ts"
import { type Batch, type Outcome, store } from "./BatchStore.ts"
import type { Changes } from "./Changes.ts"
import { change, fail, type Job } from "./RunStatus.ts"
import { startOrResume, linesOf, Unrunnable } from "./StartedRun.ts"

/** The services that the execution of a run needs. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Changes

// the batch size adapts so that judging a batch takes about `batchMillis`
const mostLines = 1000
const firstLines = 16
const batchMillis = 100

/** The longest turn of a run, in milliseconds. A turn ends then, even if it judged few rows. */
const turnMillis = 10_000

/** The number of batches that are judged while an earlier one is stored. */
const batchesAhead = 2

/** The size of the next batch in lines. It adapts to the time of the last batch. */
export interface BatchSize {
  lines: number
}

/** Returns the size of a run's first batch. It is small, since each row may be slow. */
export const firstBatchSize = (): BatchSize => ({ lines: firstLines })

/** Runs the judging of a batch in a span. A tracer keeps the exit of a span, so the exit has no judged rows. */
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
  message: "A criterion asks a model, but the run was started as one that asks none."
}

const judge = Effect.fnUntraced(function* (
  criteria: string,
  lines: Lines.Lines,
  size: BatchSize
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
  size.lines = Math.max(1, Math.min(mostLines, Math.ceil((lines.lines * batchMillis) / Math.max(1, took))))
  const judged = graded.filter((row) => row.status !== "asking")
  if (judged.length < graded.length) return yield* new Unrunnable(asked)
  return { lines, graded: judged, usage }
})

// =============================================================================
// one turn
// =============================================================================

/**
 * Executes one turn of a run: about `rows` rows, or {@link turnMillis}. Returns whether the run has ended: it is completed,
 * failed, canceled or deleted.
 */
export const advance = (job: Job, rows: number, size: BatchSize): Effect.Effect<boolean, SqlError, Needs> =>
  Effect.gen(function* () {
    const started = yield* startOrResume(job)
    if (started === undefined) return true
    const began = yield* Clock.currentTimeMillis
    const from = (yield* RunBatches.progress(job.project, job.runId)) ?? { row: 0, byte: 0, line: 1 }
    let row = from.row
    let outcome: Outcome | undefined
    yield* linesOf(started, from, () => size.lines).pipe(
      Stream.takeUntilEffect(({ line, lines }) =>
        Effect.map(Clock.currentTimeMillis, (now) => line + lines - from.line >= rows || now - began >= turnMillis)
      ),
      Stream.mapEffect((lines) => judge(started.criteriaText, lines, size), { concurrency: batchesAhead }),
      Stream.runForEachWhile((judged) =>
        Effect.map(store(started, { ...judged, first: row }), (stored) => {
          row += judged.graded.length
          outcome = stored
          return stored === "more"
        })
      )
    )
    // the file has no further lines
    if (outcome === undefined) yield* change(job, "complete", started.criteria, null)
    return outcome !== "more" && outcome !== "overtaken"
  }).pipe(Effect.catchTag("Unrunnable", ({ code, message }) => Effect.as(fail(job, { code, message }), true)))

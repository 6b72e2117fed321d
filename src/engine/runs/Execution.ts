/**
 * Works on a run: reads its rows, has them judged, stores the items. It begins
 * where the run stands in the database, so that a repetition changes nothing.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { at } from "../../schema/fields.ts"
import * as Evals from "../../store/Evals.ts"
import * as Files from "../../store/Files.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import * as OutputItems from "../../store/OutputItems.ts"
import type { Caller } from "../../store/Projects.ts"
import * as Runs from "../../store/Runs.ts"
import { Changes } from "./Changes.ts"
import * as EvalText from "../texts/EvalText.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import { isActive, next, type Event } from "./Lifecycle.ts"
import * as Lines from "../rows/Lines.ts"
import * as RunText from "../texts/RunText.ts"
import { type Graded, Workers } from "../work/Workers.ts"

/** Which run to work on. */
export interface Job {
  readonly project: number
  readonly runId: string
}

/** What the work on a run needs. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Changes

/** Nothing of the run can be executed: it fails with this code and these words. */
class Unrunnable extends Data.TaggedError("Unrunnable")<RunText.RunError> {}

const decoder = new TextDecoder()

// rows that are judged together, and stored in one transaction: as many as take about so long
const mostLines = 1000
const firstLines = 16
const batchMillis = 100

/** After so long others get their turn, however few rows were judged. */
const turnMillis = 10_000

/** How many batches are judged while an earlier one is stored. */
const batchesAhead = 2

const seconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

const noTotals: Runs.Totals = { passed: 0, failed: 0, errored: 0, criteria: [], cause: null, usage: [] }

const everyRow = ({ code, message }: Runs.ErrorCause): RunText.RunError => ({
  code: code === "" ? "rows_errored" : code,
  message: message === "" ? "Every row is errored." : `Every row is errored: ${message}`
})

// =============================================================================
// status
// =============================================================================

/** Changes the status of a run by an event, if it changes it, and writes down what the run has come to. */
export const settle = (
  run: Runs.StoredRun,
  project: number,
  event: Event,
  criteria: ReadonlyArray<string>,
  error: RunText.RunError | null
): Effect.Effect<Runs.StoredRun, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    if (!isActive(run.status)) return run
    const totals = event === "start" ? noTotals : yield* Runs.totals(project, run.id)
    // where nothing could be run for one cause, a refused key say, the run tells it instead of each row alone
    const cause = event === "complete" ? totals.cause : null
    const status = next(run.status, cause === null ? event : "fail")
    const told = cause === null ? error : everyRow(cause)
    const body = RunText.withState(run.body, { status, totals, criteria, error: told })
    yield* Runs.update(project, run.id, status, body)
    return { ...run, status, body }
  })

/** What an active run has come to so far, as its text. */
export const current = (
  run: Runs.StoredRun,
  project: number,
  criteria: ReadonlyArray<string>
): Effect.Effect<string, SqlError, SqlClient.SqlClient> =>
  run.status === "in_progress" && run.origin === "engine"
    ? Effect.map(Runs.totals(project, run.id), (totals) =>
        RunText.withState(run.body, { status: "in_progress", totals, criteria, error: null })
      )
    : Effect.succeed(run.body)

const change = (job: Job, event: Event, criteria: ReadonlyArray<string>, error: RunText.RunError | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const run = yield* Runs.findById(job.project, job.runId)
        if (run !== undefined) yield* settle(run, job.project, event, criteria, error)
      })
    )
    const changes = yield* Changes
    yield* changes.notify(job.runId)
  })

/** Ends a run that cannot be executed. */
export const fail = (job: Job, error: RunText.RunError): Effect.Effect<void, SqlError, SqlClient.SqlClient | Changes> =>
  Effect.gen(function* () {
    const run = yield* Runs.findById(job.project, job.runId)
    const one = run === undefined ? undefined : yield* Evals.find(job.project, run.evalId)
    yield* change(job, "fail", one === undefined ? [] : EvalText.criteriaOf(one.body).map(({ id }) => id), error)
  })

// =============================================================================
// batches
// =============================================================================

// it stands in the run, which is listed with others
const longestCause = 1000

/** The errors of items: of samples that could not be taken, or of the first criterion that could not judge. */
function* errorsOf(graded: ReadonlyArray<Graded>): Generator<Runs.ErrorCause> {
  for (const { tail } of graded) {
    const item: unknown = JSON.parse(`{${decoder.decode(tail)}`)
    const [result]: ReadonlyArray<unknown> = [at(item, "results")].flat()
    const error = at(item, "sample", "error") ?? at(result, "sample", "error")
    const [code, message] = [at(error, "code"), at(error, "message")].map((each) =>
      typeof each === "string" ? each.slice(0, longestCause) : ""
    )
    yield { code: code ?? "", message: message ?? "" }
  }
}

const countsOf = ({ graded, usage }: Batch, criteria: number): Runs.Totals => {
  const counts = Array.from({ length: criteria }, (): [number, number] => [0, 0])
  const totals = { pass: 0, fail: 0, error: 0 }
  for (const { passed, status } of graded) {
    totals[status]++
    // a row that a grader could not judge counts for no criterion
    if (status === "error") continue
    for (let index = 0; index < criteria; index++) {
      const count = counts[index]
      if (count !== undefined) count[passed[index] === true ? 0 : 1]++
    }
  }
  const cause = totals.error === graded.length ? Runs.commonCause(errorsOf(graded)) : null
  return { passed: totals.pass, failed: totals.fail, errored: totals.error, criteria: counts, cause, usage }
}

interface Setting {
  readonly job: Job
  readonly run: Runs.StoredRun
  readonly criteria: ReadonlyArray<string>
}

/** Whether there is more to do for a run, it is through, or another process is ahead of this one. */
type Outcome = "more" | "through" | "overtaken"

/** Some rows that were judged. */
interface Batch {
  readonly lines: Lines.Lines
  readonly graded: ReadonlyArray<Graded>
  /** The tokens that their samples took, by model. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** The first of them, from 0. */
  readonly first: number
}

// What sees all rows is made once, and not anew within another function: V8 holds on to what a generator function
// closes over until it has looked through the whole heap, and the memory of a long run would grow to many times of
// what it needs.

const write = Effect.fnUntraced(function* (
  { criteria, job, run }: Setting,
  batch: Batch,
  items: ReadonlyArray<OutputItems.NewItem>,
  createdAt: number
): Effect.fn.Return<Outcome, SqlError, SqlClient.SqlClient> {
  const { first, lines } = batch
  const now = yield* Runs.findById(job.project, run.id)
  // canceled or deleted meanwhile: what is not stored by then is not counted
  if (now?.status !== "in_progress") return "through"
  if (((yield* Runs.progress(job.project, run.id))?.row ?? 0) !== first) return "overtaken"
  // one of blank lines alone too: else an activity that meets nothing else would be followed by its like for ever
  yield* Runs.insertBatch(job.project, run.id, {
    ...countsOf(batch, criteria.length),
    first,
    next: { row: first + items.length, byte: lines.nextByte, line: lines.line + lines.lines }
  })
  if (items.length > 0) {
    const caller: Caller = { project: job.project, createdBy: run.createdBy }
    yield* OutputItems.insert(caller, { evalId: run.evalId, runId: run.id }, items, createdAt)
  }
  if (!lines.last) return "more"
  yield* settle(now, job.project, "complete", criteria, null)
  return "through"
})

/** Stores what was judged, and ends the run with its last row. */
const store = Effect.fnUntraced(function* (setting: Setting, batch: Batch): Effect.fn.Return<Outcome, SqlError, Needs> {
  const sql = yield* SqlClient.SqlClient
  const changes = yield* Changes
  const { run } = setting
  const { first, graded } = batch
  const createdAt = yield* seconds
  const ids = yield* (yield* IdGenerator).many("outputitem_", graded.length)
  const middle = `","object":"eval.run.output_item","created_at":${createdAt},"run_id":${JSON.stringify(run.id)},"eval_id":${JSON.stringify(run.evalId)},"status":"`
  const items = graded.map(({ copies, status, tail }, index): OutputItems.NewItem => {
    const id = ids[index] ?? ""
    const row = first + index
    const head = `{"id":"${id}${middle}${status}","datasource_item_id":${row},`
    return { id, index: row, status, head, tail, copies: copies === null ? null : JSON.stringify(copies) }
  })
  const stored = yield* sql.withTransaction(write(setting, batch, items, createdAt))
  yield* changes.notify(run.id)
  return stored
})

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
  return { lines, graded, usage }
})

// =============================================================================
// the work
// =============================================================================

const fileOf = (run: Runs.StoredRun): string | undefined => run.rowsFile ?? EvalText.sourceFileOf(run.body)

const gone = (fileId: string): Unrunnable =>
  new Unrunnable({
    code: "file_not_found",
    message: `The file ${fileId} with the rows of this run is gone; it was deleted before the run was through.`
  })

const begin = Effect.fnUntraced(function* (
  job: Job
): Effect.fn.Return<
  (Setting & { readonly file: Files.StoredFile; readonly size: number; readonly criteriaText: string }) | undefined,
  SqlError | Unrunnable,
  Needs
> {
  const run = yield* Runs.findById(job.project, job.runId)
  if (run === undefined || !isActive(run.status)) return undefined
  const one = yield* Evals.find(job.project, run.evalId)
  if (one === undefined) return undefined
  const criteria = EvalText.criteriaOf(one.body)
  const fileId = fileOf(run) ?? ""
  // before the file is looked for: pieces go after it, so the size of one that is there then is its whole size
  const size = yield* Files.size(job.project, fileId)
  const file = yield* Files.findAny(job.project, fileId)
  if (file === undefined || file.contentSha256 === null) return yield* gone(fileId)
  if (run.status === "queued") yield* change(job, "start", [], null)
  return {
    job,
    run,
    criteria: criteria.map(({ id }) => id),
    file,
    size,
    criteriaText: JSON.stringify(criteria)
  }
})

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
    yield* Lines.read({
      project: job.project,
      fileId: setting.file.id,
      size: setting.size,
      from,
      linesAtOnce: () => pace.lines
    }).pipe(
      Stream.catchTags({
        Gone: ({ fileId }) => Stream.fail(gone(fileId)),
        TooLong: ({ message }) => Stream.fail(new Unrunnable({ code: "invalid_row", message }))
      }),
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

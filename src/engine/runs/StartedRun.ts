/**
 * Reads the data of a run that is about to be executed: the run, its criteria and the file of its rows.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Evals from "../../store/Evals.ts"
import * as Files from "../../store/Files.ts"
import * as RunRows from "../../store/RunRows.ts"
import * as Runs from "../../store/Runs.ts"
import * as Criteria from "../graders/Criteria.ts"
import * as Lines from "../rows/Lines.ts"
import type { Position } from "../rows/RowLine.ts"
import * as EvalText from "../texts/EvalText.ts"
import type * as RunText from "../texts/RunText.ts"
import type { Changes } from "./Changes.ts"
import { isActive } from "./Lifecycle.ts"
import { change, type Job } from "./RunStatus.ts"

/** No row of the run can be executed. The run fails with this code and message. */
export class Unrunnable extends Data.TaggedError("Unrunnable")<RunText.RunError> {}

/** A run with the data that its execution needs. */
export interface StartedRun {
  readonly job: Job
  readonly run: Runs.StoredRun
  /** The ids of the criteria. */
  readonly criteria: ReadonlyArray<string>
  /** The JSON of the criteria, for the workers. */
  readonly criteriaText: string
  /** The file of the rows, and its size in bytes. */
  readonly file: Files.StoredFile
  readonly size: number
}

const fileOf = (run: Runs.StoredRun): string | undefined => run.rowsFile ?? EvalText.sourceFileOf(run.body)

const gone = (fileId: string): Unrunnable =>
  new Unrunnable({
    code: "file_not_found",
    message: `The file ${fileId} with the rows of this run was deleted before the run ended.`
  })

/**
 * Reads a run whose execution starts or resumes. A queued run becomes `in_progress`. Returns undefined for a run that has
 * ended or was deleted.
 */
export const startOrResume = Effect.fnUntraced(function* (
  job: Job
): Effect.fn.Return<StartedRun | undefined, SqlError | Unrunnable, SqlClient.SqlClient | Changes> {
  const run = yield* Runs.findById(job.project, job.runId)
  if (run === undefined || !isActive(run.status)) return undefined
  const one = yield* Evals.find(job.project, run.evalId)
  if (one === undefined) return undefined
  const criteria = EvalText.criteriaOf(one.body)
  const fileId = fileOf(run) ?? ""
  // read before the file is looked for: a deletion removes the file first and its pieces later, so the size is whole
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

/** Reads the lines of a run's file from a position on. */
export const linesOf = (
  { file, job, size }: StartedRun,
  from: Position,
  linesAtOnce: () => number
): Stream.Stream<Lines.Lines, SqlError | Unrunnable, SqlClient.SqlClient> =>
  Lines.read({ project: job.project, fileId: file.id, size, from, linesAtOnce }).pipe(
    Stream.catchTags({
      Gone: ({ fileId }) => Stream.fail(gone(fileId)),
      TooLong: ({ message }) => Stream.fail(new Unrunnable({ code: "invalid_row", message }))
    })
  )

/**
 * Whether the rows of a run are executed one by one: it samples, has criteria that ask a model, or is retried and has rows
 * that are stored one by one.
 */
export const goesByRow = Effect.fnUntraced(function* (
  job: Job
): Effect.fn.Return<boolean, SqlError, SqlClient.SqlClient> {
  const run = yield* Runs.findById(job.project, job.runId)
  if (run === undefined) return false
  if (EvalText.sampledSourceOf(run.body) !== undefined) return true
  if (yield* RunRows.hasSome(job.project, job.runId)) return true
  const one = yield* Evals.find(job.project, run.evalId)
  return one !== undefined && Criteria.models(EvalText.criteriaOf(one.body)).length > 0
})

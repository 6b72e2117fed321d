/**
 * Saves a hosted project: evals, their runs, all output items, and files, each as
 * the exact text that the host sent.
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalId } from "../schema/Ids.ts"
import type { EvalsClient } from "../EvalsClient.ts"
import * as ArchiveJob from "./ArchiveJob.ts"
import type { Database } from "./Database.ts"
import * as Evals from "./evals.ts"
import * as Files from "./files.ts"
import { lookAgain } from "./items.ts"
import { provideDatabase } from "./provideDatabase.ts"
import type { Problem, Progress, Report } from "./Report.ts"
import { unixSeconds } from "./SavedPages.ts"
import * as State from "./State.ts"

/**
 * Options of an archive.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The name under which the project stands in the file. Default `default`. */
  readonly project?: string | undefined
  /** Where it comes from, for the record. */
  readonly host?: string | undefined
  /** Only these evals, their runs, and the files that the runs refer to. Default all, and all files for evals. */
  readonly evalIds?: ReadonlyArray<EvalId> | undefined
  /** Only the files for evals: of a host whose Evals API has ended, while its files are there still. Default false. */
  readonly filesOnly?: boolean | undefined
  /** The most requests in flight; fewer after a 429. Default 16. */
  readonly concurrency?: number | undefined
  /** Called as the work goes on. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** How often the end of an archive is gone through again after something was read late. */
const rounds = 3

// what is about to be read counts as missing until it is read: an archive that was
// stopped is never taken for a complete one
const expect = (job: Pick<ArchiveJob.ArchiveJob, "project">, { evalIds, filesOnly }: Options) =>
  Effect.gen(function* () {
    const now = yield* unixSeconds
    const lists = filesOnly === true ? (["files"] as const) : (["evals", "files"] as const)
    const expected: ReadonlyArray<Pick<Problem, "kind" | "id">> =
      evalIds === undefined || filesOnly === true
        ? lists.map((kind) => ({ kind, id: "*" }))
        : evalIds.map((id) => ({ kind: "evals", id }))
    yield* Effect.forEach(
      expected,
      (one) => State.setProblem(job.project, { ...one, message: State.notReadYet }, now),
      {
        discard: true
      }
    )
  })

/**
 * Saves what the host lists. It may be stopped anywhere, and goes on where it was
 * when it is called again; a second call changes nothing that has not changed,
 * and reads lists and unfinished runs only. What the host fails to bring (a 5xx, a
 * lost connection, no answer in time) is set aside, tried again when the rest is
 * read, and given up two minutes after it has failed first. What cannot be read is
 * named in the report, and everything else is saved.
 *
 * **Example** (Into a file)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { EvalsClient } from "effect-evals"
 * import { archive, Database } from "effect-evals/archive"
 *
 * export const program = archive({ project: "production" }).pipe(
 *   Effect.provide(Database.layer({ filename: "evals.db" })),
 *   Effect.provide(EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const archive = (options: Options = {}): Effect.Effect<Report, SqlError, EvalsClient | Database> =>
  Effect.gen(function* () {
    const name = options.project ?? "default"
    const job = yield* ArchiveJob.make({
      project: name,
      host: options.host,
      concurrency: options.concurrency ?? 16,
      onProgress: options.onProgress
    })
    yield* expect(job, options)
    yield* options.filesOnly === true
      ? Files.readListed(job)
      : options.evalIds === undefined
        ? Effect.all([Evals.readAll(job), Files.readListed(job)], { concurrency: 2, discard: true })
        : Evals.readSome(job, options.evalIds)
    const complete = Effect.andThen(options.filesOnly === true ? Effect.void : lookAgain(job), Files.readReferred(job))
    yield* complete
    // what was read late may show more that is to be read; a host that fails again and again does not go on for ever
    for (let round = 0; round < rounds && (yield* job.tasks.retryAll); round++) yield* complete
    yield* job.tasks.retryAll

    const missing = yield* State.shortfalls(job.project)
    const failed = (yield* State.problems(job.project)).map((problem): Problem => ({
      ...problem,
      ...job.tasks.outlook(problem.kind, problem.id)
    }))
    return {
      project: name,
      ...job.saved.outcome(),
      skippedRuns: job.skippedRuns.size,
      unfinishedRuns: yield* State.unfinishedRuns(job.project),
      missing,
      failed,
      gone: [...job.goneFiles],
      complete: missing.length === 0 && failed.length === 0
    }
  }).pipe(provideDatabase)

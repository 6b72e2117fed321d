/**
 * Saves a hosted project: evals, runs, output items and files. The text of each object is saved exactly as the host
 * sent it.
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
  /** The name of the project in the database. Default `default`. */
  readonly project?: string | undefined
  /** The address of the host. It is stored with the project and not used otherwise. */
  readonly host?: string | undefined
  /**
   * Only these evals, their runs, and the files that the runs refer to. Default: all evals, and all files with purpose
   * `evals`.
   */
  readonly evalIds?: ReadonlyArray<EvalId> | undefined
  /**
   * Only the files with purpose `evals`. For a host whose Evals API has ended and whose files still exist. Default
   * false.
   */
  readonly filesOnly?: boolean | undefined
  /** The limit of concurrent requests. It is lowered after a 429. Default 16. */
  readonly concurrency?: number | undefined
  /** Called whenever the counts of the progress change. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/** The number of times that missing items and files are read again after a successful retry. */
const rounds = 3

// objects are stored as problems until they are read, so that an archive that was stopped does not count as complete
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
 * Saves everything that the host lists. Objects that cannot be read are named in the report; all others are saved.
 *
 * An archive can be stopped at any time. The next call continues at the same point. It reads the lists and unfinished
 * runs again, and changes only objects that have changed.
 *
 * Requests that fail with a 5xx, a lost connection or a timeout are set aside and retried after all other requests. An
 * object is given up two minutes after its first failure.
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
    // an object that was read late may refer to more objects; the number of rounds is bounded for a host that keeps
    // failing
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

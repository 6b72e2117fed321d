/**
 * One call of `archive`: the tools that its readers share.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Objects from "../store/Objects.ts"
import * as AdaptiveConcurrency from "./AdaptiveConcurrency.ts"
import * as HostPages from "./HostPages.ts"
import * as ProgressCounter from "./ProgressCounter.ts"
import * as ReadTasks from "./ReadTasks.ts"
import type { Progress } from "./Report.ts"
import * as SavedPages from "./SavedPages.ts"
import type { Sql } from "../store/Sql.ts"

/** The tools of an archive. Each function of the readers names the ones that it uses. */
export interface ArchiveJob {
  /** The project in the database. */
  readonly project: number
  /** The number of tasks that run at the same time. */
  readonly concurrency: number
  readonly requests: AdaptiveConcurrency.AdaptiveConcurrency
  readonly pages: HostPages.HostPages
  readonly saved: SavedPages.SavedPages
  readonly tasks: ReadTasks.ReadTasks
  readonly progress: ProgressCounter.ProgressCounter
  /** Finished runs that were complete before this call. */
  readonly skippedRuns: Set<string>
  /** Files that a run refers to and the host no longer has. */
  readonly goneFiles: Set<string>
}

/** Starts an archive of a project, which is added to the database if it is new. */
export const make = (options: {
  readonly project: string
  readonly host: string | undefined
  readonly concurrency: number
  readonly onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
}): Sql<ArchiveJob> =>
  Effect.gen(function* () {
    const { concurrency, onProgress } = options
    const requests = yield* AdaptiveConcurrency.make(concurrency)
    const project = yield* Objects.project(options.project, options.host ?? null, yield* SavedPages.unixSeconds)
    const progress: ProgressCounter.ProgressCounter = ProgressCounter.make(onProgress, () => ({
      inFlight: requests.limit(),
      heldUntil: requests.heldUntil(),
      retrying: tasks.retrying()
    }))
    const tasks = ReadTasks.make({ project, concurrency, onSetback: progress.report })
    return {
      project,
      concurrency,
      requests,
      pages: HostPages.make(requests, progress.received),
      saved: SavedPages.make(project),
      tasks,
      progress,
      skippedRuns: new Set(),
      goneFiles: new Set()
    }
  })

/**
 * Reads the output items of runs, and reads again for missing items.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsError } from "../EvalsError.ts"
import { integerAt, stringAt } from "../schema/fields.ts"
import { isTerminal } from "../schema/Run.ts"
import type { ArchiveJob } from "./ArchiveJob.ts"
import * as hostLists from "./hostLists.ts"
import { forEachHostPage } from "./HostPages.ts"
import type { Needs } from "./ReadTasks.ts"
import * as State from "./State.ts"

/** A run whose items are read. */
export interface RunToRead {
  readonly evalId: string
  readonly runId: string
  readonly status: string
  /** The number of items that the run counts. */
  readonly total: number
}

/** The waits, in seconds, before each further read of a list whose items may appear late. */
const lateItemWaits = [2, 4, 8, 16] as const

/** The list from the first item to the last. Only this list can be resumed. */
const inOrder: hostLists.ItemQuery = { order: "asc" }

/** The point at which a list is resumed. */
interface ResumePoint {
  /** The last item that was read. */
  readonly cursor: string
  /** The number of items that are stored. */
  readonly stored: number
}

type Reading = Pick<ArchiveJob, "project" | "pages" | "saved" | "progress">

const readItems = (
  job: Reading,
  run: RunToRead,
  query: hostLists.ItemQuery,
  from?: ResumePoint
): Effect.Effect<void, EvalsError | SqlError, Needs> =>
  Effect.suspend(() => {
    let seen = from?.stored ?? 0
    let settled = false
    const settle = State.settle(job.project, run.runId, isTerminal(run.status))
    const read = forEachHostPage(
      job.pages,
      hostLists.outputItems(run.evalId, run.runId, query),
      (value) => ({
        datasource_item_id: integerAt(value, ["datasource_item_id"], -1),
        status: stringAt(value, "status")
      }),
      (page) =>
        Effect.gen(function* () {
          const last = page.data.at(-1)?.id
          seen += page.data.length
          settled = !page.has_more && seen >= run.total
          // a run that is still going may add items before the cursor
          const resumable = query === inOrder && isTerminal(run.status) && last !== undefined
          yield* job.saved.save(
            "output_items",
            page,
            (fields) => ({ eval_id: run.evalId, run_id: run.runId, ...fields }),
            () => (settled ? settle : resumable ? State.setCursor(job.project, run.runId, last) : Effect.void)
          )
          if (query === inOrder) job.progress.items.done += page.data.length
          yield* job.progress.report
        }),
      { from: from?.cursor, isComplete: () => seen >= run.total }
    )
    return Effect.andThen(
      read,
      Effect.suspend(() => (settled ? Effect.void : settle))
    )
  })

// the point at which an earlier call, or an earlier attempt of this call, stopped
const resumePoint = ({ cursor, stored }: State.RunState, run: RunToRead): ResumePoint | undefined =>
  isTerminal(run.status) && cursor !== null ? { cursor, stored } : undefined

const resume = (job: Reading, run: RunToRead) =>
  Effect.flatMap(State.runState(job.project, run.runId), (state) =>
    readItems(job, run, inOrder, resumePoint(state, run))
  )

/** Reads the items of a run, from where an earlier call stopped. A run that is complete is not read again. */
export const readRun = (job: ArchiveJob, run: RunToRead): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    const { progress, project } = job
    const state = yield* State.runState(project, run.runId)
    progress.items.total += run.total
    if (isTerminal(run.status) && state.complete && state.stored >= run.total) {
      job.skippedRuns.add(run.runId)
      progress.items.done += run.total
    } else {
      if (resumePoint(state, run) !== undefined) progress.items.done += state.stored
      // no longer complete: the host counts more items, or the run is still going
      if (state.complete) yield* State.setCursor(project, run.runId, null)
      yield* job.tasks.run("runs", run.runId, resume(job, run))
    }
    progress.runs.done++
    yield* job.progress.report
  })

/**
 * Reads finished runs again that showed fewer items than they count: from the other end, by status, and then in order
 * after a wait, since a host may list items late.
 */
export const lookAgain = (job: ArchiveJob): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    // runs that cannot be read are already stored as problems: waiting does not help
    const unreadable = new Set<string>()
    const short = Effect.map(State.shortfalls(job.project), (runs) =>
      runs.filter(({ runId }) => !unreadable.has(runId) && !job.tasks.isSetAside("runs", runId))
    )
    const round = (queries: ReadonlyArray<hostLists.ItemQuery>) =>
      Effect.flatMap(short, (runs) =>
        Effect.forEach(
          runs,
          ({ evalId, runId, total }) => {
            const run: RunToRead = { evalId, runId, status: "completed", total }
            const reads = Effect.forEach(queries, (query) => readItems(job, run, query), { discard: true })
            return job.tasks.run(
              "runs",
              runId,
              Effect.tapErrorTag(reads, "EvalsError", () => Effect.sync(() => unreadable.add(runId)))
            )
          },
          { concurrency: job.concurrency, discard: true }
        )
      )
    yield* round([{ order: "desc" }, { order: "asc", status: "fail" }, { order: "asc", status: "pass" }])
    for (const wait of lateItemWaits) {
      if ((yield* short).length === 0) return
      yield* Effect.sleep(wait * 1000)
      yield* round([{ order: "asc" }])
    }
  })

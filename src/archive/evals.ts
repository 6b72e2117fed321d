/**
 * Reads evals and their runs.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import * as Raw from "../Raw.ts"
import { integerAt, stringAt } from "../schema/fields.ts"
import type { EvalId } from "../schema/Ids.ts"
import type { ArchiveJob } from "./ArchiveJob.ts"
import * as hostLists from "./hostLists.ts"
import { forEachHostPage, type Page } from "./HostPages.ts"
import { readRun } from "./items.ts"
import type { Needs } from "./ReadTasks.ts"
import * as State from "./State.ts"

/** The size of the first page of runs: the host's own default. */
const firstRuns = 20

const readRuns = (job: ArchiveJob, evalId: string) =>
  forEachHostPage(
    job.pages,
    hostLists.runs(evalId),
    (value) => ({ status: stringAt(value, "status"), total: integerAt(value, ["result_counts", "total"], 0) }),
    (page) =>
      Effect.gen(function* () {
        const runs = page.data.map(({ fields, id }) => ({ evalId, runId: id, ...fields }))
        yield* job.saved.save(
          "runs",
          page,
          ({ status }) => ({ eval_id: evalId, status }),
          () => State.expectItems(job.project, runs)
        )
        job.progress.runs.total += runs.length
        yield* Effect.forEach(runs, (run) => readRun(job, run), {
          concurrency: job.concurrency,
          discard: true
        })
      }),
    // a run contains its rows, which may be large: the first page shows how large
    { first: firstRuns }
  )

const noFields = () => ({})

const storePage = (job: Pick<ArchiveJob, "project" | "saved" | "progress">, page: Page<object>) =>
  Effect.gen(function* () {
    const ids = page.data.map(({ id }) => id)
    yield* job.saved.save("evals", page, noFields, (now) => State.expectRuns(job.project, ids, now))
    job.progress.evals.total += page.data.length
    yield* job.progress.report
  })

const done = (job: Pick<ArchiveJob, "progress">) =>
  Effect.suspend(() => {
    job.progress.evals.done++
    return job.progress.report
  })

const readNamed = (job: ArchiveJob, evalIds: ReadonlyArray<string>) =>
  Effect.forEach(
    evalIds,
    (evalId) => Effect.andThen(job.tasks.run("evals", evalId, readRuns(job, evalId)), done(job)),
    { concurrency: job.concurrency, discard: true }
  )

/** Reads all evals with their runs. Then reads evals that an earlier call listed and could not read. */
export const readAll = (job: ArchiveJob): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    const listed = new Set(["*"])
    const read = forEachHostPage(job.pages, hostLists.evals, noFields, (page) => {
      const ids = page.data.map(({ id }) => id)
      for (const id of ids) listed.add(id)
      return Effect.andThen(storePage(job, page), readNamed(job, ids))
    })
    yield* job.tasks.run("evals", "*", read)
    const left = (yield* State.problems(job.project)).filter(({ id, kind }) => kind === "evals" && !listed.has(id))
    job.progress.evals.total += left.length
    yield* readNamed(
      job,
      left.map(({ id }) => id)
    )
  })

const readOne = (job: ArchiveJob, evalId: EvalId) => {
  const runs = readRuns(job, evalId)
  let stored = false
  return Effect.gen(function* () {
    if (!stored) yield* storePage(job, yield* job.pages.request(Raw.single(Raw.retrieveEval(evalId)), noFields))
    stored = true
    yield* runs
  })
}

/** Reads some evals with their runs. */
export const readSome = (job: ArchiveJob, evalIds: ReadonlyArray<EvalId>): Effect.Effect<void, SqlError, Needs> =>
  Effect.forEach(evalIds, (evalId) => Effect.andThen(job.tasks.run("evals", evalId, readOne(job, evalId)), done(job)), {
    concurrency: job.concurrency,
    discard: true
  })

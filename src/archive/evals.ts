/**
 * Reads evals and their runs.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import * as Raw from "../Raw.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import { readRun } from "./items.ts"
import { type Needs, type Page, pages, type Session } from "./session.ts"
import * as State from "./State.ts"
import { text, whole } from "./looseJson.ts"

/** How many runs are asked for at first: the host's own default. */
const firstRuns = 20

const readRuns = (session: Session, evalId: string) =>
  pages(
    session,
    (after, limit) =>
      Raw.listRunsPage(EvalId.make(evalId), { limit, ...(after === undefined ? {} : { after: RunId.make(after) }) }),
    (value) => ({ status: text(value, "status"), total: whole(value, ["result_counts", "total"], 0) }),
    (page) =>
      Effect.gen(function* () {
        const runs = page.data.map(({ fields, id }) => ({ evalId, runId: id, ...fields }))
        yield* session.store(
          "runs",
          page,
          ({ status }) => ({ eval_id: evalId, status }),
          () => State.expectItems(session.project, runs)
        )
        session.counts.runs.total += runs.length
        yield* Effect.forEach(runs, (run) => readRun(session, run), {
          concurrency: session.concurrency,
          discard: true
        })
      }),
    // a run holds the rows that it was given: the first page tells how large they are
    { first: firstRuns }
  )

const noFields = () => ({})

const storePage = (session: Session, page: Page<object>) =>
  Effect.gen(function* () {
    const ids = page.data.map(({ id }) => id)
    yield* session.store("evals", page, noFields, (now) => State.expectRuns(session.project, ids, now))
    session.counts.evals.total += page.data.length
    yield* session.report
  })

const done = (session: Session) =>
  Effect.suspend(() => {
    session.counts.evals.done++
    return session.report
  })

const readNamed = (session: Session, evalIds: ReadonlyArray<string>) =>
  Effect.forEach(
    evalIds,
    (evalId) => Effect.andThen(session.named("evals", evalId, readRuns(session, evalId)), done(session)),
    { concurrency: session.concurrency, discard: true }
  )

/** Reads all evals with their runs; at last those that were listed to an earlier call which could not read them. */
export const readAll = (session: Session): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    const listed = new Set(["*"])
    const read = pages(
      session,
      (after, limit) => Raw.listEvalsPage({ limit, ...(after === undefined ? {} : { after: EvalId.make(after) }) }),
      noFields,
      (page) => {
        const ids = page.data.map(({ id }) => id)
        for (const id of ids) listed.add(id)
        return Effect.andThen(storePage(session, page), readNamed(session, ids))
      }
    )
    yield* session.named("evals", "*", read)
    const left = (yield* State.problems(session.project)).filter(({ id, kind }) => kind === "evals" && !listed.has(id))
    session.counts.evals.total += left.length
    yield* readNamed(
      session,
      left.map(({ id }) => id)
    )
  })

const readOne = (session: Session, evalId: EvalId) => {
  const runs = readRuns(session, evalId)
  let stored = false
  return Effect.gen(function* () {
    if (!stored) yield* storePage(session, yield* session.page(Raw.single(Raw.retrieveEval(evalId)), noFields))
    stored = true
    yield* runs
  })
}

/** Reads some evals with their runs. */
export const readSome = (session: Session, evalIds: ReadonlyArray<EvalId>): Effect.Effect<void, SqlError, Needs> =>
  Effect.forEach(
    evalIds,
    (evalId) => Effect.andThen(session.named("evals", evalId, readOne(session, evalId)), done(session)),
    { concurrency: session.concurrency, discard: true }
  )

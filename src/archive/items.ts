/**
 * Reads the output items of runs, and looks again for those that are missing.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsError } from "../EvalsError.ts"
import * as Raw from "../Raw.ts"
import { EvalId, OutputItemId, RunId } from "../schema/Ids.ts"
import { isTerminal } from "../schema/Run.ts"
import { type Needs, pages, type Session } from "./session.ts"
import * as State from "./State.ts"
import { text, whole } from "./looseJson.ts"

/** A run whose items are read. */
export interface RunToRead {
  readonly evalId: string
  readonly runId: string
  readonly status: string
  /** The number of items that the run counts. */
  readonly total: number
}

/** How long items that appear late are waited for, in seconds, before each further look. */
const lateItems = [2, 4, 8, 16] as const

interface Look {
  readonly order: "asc" | "desc"
  readonly status?: "pass" | "fail"
}

const plain: Look = { order: "asc" }

/** Where a list is gone on with: after this item, so many being stored. */
interface From {
  readonly cursor: string
  readonly stored: number
}

const readItems = (
  session: Session,
  run: RunToRead,
  look: Look,
  from?: From
): Effect.Effect<void, EvalsError | SqlError, Needs> =>
  Effect.suspend(() => {
    let seen = from?.stored ?? 0
    let settled = false
    const settle = State.settle(session.project, run.runId, isTerminal(run.status))
    const read = pages(
      session,
      (after, limit) =>
        Raw.listOutputItemsPage(EvalId.make(run.evalId), RunId.make(run.runId), {
          ...look,
          limit,
          ...(after === undefined ? {} : { after: OutputItemId.make(after) })
        }),
      (value) => ({
        datasource_item_id: whole(value, ["datasource_item_id"], -1),
        status: text(value, "status")
      }),
      (page, last) =>
        Effect.gen(function* () {
          seen += page.data.length
          settled = !page.has_more && seen >= run.total
          // only the plain list of a run that changes no more can be gone on with
          const resumable = look === plain && isTerminal(run.status) && last !== undefined
          yield* session.store(
            "output_items",
            page,
            (fields) => ({ eval_id: run.evalId, run_id: run.runId, ...fields }),
            () => (settled ? settle : resumable ? State.setCursor(session.project, run.runId, last) : Effect.void)
          )
          if (look === plain) session.counts.items.done += page.data.length
          yield* session.report
        }),
      { from: from?.cursor, all: () => seen >= run.total }
    )
    return Effect.andThen(
      read,
      Effect.suspend(() => (settled ? Effect.void : settle))
    )
  })

// where an earlier call, or an earlier try, has stopped
const placeOf = ({ cursor, stored }: State.RunState, run: RunToRead): From | undefined =>
  isTerminal(run.status) && cursor !== null ? { cursor, stored } : undefined

const readOn = (session: Session, run: RunToRead) =>
  Effect.flatMap(State.runState(session.project, run.runId), (state) =>
    readItems(session, run, plain, placeOf(state, run))
  )

/** Reads the items of a run, from where an earlier call stopped. A run that is complete is not read again. */
export const readRun = (session: Session, run: RunToRead): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    const { counts, project } = session
    const state = yield* State.runState(project, run.runId)
    counts.items.total += run.total
    if (isTerminal(run.status) && state.complete && state.stored >= run.total) {
      session.skippedRuns.add(run.runId)
      counts.items.done += run.total
    } else {
      if (placeOf(state, run) !== undefined) counts.items.done += state.stored
      // complete no more: the host counts more items, or the run goes on
      if (state.complete) yield* State.setCursor(project, run.runId, null)
      yield* session.named("runs", run.runId, readOn(session, run))
    }
    counts.runs.done++
    yield* session.report
  })

/**
 * Looks for items that a finished run counts and did not show: from the other
 * end, by status, and once more after a while, since the host may show them late.
 */
export const lookAgain = (session: Session): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    // runs that cannot be read are named already: waiting for them is no use
    const unreadable = new Set<string>()
    const short = Effect.map(State.shortfalls(session.project), (runs) =>
      runs.filter(({ runId }) => !unreadable.has(runId) && !session.isSetAside("runs", runId))
    )
    const round = (looks: ReadonlyArray<Look>) =>
      Effect.flatMap(short, (runs) =>
        Effect.forEach(
          runs,
          ({ evalId, runId, total }) => {
            const run: RunToRead = { evalId, runId, status: "completed", total }
            const reads = Effect.forEach(looks, (look) => readItems(session, run, look), { discard: true })
            return session.named(
              "runs",
              runId,
              Effect.tapErrorTag(reads, "EvalsError", () => Effect.sync(() => unreadable.add(runId)))
            )
          },
          { concurrency: session.concurrency, discard: true }
        )
      )
    yield* round([{ order: "desc" }, { order: "asc", status: "fail" }, { order: "asc", status: "pass" }])
    for (const wait of lateItems) {
      if ((yield* short).length === 0) return
      yield* Effect.sleep(wait * 1000)
      yield* round([{ order: "asc" }])
    }
  })

/**
 * Makes and stores the output items of judged rows.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as OutputItems from "../../store/OutputItems.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import * as ItemText from "../texts/ItemText.ts"
import type { Graded } from "../work/rowGrading.ts"
import type { StartedRun } from "./StartedRun.ts"

/** Output items to be stored. */
export interface NewItems {
  readonly items: ReadonlyArray<OutputItems.NewItem>
  /** Unix seconds. */
  readonly createdAt: number
}

/** Makes the items of rows, with their ids. `rowOf` returns the row of an entry of `graded`. */
export const makeItems = Effect.fnUntraced(function* (
  { run }: StartedRun,
  graded: ReadonlyArray<Graded>,
  rowOf: (index: number) => number
): Effect.fn.Return<NewItems, never, IdGenerator> {
  const createdAt = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const ids = yield* (yield* IdGenerator).many("outputitem_", graded.length)
  const head = ItemText.heads({ evalId: run.evalId, runId: run.id, createdAt })
  const items = graded.map(({ copies, status, tail }, index): OutputItems.NewItem => {
    const id = ids[index] ?? ""
    const row = rowOf(index)
    return {
      id,
      index: row,
      status,
      head: head(id, status, row),
      tail,
      copies: copies === null ? null : JSON.stringify(copies)
    }
  })
  return { items, createdAt }
})

/** Stores items. */
export const insertItems = (
  { job, run }: StartedRun,
  { createdAt, items }: NewItems
): Effect.Effect<void, SqlError, SqlClient.SqlClient> =>
  items.length === 0
    ? Effect.void
    : OutputItems.insert(
        { project: job.project, createdBy: run.createdBy },
        { evalId: run.evalId, runId: run.id },
        items,
        createdAt
      )

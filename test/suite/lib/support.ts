/** Helpers of the suite's tests. */
import { assert } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { downloadFile, type EvalsError, type FileId, type OutputItem } from "effect-evals"
import { rows } from "./material.ts"

export const ids = (list: ReadonlyArray<{ readonly id: string }>) => list.map(({ id }) => id)

export const collected = <A extends { readonly id: string }, E, R>(list: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(list), ids)

// the hosted service gives items in no order that could be relied on
export const byRow = (items: ReadonlyArray<OutputItem.OutputItem>) =>
  items.toSorted((a, b) => a.datasource_item_id - b.datasource_item_id)

export const none = { total: 0, errored: 0, failed: 0, passed: 0 }

export const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("")
export const bytes = new TextEncoder().encode(text)

export const contentOf = (id: FileId) => Stream.mkString(Stream.decodeText(downloadFile(id)))

/** The error of an operation that finds nothing. */
export const notFound = <A, R>(operation: Effect.Effect<A, EvalsError.EvalsError, R>) =>
  Effect.tap(Effect.flip(operation), ({ reason }) =>
    Effect.sync(() => {
      assert.strictEqual(reason._tag, "NotFoundError")
    })
  )

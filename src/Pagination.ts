/**
 * Streams over lists that come in pages.
 */
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { DecodeError, EvalsError } from "./EvalsError.ts"
import type { Page } from "./schema/Page.ts"

/** The part of a list's parameters that a page is found by. */
export interface Cursor<Id extends string> {
  /** The id of the last item seen. */
  readonly after?: Id
}

/** The position at which a list begins. Without an id, or with null, that is the first item. */
export interface Start<Id extends string> {
  /** The id of the item before the first one that is wanted. */
  readonly after?: Id | null
}

/**
 * The pages of a list, each asked for with the id of the last item before it.
 * The stream ends after a page that says so and after an empty one, whatever it
 * says. While a page is consumed the next is fetched, and no more than that.
 *
 * Fails with a `DecodeError` when a page ends where an earlier one ended: the host
 * then ignores the cursor, and the list would never end.
 *
 * **Example** (Cursors that are kept elsewhere)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { type EvalId, listRunsPage, Pagination, type RunId } from "effect-evals"
 *
 * export const lastIds = (evalId: EvalId) =>
 *   Pagination.pages(
 *     (cursor: Pagination.Cursor<RunId>) => listRunsPage(evalId, { ...cursor, limit: 100 }),
 *     {}
 *   ).pipe(Stream.map((page) => page.last_id))
 * ```
 */
export const pages = <Item extends { readonly id: string }, E, R>(
  list: (cursor: Cursor<Item["id"]>) => Effect.Effect<Page<Item>, E, R>,
  first: Start<Item["id"]>
): Stream.Stream<Page<Item>, E | EvalsError, R> =>
  Stream.suspend(() => {
    const ends = new Set<string>()
    const start: Cursor<Item["id"]> = first.after === undefined || first.after === null ? {} : { after: first.after }
    if (start.after !== undefined) ends.add(start.after)
    return Stream.paginate(start, (cursor: Cursor<Item["id"]>) =>
      // the yield lets the page before be taken: a host that never waits would run far ahead otherwise
      Effect.flatMap(cursor === start ? list(cursor) : Effect.andThen(Effect.yieldNow, list(cursor)), (page) => {
        const last = Array.last(page.data)
        if (Option.isSome(last)) {
          if (ends.has(last.value.id)) return Effect.fail(stuck(cursor.after ?? "", last.value.id))
          ends.add(last.value.id)
        }
        const next = page.has_more
          ? Option.map(last, (item): Cursor<Item["id"]> => ({ after: item.id }))
          : Option.none<Cursor<Item["id"]>>()
        return Effect.succeed([[page], next] as const)
      })
    )
  }).pipe(
    // capacity 0 holds one page while the next one waits to be handed over
    Stream.buffer({ capacity: 0 })
  )

const stuck = (after: string, id: string): EvalsError =>
  new EvalsError({
    method: "list",
    reason: new DecodeError({
      message: `the host ignores the cursor: the page after ${after} ends at ${id}, where an earlier one ended`,
      status: 200,
      body: ""
    })
  })

/**
 * The items of a list, as {@link pages} brings them.
 *
 * **Example** (A list with a filter of one's own)
 *
 * ```ts
 * import { type EvalId, listOutputItemsPage, type OutputItemId, Pagination, type RunId } from "effect-evals"
 *
 * export const failures = (evalId: EvalId, runId: RunId) =>
 *   Pagination.items(
 *     (cursor: Pagination.Cursor<OutputItemId>) => listOutputItemsPage(evalId, runId, { ...cursor, status: "fail" }),
 *     {}
 *   )
 * ```
 */
export const items = <Item extends { readonly id: string }, E, R>(
  list: (cursor: Cursor<Item["id"]>) => Effect.Effect<Page<Item>, E, R>,
  first: Start<Item["id"]>
): Stream.Stream<Item, E | EvalsError, R> =>
  pages(list, first).pipe(
    Stream.map((page) => page.data),
    Stream.filter(Array.isReadonlyArrayNonEmpty),
    Stream.flattenArray
  )

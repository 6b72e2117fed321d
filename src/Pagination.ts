/**
 * Streams over lists that come in pages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { DecodeError, EvalsError } from "./EvalsError.ts"
import type { Page } from "./schema/Page.ts"

/**
 * The part of a list's parameters that a page is found by.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cursor<Id extends string> {
  /** The id of the last item seen. */
  readonly after?: Id
}

/**
 * The position at which a list begins. Without an id, or with null, that is the first item.
 *
 * @category options
 * @since 0.1.0
 */
export interface Start<Id extends string> {
  /** The id of the item before the first one that is wanted. */
  readonly after?: Id | null
}

/**
 * The pages that a list has brought. One that begins or ends where an earlier one
 * did shows that the host ignores the cursor, or that its pages go in a circle:
 * the list would never end.
 *
 * @internal
 */
export interface PagesSeen {
  /** Remembers the page after a cursor; the value is an error where the list does not go on with it. */
  readonly add: (after: string | undefined, page: ReadonlyArray<{ readonly id: string }>) => EvalsError | undefined
}

const stuck = (after: string | undefined, how: string): EvalsError =>
  new EvalsError({
    method: "list",
    reason: new DecodeError({
      message:
        "the host ignores the cursor, or its pages go in a circle: " +
        `the ${after === undefined ? "first page" : `page after ${after}`} ${how}, where an earlier one did`,
      status: 200,
      body: ""
    })
  })

/**
 * Remembers the pages of a list, `start` being the cursor that the list begins
 * behind.
 *
 * @internal
 */
export const pagesSeen = (start: string | undefined): PagesSeen => {
  const firsts = new Set<string>()
  const lasts = new Set(start === undefined ? [] : [start])
  return {
    add: (after, page) => {
      const first = page[0]?.id
      const last = page.at(-1)?.id
      if (first === undefined || last === undefined) return undefined
      if (lasts.has(last)) return stuck(after, `ends at ${last}`)
      if (firsts.has(first)) return stuck(after, `begins at ${first}`)
      firsts.add(first)
      lasts.add(last)
      return undefined
    }
  }
}

/**
 * The pages of a list, each asked for with the id of the last item before it.
 * The stream ends after a page that says so and after an empty one, whatever it
 * says. While a page is consumed the next is fetched, and no more than that.
 *
 * Fails with a `DecodeError` when a page begins or ends where an earlier one did:
 * the host then ignores the cursor, or its pages go in a circle, and the list would
 * never end.
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
 *
 * @category streams
 * @since 0.1.0
 */
export const pages = <Item extends { readonly id: string }, E, R>(
  list: (cursor: Cursor<Item["id"]>) => Effect.Effect<Page<Item>, E, R>,
  first: Start<Item["id"]>
): Stream.Stream<Page<Item>, E | EvalsError, R> => paged(list, first, (page) => [page])

const paged = <Item extends { readonly id: string }, E, R, Out>(
  list: (cursor: Cursor<Item["id"]>) => Effect.Effect<Page<Item>, E, R>,
  first: Start<Item["id"]>,
  outOf: (page: Page<Item>) => ReadonlyArray<Out>
): Stream.Stream<Out, E | EvalsError, R> =>
  Stream.suspend(() => {
    const start: Cursor<Item["id"]> = first.after === undefined || first.after === null ? {} : { after: first.after }
    const seen = pagesSeen(start.after)
    return Stream.paginate(start, (cursor: Cursor<Item["id"]>) =>
      // the yield lets the page before be taken: a host that never waits would run far ahead otherwise
      Effect.flatMap(cursor === start ? list(cursor) : Effect.andThen(Effect.yieldNow, list(cursor)), (page) => {
        const wrong = seen.add(cursor.after, page.data)
        if (wrong !== undefined) return Effect.fail(wrong)
        const last = page.has_more ? page.data.at(-1) : undefined
        const next = last === undefined ? Option.none<Cursor<Item["id"]>>() : Option.some({ after: last.id })
        return Effect.succeed([outOf(page), next] as const)
      })
    )
  }).pipe(
    // capacity 0 holds one page while the next one waits to be handed over
    Stream.bufferArray({ capacity: 0 })
  )

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
 *
 * @category streams
 * @since 0.1.0
 */
export const items = <Item extends { readonly id: string }, E, R>(
  list: (cursor: Cursor<Item["id"]>) => Effect.Effect<Page<Item>, E, R>,
  first: Start<Item["id"]>
): Stream.Stream<Item, E | EvalsError, R> => paged(list, first, (page) => page.data)

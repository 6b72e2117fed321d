/**
 * Streams over paginated lists.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { DecodeError, EvalsError } from "./EvalsError.ts"
import type { Page } from "./schema/Page.ts"

/**
 * The list parameter that selects a page.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cursor<Id extends string> {
  /** The id of the last item of the page before. */
  readonly after?: Id
}

/**
 * The start of a list. Without an id, or with null, the list starts at its first item.
 *
 * @category options
 * @since 0.1.0
 */
export interface Start<Id extends string> {
  /** The id of the item before the first wanted item. */
  readonly after?: Id | null
}

/**
 * The pages of a list so far. A page that begins or ends with the same item as an earlier page shows that the host
 * ignores the cursor, or that its cursors form a cycle. Such a list never ends.
 *
 * @internal
 */
export interface PagesSeen {
  /** Adds the page after a cursor. Returns an error if the list would never end. */
  readonly add: (after: string | undefined, page: ReadonlyArray<{ readonly id: string }>) => EvalsError | undefined
}

const stuck = (after: string | undefined, how: string): EvalsError =>
  new EvalsError({
    method: "list",
    reason: new DecodeError({
      detail:
        "the host ignores the cursor, or its pages go in a circle: " +
        `the page after ${after ?? "the start"} ${how}, as an earlier one does`,
      status: 200,
      body: ""
    })
  })

/**
 * Makes an empty record of pages. `start` is the cursor of the first page.
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
 * Streams the pages of a list. The cursor of a page is the id of the last item before it. The stream ends after a page
 * without `has_more`, and after an empty page. One page is fetched ahead while a page is consumed.
 *
 * Fails with a `DecodeError` if a page begins or ends with the same item as an earlier page. The host then ignores the
 * cursor, or its cursors form a cycle, and the list would never end.
 *
 * **Example** (The cursor of each page)
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
      // the yield lets the consumer take the page before: otherwise a host that answers at once is read far ahead
      Effect.flatMap(cursor === start ? list(cursor) : Effect.andThen(Effect.yieldNow, list(cursor)), (page) => {
        const wrong = seen.add(cursor.after, page.data)
        if (wrong !== undefined) return Effect.fail(wrong)
        const last = page.has_more ? page.data.at(-1) : undefined
        const next = last === undefined ? Option.none<Cursor<Item["id"]>>() : Option.some({ after: last.id })
        return Effect.succeed([outOf(page), next] as const)
      })
    )
  }).pipe(
    // with capacity 0, one fetched page waits for the consumer
    Stream.bufferArray({ capacity: 0 })
  )

/**
 * Streams the items of a list, page by page as {@link pages} does, with the same errors.
 *
 * **Example** (A list with a filter)
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

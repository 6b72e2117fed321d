/**
 * The paging loop of archives.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { EvalsError } from "../EvalsError.ts"
import { pagesSeen } from "../Pagination.ts"

interface AnyPage {
  readonly data: ReadonlyArray<{ readonly id: string }>
  readonly has_more: boolean
}

/**
 * Reads a list page by page and passes each page to `each` before it reads the next one. Fails if the host ignores the
 * cursor.
 *
 * After an error the same effect can run again. It then continues with the page that failed.
 */
export const forEachPage = <P extends AnyPage, E, R, E2, R2>(
  read: (cursor: string | undefined) => Effect.Effect<P, E, R>,
  each: (page: P) => Effect.Effect<void, E2, R2>,
  options: {
    /** The cursor of the first page. Default: the start of the list. */
    readonly from?: string | undefined
    /** Whether the next page is read even if this one has no `has_more`. Default: never. */
    readonly doubtsEnd?: (page: P) => boolean
    /** Whether all expected objects have been read. A host that ignores the cursor is then no error. Default: never. */
    readonly isComplete?: () => boolean
  } = {}
): Effect.Effect<void, E | E2 | EvalsError, R | R2> => {
  const { doubtsEnd = () => false, isComplete = () => false } = options
  const seen = pagesSeen(options.from)
  let cursor = options.from
  let promised = true
  return Effect.gen(function* () {
    while (true) {
      const page = yield* read(cursor)
      const stuck = seen.add(cursor, page.data)
      // no object is missing if the host promised no further page, or if all expected objects have been read
      if (stuck !== undefined) return yield* promised && !isComplete() ? stuck : Effect.void
      yield* each(page)
      promised = page.has_more
      const last = page.data.at(-1)?.id
      if (last === undefined || !(promised || (doubtsEnd(page) && !isComplete()))) return
      cursor = last
    }
  })
}

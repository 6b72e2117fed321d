/**
 * Pages of a host's lists, each object with the bytes that the host sent.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { type EvalsClient, withResponse } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type { RawPage } from "../Raw.ts"
import { integerAt } from "../schema/fields.ts"
import type { AdaptiveConcurrency } from "./AdaptiveConcurrency.ts"
import { forEachPage } from "./forEachPage.ts"
import { type HostList, pageSize } from "./hostLists.ts"

/** The intended size of a page in bytes. Lists of large objects are read in pages of fewer objects. */
const pageBytes = 8 * 1024 * 1024

/** A page with the bytes of each object and selected fields. The parsed object is dropped, to save memory. */
export interface Page<A> {
  readonly data: ReadonlyArray<{
    readonly id: string
    readonly createdAt: number
    readonly body: Uint8Array
    readonly fields: A
  }>
  readonly has_more: boolean
  readonly requestId: string | undefined
}

/** Requests pages from the host. */
export interface HostPages {
  /** Sends a request for a page, within the limit of concurrent requests, and selects the fields of its objects. */
  readonly request: <A>(
    page: Effect.Effect<RawPage, EvalsError, EvalsClient>,
    fields: (value: unknown) => A
  ) => Effect.Effect<Page<A>, EvalsError, EvalsClient>
}

/** Makes the reader of pages. `received` counts the bytes of the objects. */
export const make = (requests: Pick<AdaptiveConcurrency, "run">, received: (bytes: number) => void): HostPages => ({
  request: (page, fields) =>
    Effect.map(requests.run(withResponse(page)), ({ data, response }) => {
      for (const object of data.data) received(object.bytes.length)
      return {
        data: data.data.map(({ bytes: body, id, value }) => ({
          id,
          createdAt: integerAt(value, ["created_at"], 0),
          body,
          fields: fields(value)
        })),
        has_more: data.has_more,
        requestId: response?.requestId
      }
    })
})

// errors that a smaller page may avoid: the host ran out of memory or time, or the text is too long to parse
const isTooLarge = ({ reason }: EvalsError): boolean =>
  reason._tag === "ServerError" ||
  reason._tag === "TimeoutError" ||
  reason._tag === "ConnectionError" ||
  (reason._tag === "DecodeError" && reason.path === "")

/**
 * Reads a list to its end and passes each page to `each`. The page size adapts: a page of large objects, or a page that
 * the host fails to send, is followed by a smaller one.
 *
 * After an error the same effect can run again. It then continues with the page that failed.
 */
export const forEachHostPage = <A, E, R>(
  host: HostPages,
  list: HostList,
  fields: (value: unknown) => A,
  each: (page: Page<A>) => Effect.Effect<void, E, R>,
  options: {
    readonly from?: string | undefined
    /** The largest page. Default: the host's largest page of evals, runs and items. */
    readonly largest?: number
    /** The size of the first page. Default: `largest`. */
    readonly first?: number
    readonly isComplete?: () => boolean
  } = {}
): Effect.Effect<void, EvalsError | E, R | EvalsClient> => {
  const { first, from, isComplete = () => false, largest = pageSize } = options
  let limit = first ?? largest
  let asked = limit
  const read = (cursor: string | undefined): Effect.Effect<Page<A>, EvalsError, EvalsClient> =>
    Effect.suspend(() => {
      asked = limit
      return Effect.catchIf(
        host.request(list(cursor, asked), fields),
        (error) => asked > 1 && isTooLarge(error),
        () => {
          limit = Math.ceil(asked / 4)
          return read(cursor)
        }
      )
    })
  const adapt = ({ data }: Page<A>): void => {
    const size = data.reduce((sum, { body }) => sum + body.length, 0) / data.length
    limit = Math.max(1, Math.min(largest, Math.floor(pageBytes / size)))
  }
  return forEachPage(read, (page) => Effect.tap(each(page), () => Effect.sync(() => adapt(page))), {
    from,
    isComplete,
    // some hosts deny further pages: a full page is always followed by another request
    doubtsEnd: ({ data }) => data.length >= asked
  })
}

/**
 * What the operations share: who asks, how a request is known again, and the
 * forms of their answers.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Creations from "../../store/Creations.ts"
import * as Evals from "../../store/Evals.ts"
import type { Listed, Order, Page, PageQuery, Position } from "../../store/Page.ts"
import type { Caller } from "../../store/Projects.ts"
import { type Prefix, secondsOf, type Service as Ids } from "../texts/IdGenerator.ts"
import type { Gone } from "../rows/Lines.ts"
import { conflict, forbidden, invalid, notFound, type Rejection, unable } from "../texts/Rejection.ts"
import { WorkerDied } from "../work/workErrors.ts"

/** JSON as it is served: whole, or in pieces where it may be large. */
export type Json = string | Stream.Stream<Uint8Array, SqlError | Gone>

/** An effect of the engine: a request that is refused is a {@link Rejection}. */
export type Answer<A> = Effect.Effect<A, Rejection | SqlError>

/** An answer, and what its receiver should know. */
export interface Noted<A> {
  readonly answer: A
  /** Sentences for a reader, without a full stop. */
  readonly warnings: ReadonlyArray<string>
}

/** How many of many reasons a message names. */
const mostNamed = 3

/** Joins reasons to one text; of many it names the first ones and counts the others. */
export const severalOf = (reasons: ReadonlyArray<string>): string =>
  reasons.slice(0, mostNamed).join("; ") +
  (reasons.length > mostNamed ? ` (and ${reasons.length - mostNamed} more)` : "")

/** By what a request that creates something is known again. */
export interface Identity {
  /** The request's own key. */
  readonly key: string | undefined
  /** Whether the sender says that it has sent the request before. */
  readonly repeated: boolean
  /** The hash of what it asks for. */
  readonly contentSha256: string
}

/** How lists are asked for. */
export interface ListQuery {
  readonly limit: number
  readonly order: Order
  readonly after: string | undefined
}

/** Unix seconds. */
export const seconds: Effect.Effect<number> = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

/**
 * A new id, and when what it stands for is created, in Unix seconds: the second
 * that the id begins with, so that an object's place in its list is known from its
 * id alone ({@link deletedPosition}).
 */
export const identified = (
  ids: Ids,
  prefix: Prefix
): Effect.Effect<{ readonly id: string; readonly createdAt: number }> =>
  Effect.gen(function* () {
    const id = yield* ids.next(prefix)
    return { id, createdAt: secondsOf(prefix, id) ?? (yield* seconds) }
  })

/**
 * For how long a request without a key is taken for the same one when it is sent
 * again: openai-node repeats within seconds, and each attempt may take 10 minutes.
 */
export const repeatSeconds = 15 * 60

/** For how long a key is remembered. */
export const keySeconds = 24 * 60 * 60

const earlier = (project: number, place: string, identity: Identity, now: number) =>
  identity.key !== undefined
    ? Creations.byKey(project, place, identity.key, now - keySeconds)
    : identity.repeated
      ? Creations.byContent(project, place, identity.contentSha256, now - repeatSeconds)
      : Effect.undefined

/**
 * Returns what an earlier sending of the same request created. Fails where the key
 * was used by another request, and where its object is gone: a repetition must not
 * bring back what was deleted. Without a key an object that is gone is created anew.
 */
export const created = <A>(
  caller: Caller,
  place: string,
  identity: Identity,
  find: (id: string) => Effect.Effect<A | undefined, SqlError, SqlClient.SqlClient>
): Effect.Effect<A | undefined, Rejection | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const known = yield* earlier(caller.project, place, identity, yield* seconds)
    if (known === undefined) return undefined
    if (identity.key === undefined) return yield* find(known.id)
    const inUse = (what: string) =>
      conflict(`The Idempotency-Key ${JSON.stringify(identity.key)} ${what}`, "idempotency_key_in_use")
    if (known.contentSha256 !== identity.contentSha256) {
      return yield* inUse(
        `was used for another request, which created ${known.id}. Send each request with a key of its own.`
      )
    }
    const found = yield* find(known.id)
    if (found !== undefined) return found
    return yield* inUse(
      `was used for this request, which created ${known.id}, and that is gone. To create another, send a new key.`
    )
  })

/**
 * Creates something once, however often its request is sent. What is looked up
 * and what is written stand in one transaction.
 */
export const once = <A, E>(
  caller: Caller,
  place: string,
  identity: Identity,
  find: (id: string) => Effect.Effect<A | undefined, SqlError, SqlClient.SqlClient>,
  create: Effect.Effect<{ readonly id: string; readonly value: A }, E | SqlError, SqlClient.SqlClient>
): Effect.Effect<{ readonly value: A; readonly fresh: boolean }, E | Rejection | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const known = yield* created(caller, place, identity, find)
        if (known !== undefined) return { value: known, fresh: false }
        const { id, value } = yield* create
        const now = yield* seconds
        const creation = { id, contentSha256: identity.contentSha256 }
        yield* Creations.insert(caller.project, place, identity.key ?? id, creation, now)
        yield* Creations.forget(now - keySeconds)
        return { value, fresh: true }
      })
    )
  })

/** An eval that must be there. */
export const evalOf = (
  project: number,
  evalId: string
): Effect.Effect<Evals.StoredEval, Rejection | SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(Evals.find(project, evalId), (found) =>
    found === undefined ? Effect.fail(notFound("eval", evalId)) : Effect.succeed(found)
  )

/** What is said where this machine or this installation starts no workers, which no request can help. */
export const notStarted = (error: object): Rejection | undefined =>
  error instanceof WorkerDied && !error.started ? unable(`The engine cannot work: ${error.message}`) : undefined

/** Refuses to change what was read from a host. */
export const changeable = (origin: string, id: string): Effect.Effect<void, Rejection> =>
  origin === "archive"
    ? Effect.fail(
        forbidden(
          `${id} belongs to an archive, which is served as the host sent it and is not changed. ` +
            "What is made here, new runs of an archived eval included, can be changed and deleted."
        )
      )
    : Effect.void

/** Finds the place of an object in a list. */
type Locate = (id: string) => Effect.Effect<Position | undefined, Rejection | SqlError, SqlClient.SqlClient>

/** Where an object stood that is not there any more: an id of the engine's form begins with the second of its creation. */
export const deletedPosition = (prefix: Prefix, id: string): Position | undefined => {
  const at = secondsOf(prefix, id)
  return at === undefined ? undefined : { at, id }
}

/**
 * The page behind the object that `after` names, which is in the list (`position`)
 * or was (`deleted`): who deletes what is listed goes on behind what is gone.
 */
export const pageQuery = Effect.fnUntraced(function* (
  query: ListQuery,
  position: Locate,
  deleted: Locate
): Effect.fn.Return<PageQuery, Rejection | SqlError, SqlClient.SqlClient> {
  const { after, limit, order } = query
  if (after === undefined) return { limit, order, after: undefined }
  const found = (yield* position(after)) ?? (yield* deleted(after))
  if (found === undefined) {
    return yield* invalid(
      `after: ${JSON.stringify(after.slice(0, 200))} is not in this list; pass the id of the last object that was seen`,
      "after"
    )
  }
  return { limit, order, after: found }
})

const ends = ({ hasMore, rows }: Page): string =>
  `"first_id":${JSON.stringify(rows[0]?.id ?? null)},"last_id":${JSON.stringify(rows.at(-1)?.id ?? null)},"has_more":${hasMore}}`

/** What stands before the objects of a list, and behind them. */
export const aroundPage = (page: Page): readonly [before: string, after: string] => [
  '{"object":"list","data":[',
  `],${ends(page)}`
]

/** The most characters of an answer that is served as one text: beyond half a billion there is no such text. */
const mostAtOnce = 64 * 1024 * 1024

/** Whether texts are few enough to be served as one. */
export const fit = (texts: Iterable<string>): boolean => {
  let length = 0
  for (const text of texts) length += text.length
  return length <= mostAtOnce
}

const encoder = new TextEncoder()

/** A page as it is served: the stored texts, joined. */
export const pageText = (page: Page<Listed>): Json => {
  const [before, after] = aroundPage(page)
  const texts = page.rows.map(({ body }) => body)
  if (fit(texts)) return `${before}${texts.join(",")}${after}`
  const parts = texts.map((text, index) => (index === 0 ? text : `,${text}`))
  return Stream.map(Stream.fromIterable([before, ...parts, after]), (part) => encoder.encode(part))
}

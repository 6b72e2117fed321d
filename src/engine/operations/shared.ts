/**
 * Shared by the operations: idempotent creations, lists, and the forms of answers.
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

/** The JSON of an answer: a string, or a stream if it may be large. */
export type Json = string | Stream.Stream<Uint8Array, SqlError | Gone>

/** An operation of the engine. It fails with a {@link Rejection} if the engine refuses the request. */
export type Answer<A> = Effect.Effect<A, Rejection | SqlError>

/** An answer with warnings. */
export interface Noted<A> {
  readonly answer: A
  /** Sentences without a full stop. */
  readonly warnings: ReadonlyArray<string>
}

/** The most reasons that a message lists. */
const mostNamed = 3

/** Joins reasons to one text. It lists the first ones, and counts the others. */
export const severalOf = (reasons: ReadonlyArray<string>): string =>
  reasons.slice(0, mostNamed).join("; ") +
  (reasons.length > mostNamed ? ` (and ${reasons.length - mostNamed} more)` : "")

/** The identity of a request that creates an object. A repeated request has the same one. */
export interface Identity {
  /** The `Idempotency-Key` of the request. */
  readonly key: string | undefined
  /** Whether the client marks the request as a retry. */
  readonly repeated: boolean
  /** The hash of the request's content. */
  readonly contentSha256: string
}

/** The parameters of a list. */
export interface ListQuery {
  readonly limit: number
  readonly order: Order
  readonly after: string | undefined
}

/** The present time, in Unix seconds. */
export const seconds: Effect.Effect<number> = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

/**
 * Makes an id and the time of creation of its object, in Unix seconds. The id begins with the same second, so the
 * position of the object in its list follows from the id alone ({@link deletedPosition}).
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
 * The time in which a retry without a key is recognised. openai-node retries within seconds, and each attempt may take
 * 10 minutes.
 */
export const repeatSeconds = 15 * 60

/** The time for which a key is kept. */
export const keySeconds = 24 * 60 * 60

const earlier = (project: number, place: string, identity: Identity, now: number) =>
  identity.key !== undefined
    ? Creations.byKey(project, place, identity.key, now - keySeconds)
    : identity.repeated
      ? Creations.byContent(project, place, identity.contentSha256, now - repeatSeconds)
      : Effect.undefined

/**
 * Returns the object that an earlier attempt of the same request created. It fails if the key belongs to another
 * request. It also fails if the object was deleted: a retry must not create it again. A deleted object of a request
 * without a key is created anew.
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
      `was used for this request, which created ${known.id}. This object was deleted. To create another, send a new key.`
    )
  })

/** Creates an object once, however often the request is repeated. The lookup and the creation are one transaction. */
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

/** Returns an eval. Refuses the request if there is none. */
export const evalOf = (
  project: number,
  evalId: string
): Effect.Effect<Evals.StoredEval, Rejection | SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(Evals.find(project, evalId), (found) =>
    found === undefined ? Effect.fail(notFound("eval", evalId)) : Effect.succeed(found)
  )

/**
 * Returns the refusal for a machine or an installation on which no worker starts. Returns undefined for any other
 * error.
 */
export const notStarted = (error: object): Rejection | undefined =>
  error instanceof WorkerDied && !error.started ? unable(`The engine cannot work: ${error.message}`) : undefined

/** Refuses to change an archived object. */
export const changeable = (origin: string, id: string): Effect.Effect<void, Rejection> =>
  origin === "archive"
    ? Effect.fail(
        forbidden(
          `${id} belongs to an archive, which is served as the host sent it and is not changed. ` +
            "What is made here, new runs of an archived eval included, can be changed and deleted."
        )
      )
    : Effect.void

/** Finds the position of an object in a list. */
type Locate = (id: string) => Effect.Effect<Position | undefined, Rejection | SqlError, SqlClient.SqlClient>

/**
 * Returns the position that a deleted object had. An id of this engine begins with the second of its creation. Returns
 * undefined for other ids.
 */
export const deletedPosition = (prefix: Prefix, id: string): Position | undefined => {
  const at = secondsOf(prefix, id)
  return at === undefined ? undefined : { at, id }
}

/**
 * Returns the query of the page after the cursor `after`. The cursor is an object of the list (`position`) or a deleted
 * one (`deleted`): a client may delete objects while it lists them.
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

/** Returns the JSON before and after the objects of a list. */
export const aroundPage = (page: Page): readonly [before: string, after: string] => [
  '{"object":"list","data":[',
  `],${ends(page)}`
]

/** The most characters of an answer that is served as a string. JavaScript's own limit is half a billion. */
const mostAtOnce = 64 * 1024 * 1024

/** Whether texts are small enough to be served as one string. */
export const fit = (texts: Iterable<string>): boolean => {
  let length = 0
  for (const text of texts) length += text.length
  return length <= mostAtOnce
}

const encoder = new TextEncoder()

/** Returns a page as it is served. It joins the stored texts. */
export const pageText = (page: Page<Listed>): Json => {
  const [before, after] = aroundPage(page)
  const texts = page.rows.map(({ body }) => body)
  if (fit(texts)) return `${before}${texts.join(",")}${after}`
  const parts = texts.map((text, index) => (index === 0 ? text : `,${text}`))
  return Stream.map(Stream.fromIterable([before, ...parts, after]), (part) => encoder.encode(part))
}

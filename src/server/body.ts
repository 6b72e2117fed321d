/**
 * Reads the bodies of requests: no further than their limit, and as what the API
 * asks for.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { joined } from "../engine/rows/bytes.ts"
import { isObject, maxDepth, scan } from "../engine/rows/JsonText.ts"
import { invalid, type Rejection, tooLarge, unsupported } from "../engine/texts/Rejection.ts"
import { checker } from "../schema/checker.ts"
import { at } from "../schema/fields.ts"
import { formatPath, type Place } from "../schema/issues.ts"
import { withoutNulls } from "../schema/withoutNulls.ts"
import { words } from "./Limits.ts"
import { CurrentNotes } from "./request.ts"

/** How large a body may be, and what to do where it is larger. */
export interface Limit {
  readonly bytes: number
  readonly advice: string
}

const oversized = ({ advice, bytes }: Limit): Rejection =>
  tooLarge(`The request's body is larger than ${words(bytes)}, which is what this server takes. ${advice}`)

const unreadable = (error: HttpServerError): Effect.Effect<never, Rejection> =>
  Effect.fail(invalid(`The request's body could not be read: ${error.message}`))

/** Refuses a body that is packed: how large it is would only show when it is unpacked. */
export const unpacked = (request: HttpServerRequest): Effect.Effect<void, Rejection> => {
  const encoding = request.headers["content-encoding"] ?? "identity"
  return encoding.toLowerCase() === "identity"
    ? Effect.void
    : Effect.fail(
        unsupported(`The request's body is encoded as ${legible(encoding)}; send it without content-encoding.`)
      )
}

/** The bytes of a request's body. */
export const bytes = (request: HttpServerRequest, limit: Limit): Effect.Effect<Uint8Array, Rejection> =>
  Effect.andThen(unpacked(request), () => {
    const stated = Number(request.headers["content-length"] ?? "0")
    if (stated > limit.bytes) return Effect.fail(oversized(limit))
    if (request.headers["content-length"] === "0" || hasNoBody(request)) return Effect.succeed(new Uint8Array(0))
    const chunks: Array<Uint8Array> = []
    let size = 0
    return Stream.runForEach(request.stream, (chunk) => {
      size += chunk.length
      if (size > limit.bytes) return Effect.fail(oversized(limit))
      chunks.push(chunk)
      return Effect.void
    }).pipe(
      Effect.map(() => joined(chunks)),
      Effect.catchTag("HttpServerError", unreadable)
    )
  })

// a request of this process may have no body at all, and then no stream of it
const hasNoBody = (request: HttpServerRequest): boolean =>
  request.source instanceof Request
    ? request.source.body === null
    : request.headers["content-length"] === undefined &&
      request.headers["transfer-encoding"] === undefined &&
      request.headers["content-type"] === undefined

const decoder = new TextDecoder("utf-8", { fatal: true })

/** JSON that was read. */
export interface Parsed {
  readonly value: unknown
  /** The text of the member `item` of the whole, where that is an object. */
  readonly itemText: string | undefined
}

/** Reads JSON that is nested no deeper than what walks it can bear. */
export const parse = (body: Uint8Array): Effect.Effect<unknown, Rejection> =>
  Effect.map(parseWithItem(body), ({ value }) => value)

/** Reads JSON as {@link parse} does, and keeps the text of its `item`. */
export const parseWithItem = (body: Uint8Array): Effect.Effect<Parsed, Rejection> =>
  Effect.gen(function* () {
    if (body.length === 0) return yield* invalid("The request has no body; it must be a JSON object.")
    const text = yield* Effect.try({
      try: () => decoder.decode(body),
      catch: () => invalid("The request's body is not UTF-8.")
    })
    const { depth, item } = scan(text)
    if (depth > maxDepth) {
      return yield* invalid(`The request's body is nested deeper than ${maxDepth} levels.`)
    }
    const value: unknown = yield* Effect.try({
      try: () => JSON.parse(text),
      catch: (cause) =>
        invalid(
          `The request's body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
          null,
          "invalid_json"
        )
    })
    // of members that are there twice the last one counts
    return {
      value,
      itemText: item !== undefined && isObject(at(value, "item")) ? text.slice(item.start, item.end) : undefined
    }
  })

/** What is left out of a value: by key, all of what stands there (nothing follows), or parts of it. */
interface Cut extends Map<PropertyKey, Cut> {}

const cutOf = (places: ReadonlyArray<Place>): Cut => {
  const all: Cut = new Map()
  for (const { path } of places) {
    let at = all
    for (const key of path) {
      const inner: Cut = at.get(key) ?? new Map()
      at.set(key, inner)
      at = inner
    }
  }
  return all
}

// what is on the way is copied, once for all places: a request may hold as many unknown keys as it has room for
const without = (value: unknown, cut: Cut): unknown => {
  if (typeof value !== "object" || value === null) return value
  const inside = (key: PropertyKey, inner: unknown): unknown => {
    const parts = cut.get(key)
    return parts === undefined ? inner : without(inner, parts)
  }
  if (Array.isArray(value)) return value.map((inner, index) => inside(index, inner))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (cut.get(name)?.size === 0 ? [] : [[name, inside(name, inner)]]))
  )
}

const named = (places: ReadonlyArray<Place>): ReadonlyArray<string> => [
  // rows of a list share their mistakes
  ...new Set(places.map(({ path }) => formatPath(path).replaceAll(/\[\d+\]/g, "[]")))
]

/**
 * The most values that a request may hold, the rows of a run not counted. What is
 * said of a value that is wrong takes far longer to find than the value to read, and
 * nobody else is answered meanwhile.
 */
export const mostValues = 100_000

const holdsMore = (value: unknown, most: number): boolean => {
  const open = [value]
  let count = 0
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    if (++count + open.length > most) return true
    if (typeof inner === "object" && inner !== null) for (const each of Object.values(inner)) open.push(each)
  }
  return false
}

const shown = 10

// a name may be long, and hold line breaks that would be taken for lines of the log
const legible = (name: string): string => {
  const beginning = name.slice(0, 100)
  return /\p{Cc}/u.test(beginning) ? JSON.stringify(beginning) : beginning
}

/** Puts warnings into the answer's header `warning`, and into the log. */
export const warn = (warnings: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(CurrentNotes, (notes) =>
    Effect.forEach(
      warnings,
      (warning) => {
        notes.warnings.push(warning)
        return Effect.logWarning(`request ${notes.id}: ${warning}`)
      },
      { discard: true, concurrency: 1 }
    )
  )

/** Notes keys that the API does not name; they are ignored, as the hosted service does. */
export const noteUnknown = (keys: ReadonlyArray<string>, what: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (keys.length === 0) return Effect.void
    const some =
      keys.slice(0, shown).map(legible).join(", ") + (keys.length > shown ? ` and ${keys.length - shown} more` : "")
    return warn([`ignored ${what} that the API does not name: ${some}`])
  })

/** How many of the wrong values of a request are told one by one. */
const wrongShown = 3

const described = ({ message, path }: Place): string =>
  `${path.length === 0 ? "The request's body" : formatPath(path)}: ${message}`

/**
 * Makes a reader of values by a schema. A field that is null where it may be left
 * out counts as left out. Wrong values are refused with their places, unknown keys
 * are ignored with a warning.
 */
export const reader = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): ((value: unknown) => Effect.Effect<S["Type"], Rejection>) => {
  const check = checker(schema)
  const accepts = (value: unknown): value is S["Type"] => check(value).every(({ unexpected }) => unexpected)
  const strip = withoutNulls(schema)
  return (given) =>
    Effect.gen(function* () {
      if (holdsMore(given, mostValues)) {
        return yield* tooLarge(
          `The request's body holds more than ${mostValues} values; rows of a run are not counted.`
        )
      }
      const value = strip(given)
      const found = check(value)
      const wrong = found.filter(({ unexpected }) => !unexpected)
      const [first] = wrong
      if (first !== undefined) {
        const path = formatPath(first.path)
        const more = wrong.length <= wrongShown ? "" : ` (and ${wrong.length - wrongShown} more)`
        return yield* invalid(
          `${wrong.slice(0, wrongShown).map(described).join("; ")}${more}`,
          path === "" ? null : path
        )
      }
      yield* noteUnknown(named(found), "keys")
      const known = found.length === 0 ? value : without(value, cutOf(found))
      return accepts(known) ? known : yield* invalid("The request's body cannot be read.")
    })
}

/**
 * Reads, parses and checks the bodies of requests.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { joinBytes } from "../engine/rows/joinBytes.ts"
import { isObject, maxDepth, scan } from "../engine/rows/JsonText.ts"
import { invalid, type Rejection, tooLarge, unsupported } from "../engine/texts/Rejection.ts"
import { checker } from "../schema/checker.ts"
import { at } from "../schema/fields.ts"
import { formatPath, type Place } from "../schema/issues.ts"
import { withoutNulls } from "../schema/withoutNulls.ts"
import { formatBytes } from "./Limits.ts"
import { CurrentNotes } from "./request.ts"

/** The size limit of a body, and advice for larger ones. */
export interface Limit {
  readonly bytes: number
  readonly advice: string
}

const oversized = ({ advice, bytes }: Limit): Rejection =>
  tooLarge(`The request's body is larger than the limit of ${formatBytes(bytes)}. ${advice}`)

const unreadable = (error: HttpServerError): Effect.Effect<never, Rejection> =>
  Effect.fail(invalid(`The request's body could not be read: ${error.message}`))

/** Refuses a compressed body. Its size would be known only after it is decompressed. */
export const unpacked = (request: HttpServerRequest): Effect.Effect<void, Rejection> => {
  const encoding = request.headers["content-encoding"] ?? "identity"
  return encoding.toLowerCase() === "identity"
    ? Effect.void
    : Effect.fail(
        unsupported(`The request's body is encoded as ${legible(encoding)}; send it without content-encoding.`)
      )
}

/** Reads the bytes of a body. */
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
      Effect.map(() => joinBytes(chunks)),
      Effect.catchTag("HttpServerError", unreadable)
    )
  })

// an in-process request may have no body at all, and then no stream
const hasNoBody = (request: HttpServerRequest): boolean =>
  request.source instanceof Request
    ? request.source.body === null
    : request.headers["content-length"] === undefined &&
      request.headers["transfer-encoding"] === undefined &&
      request.headers["content-type"] === undefined

const decoder = new TextDecoder("utf-8", { fatal: true })

/** A parsed body. */
export interface Parsed {
  readonly value: unknown
  /** The text of the member `item`. Undefined if it is not an object. */
  readonly itemText: string | undefined
}

/** Parses JSON. Refuses JSON that is nested deeper than {@link maxDepth}. */
export const parse = (body: Uint8Array): Effect.Effect<unknown, Rejection> =>
  Effect.map(parseWithItem(body), ({ value }) => value)

/** Parses JSON as {@link parse} does, and keeps the text of its member `item`. */
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
    // the last of several members with the same name counts
    return {
      value,
      itemText: item !== undefined && isObject(at(value, "item")) ? text.slice(item.start, item.end) : undefined
    }
  })

/** Paths to remove from a value, as a tree. An empty node removes the value at its path. */
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

// containers are copied once for all paths: a request may have a large number of unknown keys
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
  // elements of a list have the same unknown keys
  ...new Set(places.map(({ path }) => formatPath(path).replaceAll(/\[\d+\]/g, "[]")))
]

/**
 * The largest number of values in a request, without the rows of a run. The checks of a large value would block other
 * requests.
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

// names are shortened, and line breaks escaped, since they would look like lines of the log
const legible = (name: string): string => {
  const beginning = name.slice(0, 100)
  return /\p{Cc}/u.test(beginning) ? JSON.stringify(beginning) : beginning
}

/** Adds warnings to the response header `warning` and to the log. */
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

/** Warns about keys that the API does not define. They are ignored, as on the hosted service. */
export const noteUnknown = (keys: ReadonlyArray<string>, what: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (keys.length === 0) return Effect.void
    const some =
      keys.slice(0, shown).map(legible).join(", ") + (keys.length > shown ? ` and ${keys.length - shown} more` : "")
    return warn([`ignored ${what} that the API does not name: ${some}`])
  })

/** The number of invalid values that a message lists. */
const wrongShown = 3

const described = ({ message, path }: Place): string =>
  `${path.length === 0 ? "The request's body" : formatPath(path)}: ${message}`

/**
 * Makes a reader of values from a schema. An optional field that is null counts as absent. Invalid values are refused
 * with their paths. Unknown keys are ignored with a warning.
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

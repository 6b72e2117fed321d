/**
 * Reads the query parameters of lists.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { invalid, type Rejection } from "../engine/texts/Rejection.ts"
import { noteUnknown } from "./body.ts"

/** The query parameters of a request. Each is read by name. */
export interface Query {
  /** Reads an integer within bounds. */
  readonly count: (
    name: string,
    smallest: number,
    largest: number,
    otherwise: number
  ) => Effect.Effect<number, Rejection>
  /** Reads one of several values. */
  readonly oneOf: <const A extends string>(
    name: string,
    values: ReadonlyArray<A>
  ) => Effect.Effect<A | undefined, Rejection>
  /** Reads any text. */
  readonly text: (name: string) => Effect.Effect<string | undefined>
  /** Warns about parameters that were not read. They are ignored, like unknown keys of a body. */
  readonly rest: Effect.Effect<void>
}

const quoted = (given: string): string => JSON.stringify(given.slice(0, 100))

/**
 * Whether a parameter has no value. For null, openai-node sends `after=` and `URLSearchParams` sends `after=null`. No
 * parameter has such a value.
 */
const isLeftOut = (value: string): boolean => value === "" || value === "null"

/** Azure clients send the version of the API with each request. */
const azureVersion = ["api-version"]

/** Returns the query parameters of a request. */
export const of = (request: HttpServerRequest): Query => {
  const at = request.url.indexOf("?")
  const given = new URLSearchParams(at === -1 ? "" : request.url.slice(at + 1))
  const taken = new Set(azureVersion)
  const take = (name: string): string | undefined => {
    taken.add(name)
    const value = given.get(name)
    return value === null || isLeftOut(value) ? undefined : value
  }
  return {
    count: (name, smallest, largest, otherwise) =>
      Effect.suspend(() => {
        const value = take(name)
        if (value === undefined) return Effect.succeed(otherwise)
        const number = Number(value)
        return /^\d+$/.test(value) && number >= smallest && number <= largest
          ? Effect.succeed(number)
          : Effect.fail(
              invalid(`${name}: expected a whole number from ${smallest} to ${largest}, got ${quoted(value)}`, name)
            )
      }),
    oneOf: (name, values) =>
      Effect.suspend(() => {
        const value = take(name)
        if (value === undefined) return Effect.undefined
        const found = values.find((each) => each === value)
        return found !== undefined
          ? Effect.succeed(found)
          : Effect.fail(
              invalid(
                `${name}: expected one of ${values.map((each) => `"${each}"`).join(", ")}, got ${quoted(value)}`,
                name
              )
            )
      }),
    text: (name) => Effect.sync(() => take(name)),
    rest: Effect.suspend(() =>
      noteUnknown(
        [...new Set(given.keys())].filter((name) => !taken.has(name)),
        "parameters"
      )
    )
  }
}

/** The largest page of evals, runs or items, as on the hosted service. */
export const largestPage = 100

/** Reads the parameters of all lists. */
export const list = (query: Query, page = { largest: largestPage, otherwise: 20 }, order: "asc" | "desc" = "asc") =>
  Effect.gen(function* () {
    return {
      limit: yield* query.count("limit", 1, page.largest, page.otherwise),
      order: (yield* query.oneOf("order", ["asc", "desc"])) ?? order,
      after: yield* query.text("after")
    }
  })

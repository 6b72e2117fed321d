/**
 * Reads the parameters of lists.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { invalid, type Rejection } from "../engine/texts/Rejection.ts"
import { noteUnknown } from "./body.ts"

/** The parameters of a request, taken one by one. */
export interface Query {
  /** A whole number within bounds. */
  readonly count: (
    name: string,
    smallest: number,
    largest: number,
    otherwise: number
  ) => Effect.Effect<number, Rejection>
  /** One of some words. */
  readonly oneOf: <const A extends string>(
    name: string,
    values: ReadonlyArray<A>
  ) => Effect.Effect<A | undefined, Rejection>
  /** Any text. */
  readonly text: (name: string) => Effect.Effect<string | undefined>
  /** Notes the parameters that nobody took; they are ignored, as keys of a body are. */
  readonly rest: Effect.Effect<void>
}

const quoted = (given: string): string => JSON.stringify(given.slice(0, 100))

/**
 * A parameter that a client was not given: openai-node writes `after=` for null,
 * `URLSearchParams` writes `after=null`. No parameter has such a value.
 */
const isLeftOut = (value: string): boolean => value === "" || value === "null"

/** Azure's clients name a version of the API in each request. */
const azureVersion = ["api-version"]

/** The parameters of a request. */
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

/** The most objects of a page of evals, runs or items: the hosted service's. */
export const largestPage = 100

/** The parameters that all lists share. */
export const list = (query: Query, page = { largest: largestPage, otherwise: 20 }, order: "asc" | "desc" = "asc") =>
  Effect.gen(function* () {
    return {
      limit: yield* query.count("limit", 1, page.largest, page.otherwise),
      order: (yield* query.oneOf("order", ["asc", "desc"])) ?? order,
      after: yield* query.text("after")
    }
  })

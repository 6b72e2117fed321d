/**
 * The ceilings of a single run: an extension, in headers of the request that creates it.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { Ceilings } from "../engine/models/Spending.ts"
import { invalid, type Rejection } from "../engine/texts/Rejection.ts"

/** The names of the headers. */
const headers = [
  ["maxRequests", "evals-max-requests", true],
  ["maxTokens", "evals-max-tokens", true],
  ["maxCost", "evals-max-cost", false]
] as const

/** Reads the ceilings of a run. */
export const ceilingsOf = ({ headers: given }: HttpServerRequest): Effect.Effect<Ceilings, Rejection> =>
  Effect.gen(function* () {
    const ceilings: { -readonly [name in keyof Ceilings]: Ceilings[name] } = {}
    for (const [name, header, isWhole] of headers) {
      const text = given[header]?.trim()
      if (text === undefined) continue
      const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
      if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value))) {
        const expected = isWhole ? "a whole number" : "a number"
        return yield* invalid(
          `${header}: expected ${expected} that is not negative, got ${JSON.stringify(text.slice(0, 100))}`,
          header
        )
      }
      ceilings[name] = value
    }
    return ceilings
  })

/**
 * The warnings of a host, in the header `warning` of its answers.
 */
import * as Effect from "effect/Effect"
import * as EvalsClient from "../EvalsClient.ts"

const entry = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g

// a header holds only ASCII; the engine writes other characters as \uXXXX
const letters = (text: string): string =>
  text.replaceAll(/\\u([\da-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))

/** Reads a header `warning`: `299 effect-evals "the text", 299 …`. */
export const parseWarnings = (header: string | undefined): ReadonlyArray<string> =>
  Array.from((header ?? "").matchAll(entry), ([, text = ""]) => letters(text.replaceAll(/\\(.)/g, "$1")))

/** Returns the value of a request and the warnings of its answer. */
export const withWarnings = <A, E, R>(
  request: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly warnings: ReadonlyArray<string> }, E, R> =>
  Effect.map(EvalsClient.withResponse(request), ({ data, response }) => ({
    value: data,
    warnings: parseWarnings(response?.headers["warning"])
  }))

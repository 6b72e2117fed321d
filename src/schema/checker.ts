/**
 * Checks of requests: in the client before they are sent, in the server when they arrive.
 *
 * @internal
 */
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { guard } from "./guard.ts"
import { type Place, places, strict } from "./issues.ts"
import { plainJson } from "./plainJson.ts"

/** Returns the problem of a value that JSON cannot write, such as a value that contains itself. */
export const caught = (cause: unknown): ReadonlyArray<Place> => [
  {
    path: [],
    message:
      cause instanceof RangeError
        ? "nested too deeply, or in a circle, and cannot be written as JSON"
        : `cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
    unexpected: false
  }
]

/**
 * Compiles a schema into a function that returns all problems of a request. Unknown keys are problems too. The function
 * throws for no value, however deeply it is nested.
 */
export const checker = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): ((params: unknown) => ReadonlyArray<Place>) => {
  let accepts: ((input: unknown) => boolean) | undefined
  const check = (params: unknown): ReadonlyArray<Place> => {
    accepts ??= guard(schema, "closed")
    if (accepts(params)) return []
    const odd: Array<Place> = []
    const plain = plainJson(params, odd)
    if (odd.length > 0) return odd
    if (accepts(plain)) return []
    const decoded = Schema.decodeUnknownResult(schema, strict)(plain)
    return Result.isFailure(decoded) ? places(decoded.failure.issue, plain) : []
  }
  return (params) => Result.getOrElse(Result.try({ try: () => check(params), catch: caught }), identity)
}

/**
 * Checks values before they are sent, and what a server is sent.
 *
 * @internal
 */
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { guard } from "./guard.ts"
import { type Place, places, strict } from "./issues.ts"
import { plainJson } from "./plainJson.ts"

/** What is wrong with a value that cannot be walked or written. */
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
 * What is wrong with a request, the keys that its schema does not name among it.
 * It fails for no value, be it nested however deep.
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

/**
 * Reading answers and checking requests.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { caught, checker } from "../schema/checker.ts"
import { guard } from "../schema/guard.ts"
import { type Place, places } from "../schema/issues.ts"
import { parseJson } from "./errors.ts"

/** Reads a body: its value, why it is no JSON, or where it is not what was promised. */
export type Decoder<A> = (body: string) => Result.Result<A, string | ReadonlyArray<Place>>

/**
 * A decoder that validates and returns the parsed value itself, so that unknown
 * fields stay and nothing is copied. The schema's own decoder runs only for a
 * value that is refused, to say where.
 */
export const decoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): Decoder<S["Type"]> => {
  // compiled at the first answer: most programs use few of the operations that they import
  let accepts: ((input: unknown) => input is S["Type"]) | undefined
  return (body) => {
    const parsed = parseJson(body)
    if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
    const value = parsed.success
    accepts ??= guard(schema)
    return accepts(value)
      ? Result.succeed(value)
      : Result.mapError(Schema.decodeUnknownResult(schema, { errors: "all" })(value), (error) =>
          places(error.issue, value)
        )
  }
}

/** A request's body as JSON with the keys that its schema does not name, or what is wrong with it. */
export type Encoder<A> = (
  params: A
) => Result.Result<{ readonly json: string; readonly unknownKeys: ReadonlyArray<Place> }, ReadonlyArray<Place>>

/**
 * An encoder that checks a request and writes it as it is: keys that the schema
 * does not name pass through and are reported.
 */
export const encoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): Encoder<S["Type"]> => {
  const check = checker(schema)
  return (params) => {
    const found = check(params)
    return found.some((place) => !place.unexpected)
      ? Result.fail(found.filter((place) => !place.unexpected))
      : Result.try({ try: () => ({ json: JSON.stringify(params), unknownKeys: found }), catch: caught })
  }
}

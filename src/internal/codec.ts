/**
 * Decoders of answers and encoders of requests.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { caught, checker } from "../schema/checker.ts"
import { guard } from "../schema/guard.ts"
import { type Place, places } from "../schema/issues.ts"
import { parseJson } from "./errorOfAnswer.ts"

/** Decodes a body. Fails with the JSON parser's message, or with the faults of the parsed value. */
export type Decoder<A> = (body: string) => Result.Result<A, string | ReadonlyArray<Place>>

/**
 * Makes a decoder that validates the parsed value and returns it uncopied, with its unknown fields. The schema's own
 * decoder runs only for a refused value, to find the faults.
 */
export const decoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): Decoder<S["Type"]> => {
  // compiled for the first answer: most programs use few of the operations that they load
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

/** Encodes the parameters of a request as JSON, with the keys that the schema does not define. Fails with the faults. */
export type Encoder<A> = (
  params: A
) => Result.Result<{ readonly json: string; readonly unknownKeys: ReadonlyArray<Place> }, ReadonlyArray<Place>>

/**
 * Makes an encoder that checks parameters and writes them unchanged. Keys that the schema does not define are sent, and
 * reported beside the JSON.
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

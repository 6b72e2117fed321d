/**
 * Fields of the graders that ask a model.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { maybe, open } from "../Wire.ts"

/** Sampling parameters of a judge in a response. */
export const JudgeSamplingParams = maybe(
  open({
    seed: maybe(Schema.Finite),
    top_p: maybe(Schema.Finite),
    temperature: maybe(Schema.Finite),
    max_completions_tokens: maybe(Schema.Finite),
    max_completion_tokens: maybe(Schema.Finite),
    reasoning_effort: maybe(Schema.String)
  })
)

/** The sampling parameters of a judge as they are sent. */
export const JudgeSamplingParamsParam = maybe(
  Schema.Struct({
    seed: maybe(Schema.Int),
    top_p: maybe(Schema.Finite),
    temperature: maybe(Schema.Finite),
    max_completions_tokens: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
    max_completion_tokens: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
    reasoning_effort: maybe(Schema.String)
  })
)

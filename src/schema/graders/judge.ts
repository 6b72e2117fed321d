/**
 * Fields that the graders share which ask a model.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { maybe, open } from "../Wire.ts"

/** The sampling parameters of a judge as the host gives them back. */
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

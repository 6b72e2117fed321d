/**
 * Graders: how a sample is judged. An eval's testing criteria are graders; the
 * grader endpoints take them alone, and `multi` besides.
 */
import * as Schema from "effect/Schema"
import { Message } from "./Message.ts"
import { JsonObject, maybe, open, openLiterals, unknownMember } from "./Wire.ts"

export * from "./GraderParam.ts"

const readFields = {
  name: Schema.String,
  id: maybe(Schema.String),
  grdr_id: maybe(Schema.Unknown),
  inactive_at: maybe(Schema.Unknown)
}

const JudgeSamplingParams = maybe(
  open({
    seed: maybe(Schema.Finite),
    top_p: maybe(Schema.Finite),
    temperature: maybe(Schema.Finite),
    max_completions_tokens: maybe(Schema.Finite),
    max_completion_tokens: maybe(Schema.Finite),
    reasoning_effort: maybe(Schema.String)
  })
)

/**
 * A grader as the host gives it back. In an eval it has an `id` besides,
 * `<name>-<uuid>`, which names the criterion in the results of every run. A type
 * that this version does not know is kept as it is.
 *
 * **Example** (Reading the criteria of an eval)
 *
 * ```ts
 * import type { Grader } from "effect-evals"
 *
 * export const describe = (grader: Grader.Grader): string => {
 *   switch (grader.type) {
 *     case "string_check":
 *       return `${grader.input} ${grader.operation} ${grader.reference}`
 *     case "text_similarity":
 *       return `${grader.evaluation_metric} of at least ${grader.pass_threshold ?? "the host's default"}`
 *     default:
 *       return grader.type
 *   }
 * }
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const Grader = Schema.Union([
  open({
    type: Schema.Literal("string_check"),
    ...readFields,
    input: Schema.String,
    reference: Schema.String,
    operation: openLiterals(["eq", "ne", "like", "ilike"])
  }),
  open({
    type: Schema.Literal("text_similarity"),
    ...readFields,
    input: Schema.String,
    reference: Schema.String,
    evaluation_metric: Schema.String,
    pass_threshold: maybe(Schema.Finite)
  }),
  open({
    type: Schema.Literal("python"),
    ...readFields,
    source: Schema.String,
    image_tag: maybe(Schema.String),
    pass_threshold: maybe(Schema.Finite)
  }),
  open({
    type: Schema.Literal("score_model"),
    ...readFields,
    model: Schema.String,
    input: Schema.Array(Message),
    range: maybe(Schema.Array(Schema.Finite)),
    pass_threshold: maybe(Schema.Finite),
    sampling_params: JudgeSamplingParams
  }),
  open({
    type: Schema.Literal("label_model"),
    ...readFields,
    model: Schema.String,
    input: Schema.Array(Message),
    labels: Schema.Array(Schema.String),
    passing_labels: Schema.Array(Schema.String),
    sampling_params: JudgeSamplingParams
  }),
  open({
    type: Schema.Literal("multi"),
    ...readFields,
    // the specification says one grader, its example a list, the guide a map of names
    graders: Schema.Unknown,
    calculate_output: Schema.String
  }),
  unknownMember(["string_check", "text_similarity", "python", "score_model", "label_model", "multi"])
])
/**
 * A grader as the host gives it back.
 *
 * @category models
 * @since 0.1.0
 */
export type Grader = typeof Grader.Type

/**
 * The result of a grader for one sample.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunResponse = open({
  reward: Schema.Finite,
  metadata: open({
    name: maybe(Schema.String),
    type: maybe(Schema.String),
    errors: maybe(JsonObject),
    execution_time: maybe(Schema.Finite),
    scores: maybe(JsonObject),
    token_usage: maybe(Schema.Unknown),
    sampled_model_name: maybe(Schema.String)
  }),
  sub_rewards: maybe(JsonObject),
  model_grader_token_usage_per_model: maybe(JsonObject)
})
/**
 * The result of a grader for one sample.
 *
 * @category models
 * @since 0.1.0
 */
export type RunResponse = typeof RunResponse.Type

/**
 * A grader that the host accepts.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ValidateResponse = open({ grader: maybe(Grader) })
/**
 * A grader that the host accepts.
 *
 * @category models
 * @since 0.1.0
 */
export type ValidateResponse = typeof ValidateResponse.Type

/**
 * Graders, which judge samples. The testing criteria of an eval are graders. The grader endpoints accept the same ones,
 * and `multi`.
 */
import * as Schema from "effect/Schema"
import { paramOf } from "./graders/multi.ts"
import { read, sent } from "./graders/registry.ts"
import { JsonInput, JsonObject, maybe, open, openUnion } from "./Wire.ts"

export { LabelModel } from "./graders/labelModel.ts"
export { Python } from "./graders/python.ts"
export { ScoreModel } from "./graders/scoreModel.ts"
export { StringCheck } from "./graders/stringCheck.ts"
export { Metric, TextSimilarity } from "./graders/textSimilarity.ts"

/**
 * A grader in a response. In an eval it also has an `id`, `<name>-<uuid>`, which names the criterion in the results of
 * runs. A type that this version does not know is kept.
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
export const Grader = openUnion(read)
/**
 * A grader in a response.
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

/**
 * A testing criterion of an eval: any grader except `multi`, which is for fine-tuning.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TestingCriterion = Schema.Union(sent).pipe(Schema.toTaggedUnion("type"))
/**
 * A testing criterion of an eval.
 *
 * @category models
 * @since 0.1.0
 */
export type TestingCriterion = typeof TestingCriterion.Type

/**
 * Combines graders by a formula over their names, `0.5 * a + 0.5 * b`. The grader endpoints accept it, evals do not.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Multi = paramOf(TestingCriterion)
/**
 * A combination of graders by a formula.
 *
 * @category models
 * @since 0.1.0
 */
export type Multi = typeof Multi.Type

/**
 * A grader of the grader endpoints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const GraderParam = Schema.Union([...sent, Multi]).pipe(Schema.toTaggedUnion("type"))
/**
 * A grader of the grader endpoints.
 *
 * @category models
 * @since 0.1.0
 */
export type GraderParam = typeof GraderParam.Type

/**
 * A grader, the sample it judges, and the row it may refer to.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunParams = Schema.Struct({
  grader: GraderParam,
  model_sample: Schema.String,
  item: maybe(JsonInput)
})
/**
 * A grader, the sample it judges, and the row it may refer to.
 *
 * @category models
 * @since 0.1.0
 */
export type RunParams = typeof RunParams.Type

/**
 * A grader to be checked without running it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ValidateParams = Schema.Struct({ grader: GraderParam })
/**
 * A grader to be checked without running it.
 *
 * @category models
 * @since 0.1.0
 */
export type ValidateParams = typeof ValidateParams.Type

/**
 * Graders as they are sent: the testing criteria of an eval, and the graders of the
 * grader endpoints.
 */
import * as Schema from "effect/Schema"
import { MessageParam } from "./Message.ts"
import { JsonInput, maybe } from "./Wire.ts"

/**
 * Compares two strings. `eq` and `ne` respect case; `like` asks whether the
 * input contains the reference, `ilike` the same without regard to case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StringCheck = Schema.Struct({
  type: Schema.tag("string_check"),
  name: Schema.String,
  input: Schema.String,
  reference: Schema.String,
  operation: Schema.Literals(["eq", "ne", "like", "ilike"])
})
/**
 * A comparison of two strings.
 *
 * @category models
 * @since 0.1.0
 */
export type StringCheck = typeof StringCheck.Type

/**
 * Metrics of `text_similarity`. Each is between 0 and 1.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Metric = Schema.Literals([
  "cosine",
  "fuzzy_match",
  "bleu",
  "gleu",
  "meteor",
  "rouge_1",
  "rouge_2",
  "rouge_3",
  "rouge_4",
  "rouge_5",
  "rouge_l"
])
/**
 * A metric of `text_similarity`.
 *
 * @category models
 * @since 0.1.0
 */
export type Metric = typeof Metric.Type

/**
 * Measures how alike two strings are. The sample passes with a score of at least
 * `pass_threshold` (0 to 1), which the specification wants in an eval.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TextSimilarity = Schema.Struct({
  type: Schema.tag("text_similarity"),
  name: Schema.String,
  input: Schema.String,
  reference: Schema.String,
  evaluation_metric: Metric,
  pass_threshold: maybe(Schema.Finite)
})
/**
 * A measure of how alike two strings are.
 *
 * @category models
 * @since 0.1.0
 */
export type TextSimilarity = typeof TextSimilarity.Type

/**
 * Runs `grade(sample, item) -> float` of a Python source of less than 256 kB.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Python = Schema.Struct({
  type: Schema.tag("python"),
  name: Schema.String,
  source: Schema.String,
  image_tag: maybe(Schema.String),
  pass_threshold: maybe(Schema.Finite)
})
/**
 * A grader written in Python.
 *
 * @category models
 * @since 0.1.0
 */
export type Python = typeof Python.Type

/**
 * Asks a model for a score within `range` (0 to 1 when left out).
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScoreModel = Schema.Struct({
  type: Schema.tag("score_model"),
  name: Schema.String,
  model: Schema.String,
  input: Schema.Array(MessageParam),
  range: maybe(Schema.Tuple([Schema.Finite, Schema.Finite])),
  pass_threshold: maybe(Schema.Finite),
  sampling_params: maybe(
    Schema.Struct({
      seed: maybe(Schema.Int),
      top_p: maybe(Schema.Finite),
      temperature: maybe(Schema.Finite),
      max_completions_tokens: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
      max_completion_tokens: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
      reasoning_effort: maybe(Schema.String)
    })
  )
})
/**
 * A grader that asks a model for a score.
 *
 * @category models
 * @since 0.1.0
 */
export type ScoreModel = typeof ScoreModel.Type

/**
 * Asks a model for one of `labels`; the sample passes with one of `passing_labels`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LabelModel = Schema.Struct({
  type: Schema.tag("label_model"),
  name: Schema.String,
  model: Schema.String,
  input: Schema.Array(MessageParam),
  labels: Schema.Array(Schema.String),
  passing_labels: Schema.Array(Schema.String)
})
/**
 * A grader that asks a model for a label.
 *
 * @category models
 * @since 0.1.0
 */
export type LabelModel = typeof LabelModel.Type

/**
 * A grader as an eval's testing criterion: all but `multi`, which is for fine-tuning.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TestingCriterion = Schema.Union([StringCheck, TextSimilarity, Python, ScoreModel, LabelModel]).pipe(
  Schema.toTaggedUnion("type")
)
/**
 * A grader as an eval's testing criterion.
 *
 * @category models
 * @since 0.1.0
 */
export type TestingCriterion = typeof TestingCriterion.Type

/**
 * Combines graders by a formula over their names, `0.5 * a + 0.5 * b`. Taken by
 * the grader endpoints, not by an eval.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Multi = Schema.Struct({
  type: Schema.tag("multi"),
  name: Schema.String,
  // the guide's map of names, the form of the specification, the form of its example
  graders: Schema.Union([
    TestingCriterion,
    Schema.Record(Schema.String, TestingCriterion),
    Schema.Array(TestingCriterion)
  ]),
  calculate_output: Schema.String
})
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
export const GraderParam = Schema.Union([StringCheck, TextSimilarity, Python, ScoreModel, LabelModel, Multi]).pipe(
  Schema.toTaggedUnion("type")
)
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

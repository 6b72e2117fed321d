/**
 * Graders: how a sample is judged. An eval's testing criteria are graders; the
 * grader endpoints take them alone, and `multi` besides.
 */
import * as Schema from "effect/Schema"
import { Message, MessageParam } from "./Message.ts"
import { JsonObject, JsonInput, maybe, open, openLiterals, unknownMember } from "./Wire.ts"

// =============================================================================
// read
// =============================================================================

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
/** A grader as the host gives it back. */
export type Grader = typeof Grader.Type

/** What a grader said of one sample. */
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
/** What a grader said of one sample. */
export type RunResponse = typeof RunResponse.Type

/** A grader that the host accepts. */
export const ValidateResponse = open({ grader: maybe(Grader) })
/** A grader that the host accepts. */
export type ValidateResponse = typeof ValidateResponse.Type

// =============================================================================
// write
// =============================================================================

/**
 * Compares two strings. `eq` and `ne` respect case; `like` asks whether the
 * input contains the reference, `ilike` the same without regard to case.
 */
export const StringCheck = Schema.Struct({
  type: Schema.tag("string_check"),
  name: Schema.String,
  input: Schema.String,
  reference: Schema.String,
  operation: Schema.Literals(["eq", "ne", "like", "ilike"])
})

/** Metrics of `text_similarity`. Each is between 0 and 1. */
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
 * Measures how alike two strings are. The sample passes with a score of at least
 * `pass_threshold` (0 to 1), which the specification wants in an eval.
 */
export const TextSimilarity = Schema.Struct({
  type: Schema.tag("text_similarity"),
  name: Schema.String,
  input: Schema.String,
  reference: Schema.String,
  evaluation_metric: Metric,
  pass_threshold: maybe(Schema.Finite)
})

/** Runs `grade(sample, item) -> float` of a Python source of less than 256 kB. */
export const Python = Schema.Struct({
  type: Schema.tag("python"),
  name: Schema.String,
  source: Schema.String,
  image_tag: maybe(Schema.String),
  pass_threshold: maybe(Schema.Finite)
})

/** Asks a model for a score within `range` (0 to 1 when left out). */
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

/** Asks a model for one of `labels`; the sample passes with one of `passing_labels`. */
export const LabelModel = Schema.Struct({
  type: Schema.tag("label_model"),
  name: Schema.String,
  model: Schema.String,
  input: Schema.Array(MessageParam),
  labels: Schema.Array(Schema.String),
  passing_labels: Schema.Array(Schema.String)
})

/** A grader as an eval's testing criterion: all but `multi`, which is for fine-tuning. */
export const TestingCriterion = Schema.Union([StringCheck, TextSimilarity, Python, ScoreModel, LabelModel]).pipe(
  Schema.toTaggedUnion("type")
)
/** A grader as an eval's testing criterion. */
export type TestingCriterion = typeof TestingCriterion.Type

/**
 * Combines graders by a formula over their names, `0.5 * a + 0.5 * b`. Taken by
 * the grader endpoints, not by an eval.
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

/** A grader of the grader endpoints. */
export const GraderParam = Schema.Union([StringCheck, TextSimilarity, Python, ScoreModel, LabelModel, Multi]).pipe(
  Schema.toTaggedUnion("type")
)
/** A grader of the grader endpoints. */
export type GraderParam = typeof GraderParam.Type

/** A grader, the sample it judges, and the row it may refer to. */
export const RunParams = Schema.Struct({
  grader: GraderParam,
  model_sample: Schema.String,
  item: maybe(JsonInput)
})
/** A grader, the sample it judges, and the row it may refer to. */
export type RunParams = typeof RunParams.Type

/** A grader to be checked without running it. */
export const ValidateParams = Schema.Struct({ grader: GraderParam })
/** A grader to be checked without running it. */
export type ValidateParams = typeof ValidateParams.Type

/**
 * `score_model`: asks a model for a score.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { error, field, type Finding, list, type Location } from "../finding.ts"
import { Message, MessageParam } from "../Message.ts"
import { ofMessages, type Site } from "../templateSites.ts"
import { maybe, open } from "../Wire.ts"
import { readFields } from "./GraderType.ts"
import { JudgeSamplingParams, JudgeSamplingParamsParam } from "./judge.ts"
import { defaultRange, middle, type Range } from "./scoreRange.ts"
import { thresholdFindings } from "./threshold.ts"

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
  sampling_params: JudgeSamplingParamsParam
})
/**
 * A grader that asks a model for a score.
 *
 * @category models
 * @since 0.1.0
 */
export type ScoreModel = typeof ScoreModel.Type

/** A `score_model` in a response. */
export const Read = open({
  type: Schema.Literal("score_model"),
  ...readFields,
  model: Schema.String,
  input: Schema.Array(Message),
  range: maybe(Schema.Array(Schema.Finite)),
  pass_threshold: maybe(Schema.Finite),
  sampling_params: JudgeSamplingParams
})

const hasRange = (criterion: unknown): boolean => Predicate.isNotNullish(field(criterion, "range"))

/** Returns the range of a criterion: [0, 1] if it has none, undefined if it is not two numbers. */
export const scoreRange = (criterion: unknown): Range | undefined => {
  if (!hasRange(criterion)) return defaultRange
  const [low, high] = list(field(criterion, "range"))
  return Predicate.isNumber(low) && Predicate.isNumber(high) ? [low, high] : undefined
}

/** Returns the threshold of a criterion without one. */
export const defaultPassThreshold = (criterion: unknown): number => middle(scoreRange(criterion) ?? defaultRange)

/** Returns the templates of a criterion. */
export const templateSites = (criterion: unknown, path: Location): ReadonlyArray<Site> =>
  ofMessages(field(criterion, "input"), [...path, "input"])

/** Returns the findings for an empty range, and for a threshold outside of the range. */
export const findings = (criterion: unknown, path: Location): ReadonlyArray<Finding> => {
  const range = scoreRange(criterion)
  if (range === undefined) return []
  const [low, high] = range
  if (low < high) {
    const advice = hasRange(criterion)
      ? "change one of both"
      : "without `range` it is [0, 1]; set it to what the model is asked for"
    return thresholdFindings(criterion, range, path, advice)
  }
  const mended = low === high ? `${low}, ${low + 1}` : `${high}, ${low}`
  return [
    error(
      "score-range",
      [...path, "range"],
      `goes from ${low} to ${high}; write the lowest score first and a higher one after it, [${mended}]`
    )
  ]
}

/** Returns the model. */
export const detail = (criterion: unknown): unknown => field(criterion, "model")

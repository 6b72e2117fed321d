/**
 * `text_similarity`: measures the similarity of two strings.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { field, type Finding, type Location } from "../finding.ts"
import { ofFields, type Site } from "../templateSites.ts"
import { maybe, open } from "../Wire.ts"
import { readFields } from "./GraderType.ts"
import { defaultRange, middle, type Range } from "./scoreRange.ts"
import { thresholdFindings } from "./threshold.ts"

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
 * Measures the similarity of two strings. The sample passes with a score of at least `pass_threshold` (0 to 1). The
 * specification requires the threshold in an eval.
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
 * A measure of the similarity of two strings.
 *
 * @category models
 * @since 0.1.0
 */
export type TextSimilarity = typeof TextSimilarity.Type

/** A `text_similarity` in a response. */
export const Read = open({
  type: Schema.Literal("text_similarity"),
  ...readFields,
  input: Schema.String,
  reference: Schema.String,
  evaluation_metric: Schema.String,
  pass_threshold: maybe(Schema.Finite)
})

/** Returns the range of every metric. */
export const scoreRange = (): Range => defaultRange

/** Returns the threshold of a criterion without one. */
export const defaultPassThreshold = (): number => middle(defaultRange)

/** The specification requires the threshold, and OpenAI's own sample leaves it out. */
export const requiresPassThreshold = true

/** Returns the templates of a criterion. */
export const templateSites = (criterion: unknown, path: Location): ReadonlyArray<Site> =>
  ofFields(criterion, ["input", "reference"], path)

/** Returns the finding for a threshold outside of the range. */
export const findings = (criterion: unknown, path: Location): ReadonlyArray<Finding> =>
  thresholdFindings(criterion, defaultRange, path, "write a number between them")

/** Returns the metric. */
export const detail = (criterion: unknown): unknown => field(criterion, "evaluation_metric")

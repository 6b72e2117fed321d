/**
 * `text_similarity`: measures how alike two strings are.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { comparing } from "./comparison.ts"
import { type GraderType, notTexts, textField, thresholdField } from "./Grader.ts"
import { scored } from "./Scored.ts"
import { metrics } from "./text/Metrics.ts"

/**
 * The least score that passes where a grader does not say, 0 to 1. The engine's
 * own rule: the specification wants a threshold in an eval, OpenAI's own sample
 * leaves it out, and nothing shows what the host takes then.
 */
export const defaultPassThreshold = 0.5

const metricNames = Object.keys(metrics)

const isMetric = (name: string): name is keyof typeof metrics => Object.hasOwn(metrics, name)

/** `text_similarity`, which scores 0 to 1 and passes with a score of at least its threshold. */
export const textSimilarity: GraderType = {
  type: "text_similarity",
  runs: "text_similarity with every metric but cosine",
  compile: (fields) => {
    const wrong = notTexts(fields, ["input", "reference", "evaluation_metric"])
    if (wrong !== undefined) return Result.fail(wrong)
    const read = thresholdField(fields)
    if (typeof read === "string") return Result.fail(read)
    const metric = textField(fields, "evaluation_metric")
    if (!isMetric(metric)) {
      const known = `it measures ${metricNames.join(", ")}`
      return Result.fail(
        metric === "cosine"
          ? `this engine cannot run the metric cosine yet, which needs a model of embeddings; ${known}`
          : `text_similarity has no metric ${JSON.stringify(metric)}; this engine measures ${metricNames.join(", ")}`
      )
    }
    const measure = metrics[metric]
    const threshold = read.threshold ?? defaultPassThreshold
    return Result.succeed({
      threshold,
      judge: comparing(fields, (input, reference) => scored(measure(input, reference), threshold))
    })
  }
}

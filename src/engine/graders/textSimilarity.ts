/**
 * `text_similarity`: measures how alike two strings are.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Template from "../rows/Template.ts"
import { metrics } from "./text/Metrics.ts"
import type { Grading } from "./score.ts"

/** What a `text_similarity` needs. */
export interface TextSimilarity {
  readonly input: string
  readonly reference: string
  readonly evaluation_metric: string
  readonly pass_threshold?: number | null
}

/**
 * The least score that passes where a grader does not say, 0 to 1. The engine's
 * own rule: the specification wants a threshold in an eval, OpenAI's own sample
 * leaves it out, and nothing shows what the host takes then.
 */
export const defaultPassThreshold = 0.5

const metricNames = Object.keys(metrics)

const isMetric = (name: string): name is keyof typeof metrics => Object.hasOwn(metrics, name)

/** Reads a grader that scores 0 to 1 and passes with a score of at least its threshold; the failure says why not. */
export const compile = (grader: TextSimilarity): Result.Result<Grading, string> => {
  const { evaluation_metric: metric, input, pass_threshold, reference } = grader
  if (!isMetric(metric)) {
    const known = `it measures ${metricNames.join(", ")}`
    return Result.fail(
      metric === "cosine"
        ? `this engine cannot run the metric cosine yet, which needs a model of embeddings; ${known}`
        : `text_similarity has no metric ${JSON.stringify(metric)}; this engine measures ${metricNames.join(", ")}`
    )
  }
  const measure = metrics[metric]
  const left = Template.compile(input)
  const right = Template.compile(reference)
  return Result.succeed({
    threshold: pass_threshold ?? defaultPassThreshold,
    score: (scope) => {
      const a = left.render(scope)
      if (Result.isFailure(a)) return Result.fail(a.failure)
      const b = right.render(scope)
      return Result.isFailure(b) ? Result.fail(b.failure) : Result.succeed(measure(a.success, b.success))
    }
  })
}

/**
 * `text_similarity`: measures how alike two strings are.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { defaultRange, middle } from "../../schema/graders/scoreRange.ts"
import { comparing } from "./comparison.ts"
import { type GraderType, notTexts, textField, thresholdField } from "./Grader.ts"
import { type AskedModel, misanswered, scored, type Verdict } from "./Scored.ts"
import { metrics } from "./text/Metrics.ts"

/**
 * The least score that passes for a grader without a threshold. It is the engine's own rule: the specification requires
 * a threshold, OpenAI's own sample has none, and the host's default is unknown.
 */
export const defaultPassThreshold = middle(defaultRange)

/** The model whose embeddings `cosine` compares. The host takes it too. */
export const embeddingModel = "text-embedding-3-large"

const embedding: ReadonlyArray<AskedModel> = [{ _tag: "Compare", model: embeddingModel }]

/** Limits a cosine, which is -1 to 1, to the range of scores. */
const clamp = (cosine: number): number => Math.min(Math.max(cosine, 0), 1)

/**
 * Asks for the cosine of two texts. Endpoints refuse to embed an empty text, so nothing is asked then: two empty texts
 * score 1, and one empty text scores 0.
 */
const byEmbeddings =
  (threshold: number) =>
  (input: string, reference: string): Verdict =>
    input === "" || reference === ""
      ? scored(input === reference ? 1 : 0, threshold)
      : {
          _tag: "Ask",
          questions: [{ _tag: "Compare", model: embeddingModel, texts: [input, reference] }],
          conclude: ([reply]) =>
            reply?._tag === "Compared"
              ? { ...scored(clamp(reply.cosine), threshold), usage: [reply.usage] }
              : misanswered()
        }

/** The names of the metrics. */
export const metricNames: ReadonlyArray<string> = ["cosine", ...Object.keys(metrics)]

const isMetric = (name: string): name is keyof typeof metrics => Object.hasOwn(metrics, name)

/** `text_similarity`, which scores 0 to 1 and passes with a score of at least its threshold. */
export const textSimilarity: GraderType = {
  type: "text_similarity",
  compile: (fields) => {
    const wrong = notTexts(fields, ["input", "reference", "evaluation_metric"])
    if (wrong !== undefined) return Result.fail(wrong)
    const read = thresholdField(fields)
    if (typeof read === "string") return Result.fail(read)
    const metric = textField(fields, "evaluation_metric")
    const threshold = read.threshold ?? defaultPassThreshold
    if (metric === "cosine") {
      return Result.succeed({ threshold, models: embedding, judge: comparing(fields, byEmbeddings(threshold)) })
    }
    if (!isMetric(metric)) {
      const known = metricNames.join(", ")
      return Result.fail(`text_similarity has no metric ${JSON.stringify(metric)}; this engine measures ${known}`)
    }
    const measure = metrics[metric]
    return Result.succeed({
      threshold,
      models: [],
      judge: comparing(fields, (input, reference) => scored(measure(input, reference), threshold))
    })
  }
}

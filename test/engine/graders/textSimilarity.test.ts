import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { textSimilarity } from "../../../src/engine/graders/textSimilarity.ts"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import { ofText } from "../../../src/engine/rows/Sample.ts"
import { metrics } from "../../../src/engine/graders/text/Metrics.ts"

describe("text_similarity", () => {
  it("scores by each metric, the rendered input against the rendered reference", () => {
    const input = "the quick brown fox jumps over a dog"
    const reference = "the quick fox jumps over the lazy dog, and far away"
    for (const [evaluation_metric, metric] of Object.entries(metrics)) {
      const grading = Result.getOrThrow(
        textSimilarity.compile({ input: "the {{ sample.output_text }}", reference: "{{ item.r }}", evaluation_metric })
      )
      const verdict = grading.judge({
        item: new JsonText({ r: reference }, "", false),
        sample: ofText(input.slice("the ".length))
      })
      assert.strictEqual(verdict._tag === "Scored" && verdict.score, metric(input, reference), evaluation_metric)
      assert.strictEqual(grading.threshold, 0.5)
    }
  })

  it("takes the threshold that is given", () => {
    const grader = { input: "", reference: "", evaluation_metric: "bleu" }
    for (const pass_threshold of [0, 0.3, 1]) {
      assert.strictEqual(
        Result.getOrThrow(textSimilarity.compile({ ...grader, pass_threshold })).threshold,
        pass_threshold
      )
    }
  })
})

import { assert, describe, it } from "@effect/vitest"
import { completion } from "../../lib/modelServer.ts"
import { compiled, judgedBy, judgement, questionsOf, row, sampled } from "./lib/judging.ts"

const noTokens = {
  model_name: "embedder",
  invocation_count: 1,
  total_tokens: 5,
  completion_tokens: 0,
  prompt_tokens: 5,
  cached_tokens: 0
}

const cosine = (fields: object = {}) => ({
  type: "text_similarity",
  name: "near",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "cosine",
  ...fields
})

describe("cosine", () => {
  it("asks for the embeddings of both texts", () => {
    assert.deepStrictEqual(questionsOf(cosine()), [
      { _tag: "Compare", model: "text-embedding-3-large", texts: ["A cat.", "a cat"] }
    ])
    assert.deepStrictEqual(compiled(cosine()).models[0]?.asked, { _tag: "Compare", model: "text-embedding-3-large" })
  })

  it("scores 0 to 1, and passes from the threshold on", () => {
    for (const [value, score, passed] of [
      [1, 1, true],
      [0.5, 0.5, true],
      [0.49, 0.49, false],
      [-0.3, 0, false],
      [1.0000000002, 1, true]
    ] as const) {
      const { result, usage: taken } = judgedBy(cosine(), { _tag: "Compared", cosine: value, usage: noTokens })
      assert.deepStrictEqual(result, { name: "c-0", passed, sample: null, score })
      assert.deepStrictEqual(taken, [noTokens])
    }
    const strict = cosine({ pass_threshold: 0.9 })
    assert.isFalse(judgedBy(strict, { _tag: "Compared", cosine: 0.89, usage: noTokens }).result.passed)
  })

  it("reports a reply of the wrong kind as a defect of the engine", () => {
    const judge = { type: "score_model", name: "score", model: "judge", input: [{ role: "user", content: "Good?" }] }
    assert.strictEqual(judgedBy(cosine(), sampled(judge, completion(judgement(1)))).status, "error")
  })

  it("asks no model about empty texts: two score 1, one scores 0", () => {
    const passed = (fields: object) => {
      const judged = compiled(cosine(fields)).judge(row)
      return judged.status === "asking" ? "asks" : judged.passed
    }
    assert.deepStrictEqual(passed({ input: "" }), [false])
    assert.deepStrictEqual(passed({ reference: "" }), [false])
    assert.deepStrictEqual(passed({ input: "", reference: "" }), [true])
    assert.strictEqual(passed({ input: " " }), "asks")
  })
})

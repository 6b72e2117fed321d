/** What `text_similarity` scores, and when it passes: worked rows that the documentation shows. */
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type Grader, listOutputItems } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { evaluated } from "./lib/engine.ts"

const input = "the cat sat on the mat"
const reference = "the cat is on the mat"

/** By metric, rounded. */
const expected = {
  fuzzy_match: 0.93,
  bleu: 0.294,
  gleu: 0.5,
  meteor: 0.807,
  rouge_1: 0.833,
  rouge_2: 0.6,
  rouge_3: 0.25,
  rouge_4: 0,
  rouge_5: 0,
  rouge_l: 0.833
}

type Similarity = Extract<Grader.TestingCriterion, { readonly type: "text_similarity" }>

const similarity = (metric: Similarity["evaluation_metric"], pass_threshold?: number): Similarity => ({
  type: "text_similarity",
  name: metric,
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: metric,
  ...(pass_threshold === undefined ? {} : { pass_threshold })
})

layer(EvalsTest.layer)("similarity", (it) => {
  it.effect("has the documented scores", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated(
        [{ item: { label: reference }, sample: { output_text: input } }],
        similarity("fuzzy_match"),
        similarity("bleu"),
        similarity("gleu"),
        similarity("meteor"),
        similarity("rouge_1"),
        similarity("rouge_2"),
        similarity("rouge_3"),
        similarity("rouge_4"),
        similarity("rouge_5"),
        similarity("rouge_l")
      )
      const [item] = yield* Stream.runCollect(listOutputItems(evalId, run.id))
      const scores = item?.results.map(({ name, score }) => [
        // the name has a hyphen and a UUID behind it
        String(name).slice(0, -37),
        Math.round(Number(score) * 1000) / 1000
      ])
      assert.deepStrictEqual(Object.fromEntries(scores ?? []), expected)
    })
  )

  it.effect("passes from the threshold on, 0.5 where a criterion has none, and shows it", () =>
    Effect.gen(function* () {
      // of "ab" and "ac" one character of two is alike
      const { made, run } = yield* evaluated(
        [{ item: { label: "ac" }, sample: { output_text: "ab" } }],
        similarity("fuzzy_match"),
        similarity("fuzzy_match", 0.51)
      )
      assert.deepStrictEqual(
        run.per_testing_criteria_results?.map(({ failed, passed }) => [passed, failed]),
        [
          [1, 0],
          [0, 1]
        ]
      )
      const [first] = made.testing_criteria
      assert.strictEqual(first?.type === "text_similarity" ? first.pass_threshold : undefined, 0.5)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { metrics, type TextMetric } from "../../../../src/engine/graders/text/Metrics.ts"
import reference from "../../../fixtures/text-similarity.json" with { type: "json" }

const names: ReadonlyArray<TextMetric> = [
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
]

const scores = (input: string, reference: string) =>
  Object.fromEntries(names.map((name) => [name, metrics[name](input, reference)]))

/** Pieces of which every metric makes something else. */
const Piece = Schema.Literals([
  "the ",
  "The ",
  "run ",
  "runs ",
  "running ",
  "a",
  "b",
  " ",
  ".",
  "_",
  "\u0301",
  "é",
  "١",
  "京",
  "😀",
  "👩‍💻",
  "\ud83d",
  "\ude00",
  "\u0085"
])

const Text = Schema.Array(Schema.Union([Piece, Schema.String]))

describe("text metrics", () => {
  for (const [index, row] of reference.rows.entries()) {
    it(`score as the reference implementations do, row ${index}: ${JSON.stringify(row.input.slice(0, 40))}`, () => {
      for (const name of names) {
        // the reference has no words of other scripts, and 0 for equal texts
        const hasWords = /[a-z0-9]/i.test(row.input + row.reference)
        if (name.startsWith("rouge") && !hasWords && row.input !== "") continue
        assert.approximately(metrics[name](row.input, row.reference), row.scores[name], 1e-9, name)
      }
      // compared with thresholds, where the last bit decides
      assert.strictEqual(metrics.fuzzy_match(row.input, row.reference), row.scores.fuzzy_match)
    })
  }

  it("score equal texts of any script as equal, and others by the words that they share", () => {
    for (const [one, other] of [
      ["แมวนั่งบนเสื่อ", "หมานอนในสวน"],
      ["我爱北京和上海。", "今天天气很好。"],
      ["القطة على السجادة", "ذهب الولد إلى المدرسة"],
      ["बिल्ली चटाई पर बैठी", "आज मौसम अच्छा है"],
      ["кот сидит на ковре", "сегодня хорошая погода"]
    ] as const) {
      for (const name of ["rouge_1", "rouge_2", "rouge_l", "gleu", "fuzzy_match"] as const) {
        assert.strictEqual(metrics[name](one, one), 1, `${name} ${one}`)
        if (name.startsWith("rouge")) assert.strictEqual(metrics[name](one, other), 0, `${name} ${one}`)
      }
      // short texts are smoothed, as in any script
      assert.isAbove(metrics.bleu(one, one), 0, one)
      assert.isAtLeast(metrics.meteor(one, one), 0.5, one)
    }
    assert.approximately(metrics.rouge_1("кот сидит на ковре", "кот спит на ковре"), 0.75, 1e-12)
    assert.approximately(metrics.rouge_l("我爱北京", "我爱上海"), 2 / 3, 1e-12)
    // the reference finds a word in one of them: its own result
    assert.strictEqual(metrics.rouge_1("我爱北京", "我爱 Beijing"), 0)
  })

  it("read marks as no part of words, and emoji of several code points as one token", () => {
    const got = scores("👩‍💻 नमस्ते code", "👩‍💻 नमस्ते codes")
    assert.approximately(got["fuzzy_match"] ?? 0, 0.967741935483871, 1e-12)
    assert.approximately(got["bleu"] ?? 0, 0.7598356856515925, 1e-12)
    assert.approximately(got["gleu"] ?? 0, 0.7777777777777778, 1e-12)
    assert.approximately(got["meteor"] ?? 0, 0.9976851851851852, 1e-12)
    assert.strictEqual(got["rouge_1"], 0)
  })

  it("take a surrogate without its partner for a character of its own", () => {
    const got = scores("\ud83d x", "x \ud83d")
    assert.approximately(got["fuzzy_match"] ?? 0, 1 / 3, 1e-12)
    assert.approximately(got["gleu"] ?? 0, 2 / 3, 1e-12)
    assert.strictEqual(metrics.gleu("\ud83d", "😀"), 0)
  })

  it("give the same score whatever was scored before", () => {
    const before = scores("Größe 😀", "Grösse 😁")
    for (const text of ["x".repeat(10_000), "", "😀".repeat(5000)]) scores(text, `${text}y`)
    assert.deepStrictEqual(scores("Größe 😀", "Grösse 😁"), before)
  })

  it.prop(
    "are numbers from 0 to 1 for any two texts",
    { input: Text, reference: Text },
    ({ input, reference }) => {
      for (const [name, score] of Object.entries(scores(input.join(""), reference.join("")))) {
        assert.isTrue(score >= 0 && score <= 1, `${name}: ${score}`)
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop("are 1 for a text of five words and itself, but for meteor", { text: Text }, ({ text }) => {
    const whole = `one two three four five ${text.join("")}`
    const { meteor, ...others } = scores(whole, whole)
    assert.deepStrictEqual(
      Object.values(others),
      names.slice(1).map(() => 1)
    )
    assert.isTrue(meteor !== undefined && meteor > 0.99 && meteor < 1)
  })

  it("take time in proportion to the texts, but for those of common subsequences", () => {
    const linear = names.filter((name) => name !== "fuzzy_match" && name !== "rouge_l")
    const same = "ab ".repeat(100_000)
    const distinct = Array.from({ length: 100_000 }, (_, index) => `w${index}`).join(" ")
    const word = "y".repeat(1_000_000)
    for (const name of linear) {
      // time in proportion to the square would be beyond the limit of a test
      assert.isAbove(metrics[name](`${same}c`, `d ${same}`), 0.99)
      assert.isAbove(metrics[name](`${distinct}s`, `d ${distinct}`), 0.99)
      assert.isBelow(metrics[name](`${word}ed`, word), 0.51)
    }
  })

  it("skip what long texts begin and end with", () => {
    const text = "lorem ipsum ".repeat(100_000)
    assert.strictEqual(metrics.fuzzy_match(`${text}a${text}`, `${text}b${text}`), 1 - 2 / 4_800_002)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { meteor } from "../../../../src/engine/graders/text/meteor.ts"
import { overlaps } from "../../../../src/engine/graders/text/ngrams.ts"
import { stem } from "../../../../src/engine/graders/text/porter.ts"

type Word = readonly [place: number, word: string]

/** The alignment in loops within loops, as nltk has it. */
const aligned = (hypothesis: Array<Word>, reference: Array<Word>): Array<readonly [number, number]> => {
  const pairs: Array<readonly [number, number]> = []
  for (const [place, word] of hypothesis.toReversed()) {
    const match = reference.findLastIndex(([, other]) => other === word)
    if (match === -1) continue
    pairs.push([place, reference.splice(match, 1)[0]?.[0] ?? -1])
    hypothesis.splice(
      hypothesis.findIndex(([other]) => other === place),
      1
    )
  }
  return pairs
}

const expected = (input: ReadonlyArray<string>, target: ReadonlyArray<string>): number => {
  const hypothesis = input.map((word, place): Word => [place, word])
  const reference = target.map((word, place): Word => [place, word])
  const stemmed = ([place, word]: Word): Word => [place, stem(word)]
  const pairs = aligned(hypothesis, reference)
  pairs.push(...aligned(hypothesis.map(stemmed), reference.map(stemmed)))
  pairs.sort(([left], [right]) => left - right)
  if (pairs.length === 0) return 0
  let chunks = 1
  for (const [index, [i, j]] of pairs.slice(1).entries()) {
    const [before, other] = pairs[index] ?? [-1, -1]
    if (i !== before + 1 || j !== other + 1) chunks++
  }
  const precision = pairs.length / input.length
  const recall = pairs.length / target.length
  const penalty = 0.5 * (chunks / pairs.length) ** 3
  return ((1 - penalty) * (precision * recall)) / (0.9 * precision + 0.1 * recall)
}

const Words = Schema.Array(Schema.Literals(["run", "runs", "running", "connect", "connected", "the", "is", "i", "京"]))

describe("meteor", () => {
  it("aligns each word with the last one that is left", () => {
    // six words in six chunks, though four chunks would do
    assert.strictEqual(meteor("the cat sat on the mat", "on the mat sat the cat"), 0.5)
    assert.strictEqual(meteor("a a b", "a b a"), 0.5)
  })

  it("matches stems where words do not match, in any case of letters", () => {
    assert.approximately(meteor("The runners run", "the Runner runs"), 0.9814814814814815, 1e-12)
    assert.strictEqual(meteor("is", "i"), 0.5)
  })

  it("is 0 where nothing matches", () => {
    assert.strictEqual(meteor("", ""), 0)
    assert.strictEqual(meteor("one", "two"), 0)
    assert.strictEqual(meteor(" ", "two"), 0)
  })

  it.prop(
    "agrees with loops within loops",
    { input: Words, reference: Words },
    ({ input, reference }) => {
      assert.approximately(meteor(input.join(" "), reference.join(" ")), expected(input, reference), 1e-12)
    },
    { arbitrary: { runs: 500 } }
  )
})

describe("overlaps", () => {
  const grams = (words: ReadonlyArray<string>, n: number) =>
    words.slice(n - 1).map((_, index) => words.slice(index, index + n).join(" "))

  it("counts an n-gram as often as both have it", () => {
    assert.deepStrictEqual(overlaps(["a", "a", "a", "b"], ["a", "a", "b", "b"], 4), [3, 2, 1, 0])
    assert.deepStrictEqual(overlaps([], ["a"], 2), [0, 0])
    assert.deepStrictEqual(overlaps(["a"], ["a"], 3), [1, 0, 0])
  })

  it.prop(
    "agrees with n-grams taken out one by one",
    { input: Words, reference: Words },
    ({ input, reference }) => {
      const expected = [1, 2, 3, 4, 5].map((n) => {
        const left = grams(reference, n)
        return grams(input, n).filter((gram) => {
          const index = left.indexOf(gram)
          if (index !== -1) left.splice(index, 1)
          return index !== -1
        }).length
      })
      assert.deepStrictEqual(overlaps(input, reference, 5), expected)
    },
    { arbitrary: { runs: 500 } }
  )
})

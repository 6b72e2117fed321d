import { assert, describe, it } from "@effect/vitest"
import { stem } from "../../../../src/engine/graders/text/porter.ts"

const stems = (words: string) => words.split(" ").map(stem).join(" ")

describe("stem", () => {
  it("follows the examples of the paper", () => {
    assert.strictEqual(stems("caresses ponies ties caress cats"), "caress poni ti caress cat")
    assert.strictEqual(stems("feed agreed plastered bled motoring sing"), "feed agre plaster bled motor sing")
    assert.strictEqual(stems("conflated troubled sized"), "conflat troubl size")
    assert.strictEqual(
      stems("hopping tanned falling hissing fizzed failing filing"),
      "hop tan fall hiss fizz fail file"
    )
    assert.strictEqual(stems("happy sky enjoy"), "happi sky enjoi")
    assert.strictEqual(
      stems("relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli"),
      "relat condit ration valenc hesit digit conform radic differ vile"
    )
    assert.strictEqual(
      stems("analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness"),
      "analog vietnam predic oper feudal decis hope callous"
    )
    assert.strictEqual(stems("formaliti sensitiviti sensibiliti"), "formal sensit sensibl")
    assert.strictEqual(
      stems("triplicate formative formalize electriciti electrical hopeful goodness"),
      "triplic form formal electr electr hope good"
    )
    assert.strictEqual(
      stems("revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment"),
      "reviv allow infer airlin gyroscop adjust defens irrit replac adjust"
    )
    assert.strictEqual(
      stems("dependent adoption homologou communism activate angulariti homologous effective bowdlerize"),
      "depend adopt homolog commun activ angular homolog effect bowdler"
    )
    assert.strictEqual(stems("probate rate cease controll roll"), "probat rate ceas control roll")
  })

  it("stems words of one and two letters", () => {
    assert.deepStrictEqual(["is", "as", "us", "s", "a", ""].map(stem), ["i", "a", "u", "", "a", ""])
  })

  it("takes y for a consonant at the beginning and behind vowels", () => {
    assert.strictEqual(stems("yes dying byyed cry"), "ye dy by cry")
  })

  it("takes letters of other alphabets for consonants", () => {
    assert.strictEqual(stems("ünïcödés бегs ba𝒹ed ba𝒹𝒹ed 𝒷a𝒸ed"), "ünïcödé бег ba𝒹e ba𝒹 𝒷a𝒸e")
  })

  it("leaves what is no word", () => {
    assert.deepStrictEqual(["!", "42", "\ud83d", "京"].map(stem), ["!", "42", "\ud83d", "京"])
  })
})

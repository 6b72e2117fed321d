import { assert, describe, it } from "@effect/vitest"
import { asciiWords, tokens } from "../../../src/engine/text/tokens.ts"

describe("tokens", () => {
  it("are words and runs of punctuation", () => {
    assert.deepStrictEqual(tokens("I don't, know_it!?"), ["I", "don", "'", "t", ",", "know_it", "!?"])
    assert.deepStrictEqual(tokens("  \n "), [])
    assert.deepStrictEqual(tokens(""), [])
  })

  it("have letters and numbers of every script in words, and marks outside of them", () => {
    assert.deepStrictEqual(tokens("½²Ⅷ١_"), ["½²Ⅷ١_"])
    assert.deepStrictEqual(tokens("cafe\u0301 noir"), ["cafe", "\u0301", "noir"])
    assert.deepStrictEqual(tokens("दुनिया"), ["द", "ु", "न", "ि", "य", "ा"])
    assert.deepStrictEqual(tokens("𝒷ad 東京です"), ["𝒷ad", "東京です"])
  })

  it("are divided by what Python takes for space", () => {
    assert.deepStrictEqual(tokens("a\u001cb\u0085c\u00a0d\u2028e\u3000f"), ["a", "b", "c", "d", "e", "f"])
    assert.deepStrictEqual(tokens("a\ufeffb\u200dc\u0000"), ["a", "\ufeff", "b", "\u200d", "c", "\u0000"])
  })

  it("keep emoji together, and surrogates without partners", () => {
    assert.deepStrictEqual(tokens("👩‍💻!? ok"), ["👩‍💻!?", "ok"])
    assert.deepStrictEqual(tokens("\ud83d \ude00a"), ["\ud83d", "\ude00", "a"])
  })

  it("are read from a text of any length", () => {
    for (const character of ["a", "é", "𝒷", "!", "😀", "\ud83d"]) {
      assert.strictEqual(tokens(character.repeat(8_000_000)).join("").length, 8_000_000 * character.length)
    }
  })
})

describe("asciiWords", () => {
  it("are lower-cased, and divided by everything else", () => {
    assert.deepStrictEqual(asciiWords("State-of_the ART, naïve: 42"), ["state", "of", "the", "art", "na", "ve", "42"])
    // the signs of Kelvin and of a dotted capital become letters when lower-cased
    assert.deepStrictEqual(asciiWords("\u212aelvin İx"), ["kelvin", "i", "x"])
    assert.deepStrictEqual(asciiWords("東京"), [])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { foldCase } from "../../../../src/engine/graders/text/foldCase.ts"

/** Whether Unicode's simple case folding takes two characters for one, as regular expressions ask it. */
const isSame = (one: string, other: string): boolean =>
  new RegExp(`^\\u{${one.codePointAt(0)?.toString(16)}}$`, "iu").test(other)

describe("foldCase", () => {
  it("makes texts equal that differ in case alone, wherever a letter stands", () => {
    for (const [one, other] of [
      ["ΟΔΟΣ", "οδος"],
      ["ΟΔΟΣ", "οδοσ"],
      ["Σ", "ς"],
      ["ÉCOLE", "école"],
      ["ДОМ", "дом"],
      ["STRAẞE", "straße"],
      ["ſ", "S"],
      ["\u212A", "k"],
      ["𐐀", "𐐨"],
      ["Ǆ", "ǅ"]
    ] as const) {
      assert.strictEqual(foldCase(one), foldCase(other), `${one} ${other}`)
    }
    for (const [one, other] of [
      ["ß", "ss"],
      ["ı", "i"],
      ["İ", "i"],
      ["é", "e"]
    ] as const) {
      assert.notStrictEqual(foldCase(one), foldCase(other), `${one} ${other}`)
    }
  })

  it("is Unicode's simple case folding, for every character", () => {
    let count = 0
    for (let point = 0; point <= 0x10ffff; point++) {
      const character = String.fromCodePoint(point)
      const [lower, upper] = [character.toLowerCase(), character.toUpperCase()]
      if (lower === character && upper === character) continue
      const folded = foldCase(character)
      if ([...folded].length !== 1) assert.fail(character)
      // one class of characters that are equal: whatever is a pair by Unicode folds to one
      if (folded !== character && !isSame(character, folded)) assert.fail(`${character} ${folded}`)
      for (const other of [lower, upper]) {
        const isPair = [...other].length === 1 && isSame(character, other)
        if (isPair && foldCase(other) !== folded) assert.fail(`${character} ${other}`)
      }
      count++
    }
    assert.isAbove(count, 2500)
  })

  it("keeps surrogates that stand alone, and texts without letters", () => {
    for (const text of ["", "\ud800", "\udc00x", "12 %", "日本語", "สวัสดี"]) assert.strictEqual(foldCase(text), text)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { fuzzyMatch } from "../../../../src/engine/graders/text/fuzzyMatch.ts"
import { lcs } from "../../../../src/engine/graders/text/lcs.ts"

/** The textbook's table. */
const table = (a: ArrayLike<unknown>, b: ArrayLike<unknown>): number => {
  let above = new Uint32Array(b.length + 1)
  for (let i = 0; i < a.length; i++) {
    const row = new Uint32Array(b.length + 1)
    for (let j = 0; j < b.length; j++) {
      row[j + 1] = a[i] === b[j] ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0)
    }
    above = row
  }
  return above[b.length] ?? 0
}

const expected = (input: string, reference: string): number => {
  const a = Array.from(input)
  const b = Array.from(reference)
  return a.length + b.length === 0 ? 1 : (2 * table(a, b)) / (a.length + b.length)
}

const Few = Schema.Array(Schema.Literals(["a", "b", "ab", "é", "京", "😀", "😁", "𝒷", "\ud83d", "\ude00", "abcabca"]))

/** Numbers below `distinct` in no visible order. */
const symbols = (length: number, distinct: number, step: number): Int32Array => {
  let state = step
  return Int32Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >> 8) % distinct
  })
}

describe("fuzzyMatch", () => {
  it("counts code points: two emoji have nothing in common, though half of their code units", () => {
    assert.strictEqual(fuzzyMatch("😀", "😁"), 0)
    assert.strictEqual(fuzzyMatch("😀a", "😁a"), 0.5)
    assert.strictEqual(fuzzyMatch("😀", "\ud83d"), 0)
    assert.strictEqual(fuzzyMatch("\ude00", "😀"), 0)
    assert.strictEqual(fuzzyMatch("a\ud83d", "\ud83da"), 0.5)
  })

  it("compares characters as they are, composed or not", () => {
    assert.strictEqual(fuzzyMatch("é", "e\u0301"), 0)
    assert.strictEqual(fuzzyMatch("Paris", "paris"), 0.8)
  })

  it("takes empty texts for equal, and for unlike any other", () => {
    assert.strictEqual(fuzzyMatch("", ""), 1)
    assert.strictEqual(fuzzyMatch("", "a"), 0)
    assert.strictEqual(fuzzyMatch("a", ""), 0)
  })

  it("rounds as the host does, whose published score it gives", () => {
    // 1 - 3/10, in percent and back
    assert.strictEqual(fuzzyMatch("abcdefghij", "abcdefgxyz"), 0.7)
    assert.strictEqual(fuzzyMatch("C++ and C# are languages", "C and C are languages"), 0.9333333333333332)
  })

  it.prop(
    "agrees with the textbook's table",
    { input: Few, reference: Few, middle: Schema.String },
    ({ input, middle, reference }) => {
      const a = input.join("")
      const b = reference.join("")
      assert.approximately(fuzzyMatch(a, b), expected(a, b), 1e-12)
      assert.approximately(fuzzyMatch(a + middle + b, b + middle), expected(a + middle + b, b + middle), 1e-12)
    },
    { arbitrary: { runs: 500 } }
  )

  it("agrees with it around the sizes of words and of blocks", () => {
    for (const length of [1, 30, 31, 32, 33, 62, 63, 95, 1983, 1984, 1985, 4097]) {
      const text = (step: number, size: number) =>
        Array.from(symbols(size, 5, step), (n) => "abc😀é"[n] ?? "z").join("")
      const a = text(1, length)
      const b = text(2, Math.ceil(length / 2))
      assert.approximately(fuzzyMatch(a, b), expected(a, b), 1e-12, `length ${length}`)
      assert.approximately(fuzzyMatch(b, a), expected(b, a), 1e-12, `length ${length}, exchanged`)
    }
  })
})

describe("lcs", () => {
  it("agrees with the textbook's table over several blocks", () => {
    for (const distinct of [1, 2, 20, 3000]) {
      const a = symbols(5000, distinct, 3)
      const b = symbols(700, distinct, 4)
      assert.strictEqual(lcs(a, b, distinct), table(a, b), `${distinct} symbols`)
      assert.strictEqual(lcs(b, a, distinct), table(a, b), `${distinct} symbols, exchanged`)
    }
  })

  it("is 0 with an empty list", () => {
    assert.strictEqual(lcs(new Int32Array(0), symbols(3, 2, 1), 2), 0)
    assert.strictEqual(lcs(symbols(3, 2, 1), new Int32Array(0), 2), 0)
  })
})

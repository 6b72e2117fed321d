import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { maxDepth } from "../../../src/engine/rows/JsonText.ts"
import { parse, type Row } from "../../../src/engine/rows/Row.ts"

const row = (line: string): Row => {
  const result = parse(line)
  assert.isTrue(Result.isSuccess(result), line)
  return Result.getOrThrow(result)
}

/** The path and the message of what is wrong, in one text. */
const problem = (line: string): string => {
  const result = parse(line)
  assert.isTrue(Result.isFailure(result), line)
  return Result.isFailure(result) ? [result.failure.path, result.failure.message].join(": ") : ""
}

describe("Row.parse", () => {
  it("reads an item, with or without a sample", () => {
    assert.deepStrictEqual(row('{"item": {"a": 1}}'), {
      item: { a: 1 },
      sample: undefined,
      itemText: '{"a": 1}',
      sampleText: undefined,
      odd: false,
      ignored: []
    })
    assert.deepStrictEqual(row(' {"sample":{ "model":"m" } , "item" : {} } '), {
      item: {},
      sample: { model: "m" },
      itemText: "{}",
      sampleText: '{ "model":"m" }',
      odd: false,
      ignored: []
    })
    assert.isUndefined(row('{"item":{},"sample":null}').sample)
    assert.isUndefined(row('{"item":{},"sample":null}').sampleText)
  })

  it("keeps the texts as they are: digits, order, escapes, blanks, keys that are there twice", () => {
    const item = String.raw`{ "b" : 12345678901234567890, "1":1e400,"a":"\u00e9\/\"}{" ,"a":-0.10, "nested":[{"item":{}}] }`
    const read = row(`{"item":${item},"sample":{"output_text":"x"}}`)
    assert.strictEqual(read.itemText, item)
    assert.strictEqual(read.sampleText, '{"output_text":"x"}')
  })

  it("takes the last of members that are there twice, as JSON.parse does", () => {
    assert.strictEqual(row('{"item":{"a":1},"item":{"a":2}}').itemText, '{"a":2}')
    assert.strictEqual(row('{"item":3,"sample":[1],"item":{"a":2},"sample":{}}').sampleText, "{}")
    assert.isUndefined(row('{"item":{},"sample":{"a":1},"sample":null}').sampleText)
    assert.strictEqual(problem('{"item":{},"item":[]}'), "item: expected an object, got a list")
  })

  it("finds members whose keys are written with escapes", () => {
    const read = row(String.raw`{"\u0069tem":{"a":1},"s\u0061mple":{"b":2},"\"item":{"c":3}}`)
    assert.deepStrictEqual([read.itemText, read.sampleText], ['{"a":1}', '{"b":2}'])
    assert.deepStrictEqual(read.ignored, ['"item'])
  })

  it("ignores braces, quotes and keys inside strings and other members", () => {
    const read = row(
      String.raw`{"a":{"item":{"no":1}},"x":"\"item\":{","item":{"t":"}],\\"},"y":["item",{"sample":{}}],"z":":item"}`
    )
    assert.strictEqual(read.itemText, String.raw`{"t":"}],\\"}`)
    assert.isUndefined(read.sampleText)
    assert.deepStrictEqual(read.ignored, ["a", "x", "y", "z"])
  })

  it("treats keys of prototypes as ordinary ones", () => {
    const read = row('{"__proto__":{"item":{}},"item":{"__proto__":{"a":1},"constructor":2}}')
    assert.deepStrictEqual(Object.keys(read.item), ["__proto__", "constructor"])
    assert.deepStrictEqual(read.ignored, ["__proto__"])
    assert.strictEqual(
      problem('{"__proto__":{"item":{}}}'),
      'item: expected an object, got nothing; a row is {"item": …, "sample": …}, and this line has the keys __proto__'
    )
  })

  it("describes an invalid row", () => {
    assert.strictEqual(problem("[]"), ": expected an object with an item, got a list")
    assert.strictEqual(problem('"item"'), ": expected an object with an item, got a string")
    assert.strictEqual(problem("null"), ": expected an object with an item, got null")
    assert.strictEqual(problem("{}"), "item: expected an object, got nothing")
    assert.strictEqual(problem('{"item":null,"a":1}'), "item: expected an object, got null")
    assert.match(problem('{"a":1,"b":2}'), /this line has the keys a, b$/)
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`key ${index} ${"x".repeat(60)}`, 1]))
    assert.match(problem(JSON.stringify(many)), /the keys key 0 x{33}…, .*key 9 x{33}…, …$/)
    assert.strictEqual(problem('{"item":null}'), "item: expected an object, got null")
    assert.strictEqual(problem('{"item":"{}"}'), "item: expected an object, got a string")
    assert.strictEqual(problem('{"item":true}'), "item: expected an object, got a boolean")
    assert.strictEqual(problem('{"item":{},"sample":[]}'), "sample: expected an object or null, got a list")
    assert.strictEqual(problem('{"item":{},"sample":"x"}'), "sample: expected an object or null, got a string")
    assert.strictEqual(problem('{"item":{},"sample":0}'), "sample: expected an object or null, got a number")
  })

  it("names the position of a syntax error", () => {
    for (const [line, expected] of [
      ["", "expected a value at column 1, found the end"],
      ["nonsense", 'expected a value at column 1, found "n"'],
      ["\uFEFF{}", "expected a value at column 1, found U+FEFF"],
      ['{"item": {"a": 1', 'expected "," or the end of what is open at column 17, found the end'],
      ['{"item": {"a": 1]}', 'expected "," or the end of what is open at column 17, found "]"'],
      ['{"item" {}}', 'expected ":" at column 9, found "{"'],
      ['{"item": {"a": 01}}', 'expected "," or the end of what is open at column 17, found "1"'],
      ['{"item": {"a": .5}}', 'expected a value at column 16, found "."'],
      ['{"item": {"a": NaN}}', 'expected a value at column 16, found "N"'],
      ['{"item": {"a": [1,]}}', 'expected a value at column 19, found "]"'],
      ['{"item": {"a": [,]}}', 'expected a value or "]" at column 17, found ","'],
      ['{"item": {},}', 'expected a key in double quotes at column 13, found "}"'],
      ["{item: {}}", 'expected a key in double quotes or "}" at column 2, found "i"'],
      ["{'item': {}}", 'expected a key in double quotes or "}" at column 2, found "\'"'],
      ['{"item": {"a": "x\ty"}}', "expected the rest of a string at column 18, found U+0009"],
      [String.raw`{"item": {"a": "\x"}}`, String.raw`expected the rest of a string at column 17, found "\\"`],
      [String.raw`{"item": {"a": "\u12g4"}}`, String.raw`expected the rest of a string at column 17, found "\\"`],
      ['{"item": {"a": "x}}', "expected the rest of a string at column 20, found the end"],
      ['{"item": {}} {"item": {}}', 'expected nothing more at column 14, found "{"'],
      ['{"item": {}}}', 'expected nothing more at column 13, found "}"'],
      ["{}]", 'expected nothing more at column 3, found "]"'],
      ['{"item": {"é": \u00a01}}', "expected a value at column 16, found U+00A0"]
    ] as const) {
      assert.strictEqual(problem(line), `: not JSON: ${expected}`)
    }
  })

  it("refuses what is nested too deep, however deep, before it is parsed", () => {
    const nested = (levels: number) => `{"item":{"a":${"[".repeat(levels - 2)}${"]".repeat(levels - 2)}}}`
    assert.strictEqual(row(nested(maxDepth)).itemText.length, nested(maxDepth).length - 9)
    assert.strictEqual(problem(nested(maxDepth + 1)), ": nested deeper than 256 levels")
    assert.strictEqual(problem(nested(maxDepth + 1).replace("}}", ',"b":[]}}')), ": nested deeper than 256 levels")
    assert.strictEqual(problem(nested(5_000_000)), ": nested deeper than 256 levels")
    assert.strictEqual(problem(`{"item":${'{"a":'.repeat(1_000_000)}`), ": nested deeper than 256 levels")
    // brackets in strings and side by side nest nothing
    assert.deepStrictEqual(row(`{"item":{"a":"${"[".repeat(1000)}","b":[${"[],".repeat(1000)}[]]}}`).ignored, [])
  })

  it("reads ill-formed surrogates", () => {
    assert.strictEqual(row(String.raw`{"item":{"a":"\ud800"}}`).item["a"], "\ud800")
    assert.strictEqual(row('{"item":{"a":"\udfff!"}}').itemText, '{"a":"\udfff!"}')
  })

  it("marks numbers that JavaScript may write differently", () => {
    const odd = (number: string) => row(`{"item":{"a":${number}}}`).odd
    for (const number of ["0", "-1", "100", "1.5", "0.05", "-0.5", "10.01", "123456789012345", "1.234567890123"]) {
      assert.isFalse(odd(number), number)
    }
    for (const number of ["1234567890123456", "0.30000000000000004", "1e5", "1E-400", "-1234567890123456"]) {
      assert.isTrue(odd(number), number)
    }
    for (const number of ["1.0", "0.10", "-0", "-0.0", "0.0000001", "-10.50"]) assert.isTrue(odd(number), number)
    assert.isFalse(row('{"item":{"a":"12345678901234567890","1e5":true,"e":false,"x":"-0","y":"1.0"}}').odd)
  })

  it("takes time proportional to the length of any line", () => {
    const many = 1_000_000
    for (const text of [
      '"\\'.repeat(many),
      '{"item":"' + "\\".repeat(many),
      `${"1".repeat(many)}x`,
      '":'.repeat(many)
    ]) {
      assert.match(problem(text), /^: not JSON: /)
    }
    assert.strictEqual(row(`{"item":{"a":"${"\\\\".repeat(many)}"}}`).itemText.length, 2 * many + 8)
    assert.strictEqual(row(`{${'"x":1,'.repeat(many)}"item":{}}`).itemText, "{}")
  })

  const Item = Schema.Record(Schema.String, Schema.Json)

  it.prop(
    "slices exactly the item and the sample out of any line",
    { item: Item, sample: Schema.NullOr(Item), key: Schema.String, other: Schema.Json },
    ({ item, key, other, sample }) => {
      for (const indent of [0, 1]) {
        const [itemText, sampleText, otherText] = [item, sample, other].map((value) =>
          JSON.stringify(value, undefined, indent)
        )
        const name = JSON.stringify(`_${key}`)
        const read = row(`{ ${name}:${otherText} ,"item": ${itemText},"sample":${sampleText}, ${name}:${otherText}}`)
        assert.strictEqual(read.itemText, itemText)
        assert.strictEqual(read.sampleText, sample === null ? undefined : sampleText)
        assert.strictEqual(JSON.stringify(read.item, undefined, indent), itemText)
        assert.deepStrictEqual(read.ignored, [`_${key}`])
      }
    },
    { arbitrary: { runs: 300 } }
  )

  const Piece = Schema.Literals(["{", "}", "[", "]", ":", ",", '"', "\\", '"item":', '"sample":{}', "1e9", "null", " "])

  it.prop(
    "says of any text whether it is a row, and where it is no JSON",
    { pieces: Schema.Array(Schema.Union([Piece, Schema.String])) },
    ({ pieces }) => {
      const line = pieces.join("")
      const isJson = Result.isSuccess(Result.try((): unknown => JSON.parse(line)))
      const result = parse(line)
      if (Result.isFailure(result)) {
        assert.strictEqual(result.failure.message.startsWith("not JSON: expected "), !isJson)
      } else {
        assert.isTrue(isJson)
      }
    },
    { arbitrary: { runs: 1000 } }
  )
})

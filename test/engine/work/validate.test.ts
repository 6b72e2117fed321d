import { assert, describe, it } from "@effect/vitest"
import type { Operations } from "../../../src/engine/work/protocol.ts"
import { checkSchema, validateRows } from "../../../src/engine/work/validate.ts"

type Request = Operations["validateRows"]["request"]

const schema = JSON.stringify({ properties: { n: { type: "integer" } }, required: ["n"] })

const validate = (rows: string | Uint8Array, options: Partial<Request> = {}) =>
  validateRows({
    schemaText: schema,
    sampleRequired: false,
    sampleNames: [],
    rows: typeof rows === "string" ? new TextEncoder().encode(rows) : rows,
    sliceMillis: 10_000,
    millis: 10_000,
    compileMillis: 10_000,
    ...options
  })

const fitting = { _tag: "Fitting", models: [], unknownKeys: [], unread: undefined } as const

describe("validateRows", () => {
  it("counts rows, lines and bytes", () => {
    assert.deepStrictEqual(validate('{"item":{"n":1}}\n\n{"item":{"n":2}}\n'), {
      ...fitting,
      rows: 2,
      lines: 3,
      bytes: 35
    })
    assert.deepStrictEqual(validate("\n"), { ...fitting, models: [], rows: 0, lines: 1, bytes: 1 })
  })

  it("stops at the first row that does not fit", () => {
    const messages = [
      ['{"item":{"n":"x"}}', "item.n", 'expected a whole number, got "x"'],
      ['{"item":{}}', "item.n", "is missing"],
      ['{"item":[]}', "item", "expected an object, got a list"],
      ["{}", "item", "expected an object, got nothing"],
      ['{"item":{"n":1},"sample":3}', "sample", "expected an object or null, got a number"],
      ["[]", "", "expected an object with an item, got a list"],
      ['{"item":', "", "not JSON: expected a value at column 9, found the end"],
      ["n", "", 'not JSON: expected a value at column 1, found "n"'],
      [`{"item":{"n":1,"a":${"[".repeat(300)}${"]".repeat(300)}}}`, "", "nested deeper than 256 levels"]
    ] as const
    for (const [row, path, message] of messages) {
      assert.deepStrictEqual(validate(`{"item":{"n":1}}\n\n${row}\n{"item":{}}`), {
        _tag: "BadRow",
        row: 1,
        line: 2,
        path,
        message
      })
    }
  })

  it("asks for a sample where the eval does", () => {
    const rows = '{"item":{"n":1},"sample":{}}\n{"item":{"n":1}}'
    assert.deepStrictEqual(validate(rows), { ...fitting, rows: 2, lines: 2, bytes: 45 })
    assert.deepStrictEqual(validate(rows, { sampleRequired: true }), {
      _tag: "BadRow",
      row: 1,
      line: 1,
      path: "sample",
      message:
        "is missing; criteria read it, and the eval asks for one in each row (include_sample_schema). " +
        'Put the answer there: "sample": {"output_text": "…"}'
    })
  })

  it("names at most two models, and the keys that nothing reads", () => {
    const rows = ['"a"', '"a"', "1", '"b"', '"c"'].map(
      (model, index) => `{"item":{"n":1},"sample":{"model":${model}},"id":1,"x${index}":null,"__proto__":{}}`
    )
    const answer = validate(rows.join("\n"))
    assert.strictEqual(answer._tag, "Fitting")
    if (answer._tag === "Fitting") {
      assert.deepStrictEqual(answer.models, ["a", "b"])
      assert.deepStrictEqual(answer.unknownKeys, ["id", "x0", "__proto__", "x1", "x2", "x3", "x4"])
    }
  })

  it("takes no model of a sample that could not be taken, and that of a dashboard download", () => {
    const samples = [
      '{"model":"a","output_text":"x"}',
      '{"model":"b","error":{"code":"timeout"}}',
      "null",
      '{"sampled_model_name":"a","outputs":[]}',
      '{"sampled_model_name":"","error":{"message":"x"}}'
    ]
    const rows = samples.map((sample) => `{"item":{"n":1},"sample":${sample}}`).join("\n")
    assert.deepInclude(validate(rows), { _tag: "Fitting", models: ["a"] })
  })

  it("counts rows whose sample has nothing that criteria read, and names the first", () => {
    const of = (sampleNames: ReadonlyArray<string>, ...samples: ReadonlyArray<string>) => {
      const rows = samples.map((sample) => `{"item":{"n":1},"sample":${sample}}`).join("\n")
      const answer = validate(`\n${rows}`, { sampleNames })
      return answer._tag === "Fitting" ? answer.unread : answer
    }
    const known = ['{"output_text":""}', '{"choices":[{"message":{}}]}', '{"error":{"code":"timeout"}}']
    assert.isUndefined(of(["output_text"], ...known))
    assert.deepStrictEqual(of(["output_text"], ...known, '{"a":1,"b":{}}', "{}", '{"choices":[]}', '{"output":[]}'), {
      row: 3,
      line: 4,
      keys: ["a", "b"],
      rows: 4
    })
    assert.deepStrictEqual(of(["output_text"], "null"), { row: 0, line: 1, keys: undefined, rows: 1 })
    assert.isUndefined(of(["mine"], '{"mine":null}'))
    assert.deepStrictEqual(of(["mine", "output_text"], '{"mine":1}'), { row: 0, line: 1, keys: ["mine"], rows: 1 })
    assert.isUndefined(of([], "null", "{}"))
  })

  it("takes any object where there is no schema", () => {
    assert.deepStrictEqual(validate('{"item":{"__proto__":{"a":1}}}', { schemaText: undefined }), {
      ...fitting,
      rows: 1,
      lines: 1,
      bytes: 30
    })
    assert.isFalse("a" in {})
  })

  it("refuses what is not UTF-8", () => {
    const good = new TextEncoder().encode('{"item":{"n":1}}\n')
    const rows = new Uint8Array([...good, ...good, 0x7b, 0xff, 0x7d])
    assert.deepStrictEqual(validate(rows), {
      _tag: "BadRow",
      row: 2,
      line: 2,
      path: "",
      message: "is not UTF-8: save it as UTF-8"
    })
  })

  it("turns to others after its slice of time, with one row done at least", () => {
    const answer = validate('\n{"item":{"n":1}}\n{"item":{"n":2}}', { sliceMillis: 0 })
    assert.deepStrictEqual(answer, { ...fitting, rows: 1, lines: 2, bytes: 18 })
  })

  it("stops a row that takes too long, and says which", () => {
    const hostile = JSON.stringify({ properties: { a: { pattern: "^(a+)+$" } } })
    const rows = `{"item":{"a":"aaa"}}\n\n{"item":{"a":"${"a".repeat(40)}!"}}\n{"item":{}}`
    assert.deepStrictEqual(validate(rows, { schemaText: hostile, sliceMillis: 20, millis: 500 }), {
      _tag: "Expired",
      line: 2
    })
  })

  it("says so when the schema is none", () => {
    assert.deepStrictEqual(validate('{"item":{}}', { schemaText: '{"type":3}' })._tag, "BadSchema")
  })

  it("stops a schema that takes too long", () => {
    // each level has the one below twice
    const defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `a${i}`,
        { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }
      ])
    )
    const schemaText = JSON.stringify({ $ref: "#/$defs/a0", $defs: { ...defs, a40: { type: "object" } } })
    assert.deepStrictEqual(checkSchema({ schemaText, millis: 300, sliceMillis: 50 }), {
      _tag: "Expired",
      line: undefined
    })
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { maxDepth } from "../../../src/engine/rows/JsonText.ts"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import * as Row from "../../../src/engine/rows/Row.ts"
import * as Sample from "../../../src/engine/rows/Sample.ts"
import { compile, maxRenderedLength, type Scope } from "../../../src/engine/rows/Template.ts"

const scopeOf = (item: string, sample = "null"): Scope => {
  const row = Result.getOrThrow(Row.parse(`{"item":${item},"sample":${sample}}`))
  return { item: new JsonText(row.item, row.itemText, row.odd), sample: Sample.ofRow(row) }
}

/** The text, or the variable that is missing in a list. */
const outcome = (template: string, scope: Scope): string | ReadonlyArray<string> =>
  Result.match(compile(template).render(scope), { onSuccess: (text) => text, onFailure: ({ variable }) => [variable] })

const render = (template: string, item: string) => outcome(template, scopeOf(item))

describe("Template", () => {
  it("renders a string as it is, everything else as compact JSON", () => {
    const item = String.raw`{"text":" \"a\"\n", "empty":"", "t":true, "f":false, "n":null, "i":3, "x":-1.5, "zero":-0,
      "list":[1, "é", [ ]], "object":{"b" : {"c":null}, "a":1}}`
    for (const [path, text] of [
      ["text", ' "a"\n'],
      ["empty", ""],
      ["t", "true"],
      ["f", "false"],
      ["n", "null"],
      ["i", "3"],
      ["x", "-1.5"],
      ["zero", "-0"],
      ["list", '[1,"é",[]]'],
      ["list[1]", "é"],
      ["list[2]", "[]"],
      ["object", '{"b":{"c":null},"a":1}'],
      ["object.b.c", "null"]
    ] as const) {
      assert.strictEqual(render(`{{ item.${path} }}`, item), text, path)
      assert.strictEqual(render(`<{{item.${path}}}|{{item.t}}>`, item), `<${text}|true>`, path)
    }
  })

  it("renders the whole of an item", () => {
    assert.strictEqual(render("{{ item }}", '{ "a" : [1, {"b":"\\u00e9"}] }'), '{"a":[1,{"b":"é"}]}')
    assert.strictEqual(render("{{item}}", "{}"), "{}")
  })

  it("keeps the text around variables, single braces included", () => {
    assert.strictEqual(render(' {"q":"{{item.a}}"} }} {x}\n', '{"a":"b"}'), ' {"q":"b"} }} {x}\n')
    assert.strictEqual(render("no variable", "{}"), "no variable")
    assert.strictEqual(render("", "{}"), "")
    assert.strictEqual(render("{{item.a}}{{item.a}}", '{"a":"{{item.b}}"}'), "{{item.b}}{{item.b}}")
    assert.strictEqual(render('{{ item["unit price"]["a.b"] }}', '{"unit price":{"a.b":"x"}}'), "x")
  })

  it("names the first variable that has no value, as the template has it", () => {
    const item = '{"a":{"b":[0,{"c":1}]},"n":null,"i":5,"t":true}'
    for (const missing of [
      "{{ item.x }}",
      "{{item.a.x}}",
      "{{ item.a.b[2] }}",
      "{{ item.a.b[1].c.d }}",
      "{{ item.a.b.c }}",
      "{{ item.a[0] }}",
      "{{ item.n.x }}",
      "{{ item.i.x }}",
      "{{ item.t[0] }}",
      "{{ item[0] }}",
      "{{ sample }}",
      "{{ sample.output_text }}"
    ]) {
      assert.deepStrictEqual(render(missing, item), [missing])
      assert.deepStrictEqual(render(`{{ item.i }} ${missing} {{ item.y }}`, item), [missing])
    }
  })

  it("reads own fields only, and no fields of strings and lists", () => {
    const item = '{"list":[1],"text":"abc","o":{}}'
    for (const path of [
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "o.__proto__",
      "o.constructor.name",
      "list.length",
      "list.map",
      "list.0",
      'list["0"]',
      "text.length",
      "text[0]",
      "list[1]",
      "list[999999999]"
    ]) {
      assert.deepStrictEqual(render(`{{ item.${path} }}`, item), [`{{ item.${path} }}`])
    }
    assert.strictEqual(render("{{ item.__proto__.x }}", '{"__proto__":{"x":"own"}}'), "own")
    assert.strictEqual(render("{{ item.constructor }}", '{"constructor":7}'), "7")
    assert.strictEqual(render("{{ item.toJSON }}{{item}}", '{"toJSON":"f"}'), 'f{"toJSON":"f"}')
  })

  it("follows a path into a string that is JSON", () => {
    const call = JSON.stringify({ city: "Paris", days: [1, 2], deep: JSON.stringify({ x: JSON.stringify([["y"]]) }) })
    const item = JSON.stringify({ call, list: " [ [1] , 2 ]\n", bad: "{city: 1}", plain: "Paris", number: "12" })
    assert.strictEqual(render("{{ item.call.city }}", item), "Paris")
    assert.strictEqual(render("{{ item.call.days[1] }}", item), "2")
    assert.strictEqual(render("{{ item.call.days }}", item), "[1,2]")
    assert.strictEqual(render("{{ item.call.deep.x[0][0] }}", item), "y")
    assert.strictEqual(render("{{ item.list[0] }}", item), "[1]")
    assert.strictEqual(render("{{ item.call }}", item), call)
    for (const path of ["call.town", "call.days.x", "bad.city", "plain.x", "number.x", "number[0]", "list.x"]) {
      assert.deepStrictEqual(render(`{{ item.${path} }}`, item), [`{{ item.${path} }}`])
    }
  })

  it("follows no path into a string that is nested too deeply", () => {
    const nested = (levels: number) => JSON.stringify({ s: `${"[".repeat(levels)}${"]".repeat(levels)}` })
    assert.strictEqual(render("{{ item.s[0] }}", nested(maxDepth))?.length, 2 * maxDepth - 2)
    assert.deepStrictEqual(render("{{ item.s[0] }}", nested(maxDepth + 1)), ["{{ item.s[0] }}"])
    assert.deepStrictEqual(render("{{ item.s[0] }}", nested(1_000_000)), ["{{ item.s[0] }}"])
  })

  it("keeps the digits of numbers that a double does not hold", () => {
    const numbers = [
      "9007199254740993",
      "-12345678901234567890",
      "0.1000000000000000055511151231257827",
      "1e400",
      "-1e-400",
      "123456789.123456789123"
    ]
    for (const number of numbers) {
      const item = `{"a":${number}, "b":[ {"a":${number}, "c":0.5} ], "s":"{\\"n\\": ${number}}", "e":{"k":1e2}}`
      assert.strictEqual(render("{{ item.a }}", item), number)
      assert.strictEqual(render("{{ item.b }}", item), `[{"a":${number},"c":0.5}]`)
      assert.strictEqual(render("{{ item.b[0].a }} {{ item.b[0].c }}", item), `${number} 0.5`)
      assert.strictEqual(render("{{ item.s.n }}", item), number)
      assert.strictEqual(
        render("{{ item }}", item),
        `{"a":${number},"b":[{"a":${number},"c":0.5}],"s":"{\\"n\\": ${number}}","e":{"k":1e2}}`
      )
    }
  })

  it("renders a number with the digits of the row", () => {
    for (const number of [
      "1.0",
      "1.50",
      "0.10",
      "1e5",
      "1E+2",
      "1e22",
      "-0",
      "-0.0",
      "0e999",
      "9007199254740992",
      "0.30000000000000004",
      "100000000000000000000000",
      "0.00000000010",
      "0.0000001",
      "5e-324",
      "12",
      "-1.5"
    ]) {
      assert.strictEqual(render("{{ item.a }}", `{"a": ${number} }`), number)
      assert.strictEqual(render("{{ item.a }}", `{"a":${number},"b":1e400}`), number)
      assert.strictEqual(
        render("{{ item }}", `{ "a" : [ ${number}, {"b":${number}} ] }`),
        `{"a":[${number},{"b":${number}}]}`
      )
      assert.strictEqual(outcome("{{ sample.x }}", scopeOf("{}", `{"x":${number}}`)), number)
      const json = JSON.stringify(`{"a":${number}}`)
      assert.strictEqual(outcome("{{ sample.output_json.a }}", scopeOf("{}", `{"output_text":${json}}`)), number)
    }
  })

  it("reads the last of repeated fields, with its digits", () => {
    const item = '{"a":{"b":1},"a":12345678901234567890,"c":1e400,"c":[1]}'
    assert.strictEqual(render("{{ item.a }}", item), "12345678901234567890")
    assert.strictEqual(render("{{ item }}", item), '{"a":12345678901234567890,"c":[1]}')
    assert.deepStrictEqual(render("{{ item.a.b }}", item), ["{{ item.a.b }}"])
  })

  it("treats braces without a path as a missing variable", () => {
    for (const braces of [
      "{{ sample.output_text.strip().lower() }}",
      "{{ item.a | upper }}",
      "{{ row.a }}",
      "{{}}",
      "{{ item. }}",
      "{{item.a}"
    ]) {
      assert.deepStrictEqual(render(braces, '{"a":"b"}'), [braces])
      assert.deepStrictEqual(render(`{{ item.a }}${braces}`, '{"a":"b"}'), [braces])
    }
  })

  it("renders numerals and surrogates of any length and form", () => {
    const zeros = `1${"0".repeat(1_000_000)}1`
    assert.strictEqual(render("{{ item.a }}", `{"a":${zeros}}`), zeros)
    assert.strictEqual(render("{{ item.a }}", String.raw`{"a":"\ud800"}`), "\ud800")
    assert.strictEqual(render("{{ item }}", String.raw`{"a":"\ud800"}`), String.raw`{"a":"\ud800"}`)
  })

  it("renders templates of any length", () => {
    assert.strictEqual(render("{{item.a}}, ".repeat(200_000), '{"a":"b"}'), "b, ".repeat(200_000))
    assert.deepStrictEqual(render("{{ ".repeat(200_000), "{}"), ["{{ "])
    assert.deepStrictEqual(render(`{{ item${".a".repeat(200_000)} }}`, '{"a":{}}').length, 1)
  })

  it("treats a variable that makes a text too long as missing", () => {
    const megabyte = JSON.stringify({ a: "x".repeat(1024 * 1024), b: "" })
    assert.strictEqual(render("{{item.a}}".repeat(64), megabyte)?.length, maxRenderedLength)
    assert.deepStrictEqual(render(`${"{{item.a}}".repeat(64)}{{ item.a }}`, megabyte), ["{{ item.a }}"])
    assert.deepStrictEqual(render("{{item.a}}".repeat(100_000), megabyte), ["{{item.a}}"])
  })

  it("is compiled once and rendered for many rows", () => {
    const template = compile("{{ item.a }}-{{ item.b }}")
    const texts = ['{"a":1,"b":2}', '{"a":"x"}', '{"b":[],"a":{}}'].map((item) => template.render(scopeOf(item)))
    assert.deepStrictEqual(
      texts.map((text) => (Result.isSuccess(text) ? text.success : text.failure)),
      ["1-2", { variable: "{{ item.b }}" }, "{}-[]"]
    )
  })

  const Tree = Schema.Record(Schema.String, Schema.Json)

  it.prop(
    "finds every field of any item by its path",
    { item: Tree },
    ({ item }) => {
      const scope = scopeOf(JSON.stringify(item, undefined, 1))
      const visit = (value: unknown, path: string): void => {
        // what JSON.stringify does to a value is what a template does, strings apart
        assert.strictEqual(outcome(`{{ ${path} }}`, scope), typeof value === "string" ? value : JSON.stringify(value))
        if (Array.isArray(value)) value.forEach((inner, index) => visit(inner, `${path}[${index}]`))
        else if (typeof value === "object" && value !== null) {
          for (const [key, inner] of Object.entries(value)) {
            if (key.includes("\n") || key.length > 200) continue
            visit(inner, `${path}["${key.replaceAll(/["\\]/g, String.raw`\$&`)}"]`)
          }
        }
      }
      visit(JSON.parse(JSON.stringify(item)), "item")
    },
    { arbitrary: { runs: 200 } }
  )
})

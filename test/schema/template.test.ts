import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parse, parsePath } from "../../src/schema/template.ts"

/** The segments in short: literals as they are, paths as namespace and keys, the rest as its problem. */
const brief = (template: string) =>
  parse(template).map((segment) =>
    segment._tag === "Literal"
      ? segment.text
      : segment._tag === "Path"
        ? [segment.namespace, ...segment.keys]
        : { [segment.problem]: segment.text }
  )

describe("template.parse", () => {
  it("reads paths of names and indices, with or without blanks inside the braces", () => {
    assert.deepStrictEqual(brief("{{item.input}}"), [["item", "input"]])
    assert.deepStrictEqual(brief("{{  item.input\n}}"), [["item", "input"]])
    assert.deepStrictEqual(brief("{{sample.output_tools[0].function.name}}"), [
      ["sample", "output_tools", 0, "function", "name"]
    ])
    assert.deepStrictEqual(brief("{{ item }}"), [["item"]])
    assert.deepStrictEqual(brief("{{ item.größe.ground-truth.$ref.3d }}"), [
      ["item", "größe", "ground-truth", "$ref", "3d"]
    ])
  })

  it("reads keys in quotes", () => {
    assert.deepStrictEqual(brief(`{{ item["unit price"]['a.b'].c }}`), [["item", "unit price", "a.b", "c"]])
    assert.deepStrictEqual(brief(String.raw`{{ item["say \"}}\""] }}`), [["item", 'say "}}"']])
  })

  it("keeps the text around templates", () => {
    assert.deepStrictEqual(brief("\n    Q: {{item.q}}\nA: {{item.a}}  "), [
      "\n    Q: ",
      ["item", "q"],
      "\nA: ",
      ["item", "a"],
      "  "
    ])
    assert.deepStrictEqual(brief(""), [])
  })

  it("reads single braces, and closing braces alone, as text", () => {
    for (const text of ['{"a": {"b": 1}}', "{image_url}", "}}", "{ {item.a} }", "a { b"]) {
      assert.deepStrictEqual(brief(text), [text])
    }
  })

  it("begins a template at the last two of several opening braces", () => {
    assert.deepStrictEqual(brief('{"a":{{{item.a}}}}'), ['{"a":{', ["item", "a"], "}}"])
  })

  it("names the fault of braces without a path", () => {
    assert.deepStrictEqual(brief("{{}} {{  }}"), [{ empty: "{{}}" }, " ", { empty: "{{  }}" }])
    assert.deepStrictEqual(brief("{{ sample.output_text.strip().lower() }}"), [
      { call: "{{ sample.output_text.strip().lower() }}" }
    ])
    assert.deepStrictEqual(brief("{{ item.a | upper }}"), [{ filter: "{{ item.a | upper }}" }])
    assert.deepStrictEqual(brief("{{ row.a }}"), [{ namespace: "{{ row.a }}" }])
    for (const text of [
      "{{ item.a b }}",
      "{{ item..a }}",
      "{{ item.a. }}",
      "{{ item[*] }}",
      "{{ item[-1] }}",
      "{{ .a }}"
    ]) {
      assert.deepStrictEqual(brief(text), [{ syntax: text }])
    }
    assert.deepStrictEqual(brief('{{"a": {"b": 1}}}'), [{ syntax: '{{"a": {"b": 1}}' }, "}"])
  })

  it("ends unclosed braces at a single brace, at the end of the line, or at the next template", () => {
    assert.deepStrictEqual(brief("{{sample.output_text} is it"), [{ unclosed: "{{sample.output_text}" }, " is it"])
    assert.deepStrictEqual(brief("{{ item.a\nnext"), [{ unclosed: "{{ item.a" }, "\nnext"])
    assert.deepStrictEqual(brief("{{ item.a {{ item.b }}"), [{ unclosed: "{{ item.a " }, ["item", "b"]])
    assert.deepStrictEqual(brief("a {{"), ["a ", { unclosed: "{{" }])
  })

  const Piece = Schema.Literals([
    "{",
    "}",
    "{{",
    "}}",
    "item",
    "sample",
    ".a",
    "[0]",
    '["',
    "\\",
    '"]',
    " ",
    "\n",
    "|",
    "é"
  ])

  it.prop(
    "divides any text into segments that make it up again",
    { pieces: Schema.Array(Schema.Union([Piece, Schema.String])) },
    ({ pieces }) => {
      const template = pieces.join("")
      const segments = parse(template)
      assert.strictEqual(segments.map((segment) => segment.text).join(""), template)
      assert.isTrue(segments.every((segment) => segment.text !== ""))
    },
    { arbitrary: { runs: 500 } }
  )

  it("reads a text of any length after an unclosed quote", () => {
    const template = `{{ item["${"x".repeat(10_000_000)}`
    assert.deepStrictEqual(
      parse(template).map((segment) => segment._tag),
      ["Malformed"]
    )
  })

  it("takes time in proportion to the text, with any number of unclosed braces", () => {
    for (const piece of ["{{ ", '{{ item["', "{{ item.a } ", "{{{", "{{ a\n", "{"]) {
      const template = piece.repeat(100_000)
      // time in proportion to the square would be beyond the limit of a test
      assert.strictEqual(
        parse(template)
          .map((segment) => segment.text)
          .join(""),
        template
      )
    }
  })
})

describe("template.parsePath", () => {
  it("reads a path without braces only if the whole text is a path", () => {
    assert.deepStrictEqual(parsePath("item.input[2]"), { namespace: "item", keys: ["input", 2] })
    for (const text of ["", "input", "item.", " item.a", "item.a }}", "{{ item.a }}"]) {
      assert.isUndefined(parsePath(text), text)
    }
  })
})

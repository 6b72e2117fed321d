import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Criteria from "../../../src/engine/graders/Criteria.ts"
import { explainResults } from "../../../src/engine/graders/explainResults.ts"
import type { Compared, Missing } from "../../../src/schema/Explanation.ts"
import * as Row from "../../../src/engine/rows/Row.ts"
import { withCopies } from "../../../src/store/copies.ts"

const check = (input: string, reference: string, operation = "eq") => ({
  type: "string_check",
  name: "c",
  input,
  reference,
  operation
})

/** Explains the results of a row, judged by these graders, from the item alone. */
const explained = (row: string, ...graders: ReadonlyArray<object>) => {
  const criteria = graders.map((grader, index) => ({ id: `c-${index}`, ...grader }))
  const compiled = Criteria.compile(criteria.map((grader) => ({ id: grader.id, grader })))
  const judged = Result.getOrThrow(compiled).judge(Result.getOrThrow(Row.parse(row)))
  if (judged.status === "asking") return assert.fail("a criterion asks")
  const copies = judged.copies === undefined ? null : JSON.stringify(judged.copies)
  return explainResults(criteria, withCopies(`{"id":"outputitem_1","status":"fail",${judged.tail}`, copies))
}

const missing = (...variables: ReadonlyArray<string>): Missing => ({ _tag: "Missing", variables, certain: true })
const compared = (input: string, reference: string, by = "eq"): Compared => ({
  _tag: "Compared",
  input,
  reference,
  by,
  certain: true
})

const row = '{"item":{"label":"yes","n":1.0},"sample":{"output_text":"no"}}'

describe("explainResults", () => {
  it("gives the two texts that were compared, rendered from the item, with numbers as they stand", () => {
    assert.deepStrictEqual(
      explained(
        row,
        check("{{ sample.output_text }}", "{{ item.label }}"),
        check("<{{ item.n }}>", "{{ item }}", "like"),
        { ...check("{{sample.output_text}}", "{{item.label}}"), type: "text_similarity", evaluation_metric: "rouge_1" }
      ),
      [compared("no", "yes"), compared("<1.0>", '{"label":"yes","n":1.0}', "like"), compared("no", "yes", "rouge_1")]
    )
  })

  it("names every variable that has no value, apart from a comparison that is unequal", () => {
    assert.deepStrictEqual(
      explained(
        row,
        check("{{ sample.output_json.a }}", "{{ item.label }}"),
        check("{{ item.x }} {{ item.y[0] }}", "{{ item.label }} {{ item.x }}"),
        check("{{ sample.output_text.strip() }}", "no"),
        check("{{ sample.output_text }}", "{{ item.label }}")
      ),
      [
        missing("{{ sample.output_json.a }}"),
        missing("{{ item.x }}", "{{ item.y[0] }}"),
        missing("{{ sample.output_text.strip() }}"),
        compared("no", "yes")
      ]
    )
  })

  it("names the variable of a sample that says nothing, or is not there", () => {
    for (const sample of ["null", "{}", '{"answer":"yes"}', '{"output":[]}', '{"choices":[]}']) {
      assert.deepStrictEqual(
        explained(`{"item":{"label":"yes"},"sample":${sample}}`, check("{{ sample.output_text }}", "{{item.label}}")),
        [missing("{{ sample.output_text }}")],
        sample
      )
    }
    // the item shows empty content; the variable is the only one that it can be
    assert.deepStrictEqual(
      explained(
        '{"item":{"label":"yes"},"sample":{"choices":[{"message":{"content":null}}]}}',
        check("{{ sample.output_text }}", "{{item.label}}")
      ),
      [missing("{{ sample.output_text }}")]
    )
  })

  it("names fields that an item does not hold as unknown", () => {
    const own = '{"item":{"label":"yes"},"sample":{"mine":"no","output_text":"x"}}'
    assert.deepStrictEqual(explained(own, check("{{ sample.mine }}", "{{ item.label }}")), [{ _tag: "Unexplained" }])
    assert.deepStrictEqual(explained(own, check("{{ sample.other }}", "{{ item.label }}")), [
      missing("{{ sample.other }}")
    ])
    assert.deepStrictEqual(explained(own, check("{{ sample.mine }}", "{{ sample.other }}")), [
      { _tag: "Missing", variables: ["{{ sample.mine }}", "{{ sample.other }}"], certain: false }
    ])
    assert.deepStrictEqual(explained(own, check("{{ sample.mine }}", "{{ item.x }}")), [missing("{{ item.x }}")])
  })

  it("marks a text that differs from the compared one", () => {
    const parts = '[{"type":"text","text":"a"},{"type":"text","text":"b"}]'
    const [explanation] = explained(
      `{"item":{},"sample":{"choices":[{"message":{"content":${parts}}}]}}`,
      check("{{ sample.output_text }}", "ab")
    )
    assert.deepStrictEqual(explanation, { ...compared("a b", "ab"), certain: false })
  })

  it("leaves errors, graders that ask a model, and invalid items unexplained", () => {
    const errored = Criteria.errored([{ id: "c-0" }], Result.getOrThrow(Row.parse(row)), "took too long", "timeout")
    const criteria = [{ id: "c-0", ...check("{{ item.x }}", "a") }]
    assert.deepStrictEqual(explainResults(criteria, `{${errored.tail}`), [{ _tag: "Unexplained" }])
    const judged = '{"results":[{"name":"j","passed":false,"score":0,"sample":{"output":[]}}]}'
    assert.deepStrictEqual(explainResults([{ id: "j", type: "score_model", model: "m" }], judged), [
      { _tag: "Unexplained" }
    ])
    assert.deepStrictEqual(explainResults([], judged), [{ _tag: "Unexplained" }])
    for (const text of ["", "[]", "{}", '{"results":3}', "no"])
      assert.deepStrictEqual(explainResults(criteria, text), [])
  })

  it("says why a judge gave no judgement, or which variable kept it from being asked", () => {
    const grader = {
      type: "label_model",
      name: "tone",
      model: "m",
      input: [{ role: "user", content: [{ type: "input_text", text: "{{ item.x }}: {{ sample.output_text }}" }] }],
      labels: ["kind"],
      passing_labels: ["kind"]
    }
    assert.deepStrictEqual(explained(row, grader), [missing("{{ item.x }}")])
    const criteria = [{ id: "j", ...grader }]
    const item = (sample: object) =>
      JSON.stringify({ datasource_item: {}, results: [{ name: "j", passed: false, score: 0, sample }], sample: null })
    const error = { code: "model_grader_refusal_error", message: "the model refuses: No." }
    assert.deepStrictEqual(explainResults(criteria, item({ error, reasoning_effort: null })), [
      { _tag: "Unjudged", message: "the model refuses: No." }
    ])
    assert.deepStrictEqual(explainResults(criteria, item({ error: null, reasoning_effort: null })), [
      { _tag: "Unexplained" }
    ])
  })

  it("finds a criterion by its id, whatever the order of the results", () => {
    const criteria = [
      { id: "a-1", ...check("{{ item.x }}", "1") },
      { id: "b-1", ...check("{{ item.y }}", "2") }
    ]
    const result = (name: string) => `{"name":"${name}","passed":false,"score":0,"sample":null}`
    const item = (...names: ReadonlyArray<string>) =>
      `{"datasource_item":{"x":"0","y":"9"},"results":[${names.map(result).join(",")}],"sample":null}`
    assert.deepStrictEqual(explainResults(criteria, item("b-1", "a-1")), [compared("9", "2"), compared("0", "1")])
    assert.deepStrictEqual(explainResults(criteria, item("x", "y")), [compared("0", "1"), compared("9", "2")])
    assert.deepStrictEqual(explainResults(criteria, item("x")), [{ _tag: "Unexplained" }])
  })
})

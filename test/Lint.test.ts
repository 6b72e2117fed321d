import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Eval, lintEval, Run } from "effect-evals"
import {
  evalFrom,
  evalOf,
  found,
  labelModel,
  onlyMessage,
  runFrom,
  runOf,
  scoreModel,
  similarity,
  stringCheck
} from "./fixtures/lint.ts"

const python = {
  type: "python",
  name: "length",
  source: "def grade(sample, item):\n    return 1.0\n# {{ not a template }}"
}

/** An eval with one template, and a message of each kind. */
const withTemplate = (reference: string) => evalOf([stringCheck({ reference })])

describe("lintEval on valid definitions", () => {
  it("finds nothing in an eval with every type of criterion", () => {
    const every = [stringCheck(), similarity(), python, scoreModel(), labelModel()]
    assert.deepStrictEqual(found(evalOf(every)), [])
    assert.deepStrictEqual(found(evalOf([scoreModel({ range: undefined, pass_threshold: 0.5 })])), [])
  })

  it("finds nothing in evals over logs and stored completions", () => {
    for (const type of ["logs", "stored_completions"]) {
      const params = evalFrom({
        data_source_config: { type, metadata: { usecase: "chat" } },
        testing_criteria: [
          labelModel({ input: [{ role: "user", content: "{{ item.input }} {{sample.choices[0].message.content}}" }] })
        ]
      })
      assert.deepStrictEqual(found(params), [])
    }
  })

  it("finds nothing in runs with templates, references and rows", () => {
    const template = [
      { role: "developer", content: 'Answer as JSON, {"label": …}, in {curly} braces.' },
      { role: "user", content: [{ type: "input_text", text: "{{ item.question }}" }, "{{ item.customer.name }}"] }
    ]
    const rows = { type: "file_content", content: [{ item: { question: "?", label: "a", customer: null, price: 2 } }] }
    assert.deepStrictEqual(found(evalOf([stringCheck()]), runOf({ type: "template", template }, { source: rows })), [])
    const reference = { type: "item_reference", item_reference: "item.extra" }
    assert.deepStrictEqual(found(evalOf([stringCheck()]), runOf(reference)), [])
  })
})

describe("lintEval on the fields of a request", () => {
  it("reports fields that a host refuses, with their paths, and unknown keys", () => {
    const params = evalOf([stringCheck({ reference: undefined, refrence: "{{ item.label }}" })], {
      include_smaple: true
    })
    assert.sameMembers(
      [...found(params)],
      [
        "warning unknown-key data_source_config.include_smaple",
        "error invalid-definition testing_criteria[0].reference",
        "warning unknown-key testing_criteria[0].refrence"
      ]
    )
  })

  it("reports the same faults of a run, with paths that begin with `run`", () => {
    const run = runOf({ type: "template", template: [] }, { temperature: 0, model: 7 })
    assert.sameMembers(
      [...found(evalOf([stringCheck()]), run)],
      ["error invalid-definition run.data_source.model", "warning unknown-key run.data_source.temperature"]
    )
  })

  it("accepts any JSON without throwing", () => {
    for (const value of [null, 3, "x", [], {}, { testing_criteria: { 0: null } }, { data_source_config: [] }]) {
      assert.include(found(evalFrom(value), runFrom(value)).join(), "error invalid-definition")
    }
    // deeper than the stack is for functions that call themselves
    const levels = 20_000
    const schema = `${'{"properties":{"a":'.repeat(levels)}{}${"}}".repeat(levels)}`
    const params: Eval.CreateParams = JSON.parse(
      `{"data_source_config":{"type":"custom","item_schema":${schema}},"testing_criteria":[]}`
    )
    assert.deepStrictEqual(found(params), ["warning no-criteria testing_criteria"])
  })

  it.prop(
    "answers every definition and every run with findings",
    { params: Eval.CreateParams, run: Run.CreateParams },
    ({ params, run }) => {
      for (const finding of lintEval(params, run)) {
        assert.isAbove(finding.message.length, 0)
        assert.notStrictEqual(finding.rule, "invalid-definition")
      }
    }
  )

  it.prop("answers any JSON with findings", { json: Schema.Json }, ({ json }) => {
    const params = evalFrom({ data_source_config: { type: "custom", item_schema: json }, testing_criteria: [json] })
    assert.isArray(lintEval(params, runFrom({ data_source: { source: { content: [{ item: json }] } } })))
  })

  it("reports a multi grader once, and names the endpoints that accept it", () => {
    const multi = { type: "multi", name: "both", graders: { a: stringCheck() }, calculate_output: "a" }
    assert.deepStrictEqual(found(evalOf([stringCheck(), multi])), ["error multi-in-eval testing_criteria[1]"])
  })
})

describe("lintEval on templates", () => {
  it("reports braces without a path, and suggests the correct form", () => {
    const cases: ReadonlyArray<readonly [string, RegExp]> = [
      ["{{sample.output_text}", /not closed with }}; write {{ sample\.output_text }}/],
      ["as {{ in a book", /opens with {{ and has no }}/],
      ["{{ }}", /is empty/],
      ["{{ sample.output_text.strip().lower() }}", /calls a function.*python criterion/],
      ["{{ item.label | upper }}", /has a filter/],
      ["{{ item.orders[*] }}", /holds no path/]
    ]
    for (const [template, message] of cases) {
      const params = withTemplate(template)
      assert.deepStrictEqual(found(params), ["error malformed-template testing_criteria[0].reference"], template)
      assert.match(onlyMessage(params), message)
    }
  })

  it("reports a path that begins with neither item nor sample, and suggests a path", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["{{ items.label }}", "did you mean {{ item.label }}?"],
      ["{{Item.orders[0].id}}", "did you mean {{ item.orders[0].id }}?"],
      ["{{ output_text }}", "did you mean {{ sample.output_text }}?"],
      ["{{ label }}", "did you mean {{ item.label }}?"],
      ["{{ row.label }}", "write {{ item.… }}"]
    ]
    for (const [template, message] of cases) {
      const params = withTemplate(template)
      assert.deepStrictEqual(found(params), ["error unknown-namespace testing_criteria[0].reference"], template)
      assert.include(onlyMessage(params), message)
    }
  })

  it("warns of single braces only if they hold a path", () => {
    for (const template of ["{item.label}", "{ sample.output_text }", "{item.label}}", "{% if item.label %}"]) {
      assert.deepStrictEqual(found(withTemplate(template)), ["warning single-braces testing_criteria[0].reference"])
    }
    assert.include(onlyMessage(withTemplate("{item.label}")), "write {{ item.label }}")
    for (const template of [
      "{image_url}",
      '{"item": 1}',
      "{item}",
      "{items.label}",
      "{item.price: 3}",
      "{{{item.label}}}"
    ]) {
      assert.deepStrictEqual(found(withTemplate(template)), [], template)
    }
  })

  it("checks every text of a message, and no other field", () => {
    const input = [
      { role: "user", content: "{{ item.a }}" },
      { role: "user", content: { type: "input_text", text: "{{ item.b }}" } },
      {
        role: "user",
        content: [
          "{{ item.c }}",
          { type: "input_image", image_url: "{{ item.d }}", detail: "{{ item.no }}" },
          { type: "input_audio", input_audio: { data: "{{ item.e }}", format: "wav" } }
        ]
      }
    ]
    const name = "{{ item.no }}"
    const paths = lintEval(
      evalOf([scoreModel({ input, name }), labelModel({ input, labels: ["{{ item.no }}"], passing_labels: [] })])
    )
      .filter(({ rule }) => rule === "unknown-item-field")
      .map(({ path }) => path)
    const places = [
      "[0].content",
      "[1].content.text",
      "[2].content[0]",
      "[2].content[1].image_url",
      "[2].content[2].input_audio.data"
    ]
    assert.deepStrictEqual(
      paths,
      [0, 1].flatMap((index) => places.map((place) => `testing_criteria[${index}].input${place}`))
    )
  })

  it("reports equal findings of one template once", () => {
    assert.strictEqual(lintEval(withTemplate("{{ item.a }} {{ item.a }} {{ item.b }}")).length, 2)
  })
})

describe("lintEval on samples", () => {
  it("reports fields of a sample that are not documented", () => {
    const params = withTemplate("{{ sample.output_txt }}")
    assert.deepStrictEqual(found(params), ["error unknown-sample-field testing_criteria[0].reference"])
    assert.include(onlyMessage(params), "did you mean {{ sample.output_text }}?")
    assert.include(onlyMessage(withTemplate("{{ sample.text }}")), "known are model, choices, output_text")
    assert.include(onlyMessage(withTemplate("{{ sample.output_tools.function }}")), "whose entries have an index")
    const documented = [
      "output_text",
      "output_json.a[0].b",
      "output_tools[0].function.arguments.city",
      "choices[0].message.content",
      "output_audio.transcript",
      "output_reasoning_summary",
      "input_tools[1]",
      "model"
    ]
    for (const path of documented) {
      assert.deepStrictEqual(found(withTemplate(`{{ sample.${path} }}`)), [], path)
    }
  })

  it("only warns of such fields if the rows bring their samples", () => {
    const run = runFrom({ data_source: { type: "jsonl", source: { type: "file_id", id: "file-1" } } })
    assert.deepStrictEqual(found(withTemplate("{{ sample.verdict }}"), run), [
      "warning unknown-sample-field testing_criteria[0].reference"
    ])
  })

  it("warns of references to a sample that a custom eval does not declare", () => {
    const place = ["warning sample-not-included data_source_config.include_sample_schema"]
    assert.deepStrictEqual(found(evalOf([stringCheck(), similarity()], { include_sample_schema: undefined })), place)
    assert.deepStrictEqual(found(evalOf([scoreModel()], { include_sample_schema: false })), place)
    const withoutSample = stringCheck({ input: "{{ item.question }}" })
    assert.deepStrictEqual(found(evalOf([withoutSample], { include_sample_schema: false })), [])
  })

  it("warns of references to a sample in input messages", () => {
    const run = runOf({ type: "template", template: [{ role: "user", content: "{{ sample.output_text }}" }] })
    assert.deepStrictEqual(found(evalOf([stringCheck()]), run), [
      "warning sample-in-input run.data_source.input_messages.template[0].content"
    ])
  })
})

describe("lintEval on criteria", () => {
  it("reports a threshold outside of the range of scores", () => {
    const at = "error threshold-range testing_criteria[0].pass_threshold"
    for (const criterion of [
      similarity({ pass_threshold: 80 }),
      similarity({ pass_threshold: -0.1 }),
      scoreModel({ pass_threshold: 7.5 }),
      scoreModel({ pass_threshold: 0.5 }),
      scoreModel({ range: undefined, pass_threshold: 5 })
    ]) {
      assert.deepStrictEqual(found(evalOf([criterion])), [at])
    }
    assert.include(onlyMessage(evalOf([similarity({ pass_threshold: 80 })])), "nothing passes")
    assert.include(onlyMessage(evalOf([scoreModel({ pass_threshold: 0.5 })])), "everything passes")
    assert.include(onlyMessage(evalOf([scoreModel({ range: undefined })])), "without `range` it is [0, 1]")
    for (const criterion of [
      similarity({ pass_threshold: 0 }),
      similarity({ pass_threshold: 1 }),
      scoreModel({ pass_threshold: 7 }),
      scoreModel({ pass_threshold: 1 }),
      { ...python, pass_threshold: 20 }
    ]) {
      assert.deepStrictEqual(found(evalOf([criterion])), [])
    }
  })

  it("reports a range that is empty or reversed", () => {
    for (const range of [
      [7, 1],
      [1, 1]
    ]) {
      assert.deepStrictEqual(found(evalOf([scoreModel({ range })])), ["error score-range testing_criteria[0].range"])
    }
    assert.include(onlyMessage(evalOf([scoreModel({ range: [7, 1] })])), "[1, 7]")
  })

  it("reports passing labels that are not among the labels", () => {
    const params = evalOf([labelModel({ passing_labels: ["kind", "Neutrl", "warm"] })])
    assert.deepStrictEqual(found(params), [
      "error unknown-passing-label testing_criteria[0].passing_labels[1]",
      "error unknown-passing-label testing_criteria[0].passing_labels[2]"
    ])
    assert.include(onlyMessage(params), 'did you mean "neutral"?')
    assert.include(onlyMessage(params), "add it there")
  })

  it("reports labels that are missing, blank or repeated", () => {
    assert.deepStrictEqual(found(evalOf([labelModel({ labels: [], passing_labels: [] })])), [
      "error empty-label testing_criteria[0].labels",
      "error empty-label testing_criteria[0].passing_labels"
    ])
    assert.deepStrictEqual(found(evalOf([labelModel({ labels: ["kind", " ", "neutral", "kind"] })])), [
      "error empty-label testing_criteria[0].labels[1]",
      "warning duplicate-label testing_criteria[0].labels[3]"
    ])
  })

  it("warns of an eval without criteria", () => {
    assert.deepStrictEqual(found(evalOf([])), ["warning no-criteria testing_criteria"])
    assert.include(onlyMessage(evalOf([])), "every item passes")
  })

  it("warns of several criteria with the same name", () => {
    const params = evalOf([stringCheck(), similarity(), scoreModel({ name: "label" })])
    assert.deepStrictEqual(found(params), ["warning duplicate-name testing_criteria[2].name"])
    assert.include(onlyMessage(params), '"label" is the name of testing_criteria[0] too')
  })
})

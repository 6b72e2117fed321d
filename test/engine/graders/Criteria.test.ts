import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { type Grader, OutputItem } from "effect-evals"
import {
  compile,
  type Criterion,
  type Errored,
  errored,
  type Judged,
  ofText
} from "../../../src/engine/graders/Criteria.ts"
import * as Row from "../../../src/engine/rows/Row.ts"
import { withCopies } from "../../../src/store/copies.ts"

type Check = Extract<Grader.TestingCriterion, { readonly type: "string_check" }>

const check = (fields: Partial<Check> = {}): Check => ({
  type: "string_check",
  name: "check",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq",
  ...fields
})

const similar = (pass_threshold?: number): Grader.TestingCriterion => ({
  type: "text_similarity",
  name: "similar",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "fuzzy_match",
  ...(pass_threshold === undefined ? {} : { pass_threshold })
})

const judgeOf =
  (criteria: ReadonlyArray<Criterion>) =>
  (row: Row.Row): Judged | Errored => {
    const judged = Result.getOrThrow(compile(criteria)).judge(row)
    return judged.status === "asking" ? assert.fail("a criterion asks") : judged
  }

const compiled = (...graders: ReadonlyArray<unknown>) => ({
  judge: judgeOf(graders.map((grader, index) => ({ id: `c-${index}`, grader })))
})

const row = (item: unknown, sample?: unknown): Row.Row => Result.getOrThrow(Row.parse(JSON.stringify({ item, sample })))

const answer = (text: string) => ({ output_text: text })

const parts = (tail: string): { readonly [key: string]: unknown } => JSON.parse(`{${tail}`)

const refused = (...graders: ReadonlyArray<unknown>) => {
  const result = compile(graders.map((grader, index) => ({ id: `id-${index}`, grader })))
  return Result.isFailure(result) ? result.failure : assert.fail("compiled")
}

const empty =
  '"finish_reason":"","model":"",' +
  '"usage":{"total_tokens":0,"completion_tokens":0,"prompt_tokens":0,"cached_tokens":0},' +
  '"error":null,"temperature":1,"top_p":1,"seed":null}'

describe("criteria", () => {
  it("judge a row", () => {
    const { judge } = compiled(check(), check({ operation: "ne" }))
    assert.deepStrictEqual(judge(row({ label: "no" }, answer("no"))), {
      status: "fail",
      passed: [true, false],
      tail:
        '"datasource_item":{"label":"no"},"results":[{"name":"c-0","passed":true,"sample":null,"score":1},' +
        '{"name":"c-1","passed":false,"sample":null,"score":0}],' +
        `"sample":{"input":[],"output":[{"role":"assistant","content":"no"}],${empty}}`,
      usage: [],
      copies: undefined
    })
    assert.strictEqual(
      compiled(check({ operation: "ne" }), check()).judge(row({ label: "" }, answer(""))).status,
      "fail"
    )
    const { passed, status } = compiled(check(), check({ operation: "like" })).judge(row({ label: "no" }, answer("no")))
    assert.deepStrictEqual([status, passed], ["pass", [true, true]])
  })

  it("pass when there are none", () => {
    assert.deepStrictEqual(compiled().judge(row({ a: 1 })), {
      status: "pass",
      passed: [],
      tail: `"datasource_item":{"a":1},"results":[],"sample":{"input":[],"output":[],${empty}}`,
      usage: [],
      copies: undefined
    })
  })

  it("keep the item exactly as the row has it", () => {
    const item = String.raw`{ "b":1.0, "1" : 12345678901234567890,"a":"\u00e9","a":1e400 }`
    const line = Result.getOrThrow(Row.parse(`{"sample":{"output_text":""},"item":${item}}`))
    assert.isTrue(compiled(check()).judge(line).tail.startsWith(`"datasource_item":${item},"results":[`))
  })

  it("fail with 0 and a copy of the sample where a variable is missing, in the input or the reference", () => {
    const judged = compiled(
      check({ input: "{{ sample.output_json.k }}" }),
      check({ reference: "{{ item.nothing }}" }),
      check({ input: "{{ sample.output_text.strip() }}", operation: "ne" }),
      check({ input: "a", reference: "a" }),
      { ...similar(0), input: "{{ item.nothing }}" },
      { ...similar(0), reference: "{{ item.nothing }}" }
    ).judge(row({ label: "x" }, { choices: [{ message: { role: "assistant", content: '{"k":' } }] }))
    assert.deepStrictEqual([judged.status, judged.passed], ["fail", [false, false, false, true, false, false]])
    const served = withCopies(judged.tail, JSON.stringify(judged.copies))
    const sample = served.slice(served.lastIndexOf('"sample":') + '"sample":'.length, -1)
    assert.deepStrictEqual(JSON.parse(sample).output, [{ role: "assistant", content: '{"k":' }])
    for (const index of [0, 1, 2, 4, 5]) {
      assert.include(served, `{"name":"c-${index}","passed":false,"sample":${sample},"score":0}`)
      // it is stored once
      assert.include(judged.tail, `{"name":"c-${index}","passed":false,"sample":null,"score":0}`)
    }
    assert.include(judged.tail, '{"name":"c-3","passed":true,"sample":null,"score":1}')
  })

  it("are not run on a failed sample", () => {
    const error = { message: "The image could not be read.", code: "invalid_image_url", type: "invalid_request_error" }
    for (const { judge } of [compiled(check(), check({ operation: "ne" })), compiled()]) {
      const { passed, status, tail } = judge(row({ label: "" }, { output_text: "", error }))
      assert.strictEqual(status, "error")
      assert.notInclude(passed, true)
      const { datasource_item, results, sample } = parts(tail)
      assert.deepStrictEqual([datasource_item, results], [{ label: "" }, []])
      assert.deepInclude(sample, { error, output: [{ role: "assistant", content: "" }] })
    }
    assert.lengthOf(compiled(check(), check()).judge(row({}, { error })).passed, 2)
    assert.strictEqual(compiled(check()).judge(row({ label: "a" }, { output_text: "a", error: null })).status, "pass")
  })

  it("judge a row without a sample by its item", () => {
    const { judge } = compiled(check({ input: "{{ item.answer }}" }))
    assert.deepStrictEqual(judge(row({ answer: "a", label: "a" })).passed, [true])
    assert.deepStrictEqual(judge(row({ answer: "a", label: "b" }, null)).passed, [false])
  })

  it("pass a similarity of at least the threshold, by default 0.5", () => {
    // of "ab" and "ac" one character of two is alike
    const half = row({ label: "ac" }, answer("ab"))
    const passes = (...graders: ReadonlyArray<unknown>) => compiled(...graders).judge(half).passed
    assert.deepStrictEqual(passes(similar(), { ...similar(), pass_threshold: null }), [true, true])
    assert.deepStrictEqual(passes(similar(0.5), similar(0.51), similar(0), similar(1)), [true, false, true, false])
    assert.deepStrictEqual(compiled(similar()).judge(row({ label: "cd" }, answer("ab"))).passed, [false])
    const [result] = [parts(compiled(similar()).judge(half).tail)["results"]].flat()
    assert.deepStrictEqual(result, { name: "c-0", passed: true, sample: null, score: 0.5 })
    assert.deepStrictEqual(compiled(similar(1)).judge(row({ label: "ab" }, answer("ab"))).passed, [true])
  })

  it("are identified by their ids, even if two are equal", () => {
    const id = 'na"me\\\n-é\ud800-1'
    const judge = judgeOf([
      { id, grader: check() },
      { id, grader: check() }
    ])
    const judged = judge(row({ label: "" }, answer("")))
    assert.deepStrictEqual(parts(judged.tail)["results"], [
      { name: id, passed: true, sample: null, score: 1 },
      { name: id, passed: true, sample: null, score: 1 }
    ])
  })

  it("read graders as a host stores them", () => {
    const stored = { ...check(), id: "check-1", grdr_id: null, inactive_at: null, more: { a: 1 } }
    assert.deepStrictEqual(compiled(stored).judge(row({ label: "a" }, answer("a"))).passed, [true])
  })

  it("refuse graders that the engine does not have, and say which it has", () => {
    const has = "it runs string_check, text_similarity, score_model, and label_model"
    for (const type of ["python", "endpoint"]) {
      assert.deepStrictEqual(refused(check(), { type, name: "Judge" }), {
        index: 1,
        name: "Judge",
        type,
        kind: "unsupported",
        message: `testing_criteria[1] "Judge": this engine cannot run a grader of type "${type}" yet; ${has}`
      })
    }
    assert.deepStrictEqual(refused({ type: "multi", name: "m", graders: check(), calculate_output: "check" }), {
      index: 0,
      name: "m",
      type: "multi",
      kind: "unsupported",
      message:
        'testing_criteria[0] "m": an eval takes no multi grader, only the grader endpoints do (graders/run and ' +
        "graders/validate); this engine runs string_check, text_similarity, score_model, and label_model"
    })
  })

  it("are read from JSON, and invalid ones are refused", () => {
    const criteria = [{ id: "a", grader: check() }]
    assert.deepStrictEqual(ofText(JSON.stringify(criteria)), criteria)
    assert.deepStrictEqual(ofText("[]"), [])
    for (const text of ["null", "{}", '["x"]', "[null]", '[{"id":7,"grader":{}}]']) {
      assert.isTrue(Result.isFailure(compile(ofText(text))), text)
    }
  })

  it("refuse values that are not graders", () => {
    for (const [grader, message] of [
      [{ ...check(), operation: "neq" }, 'string_check has no operation "neq"; there are eq, ne, like, ilike'],
      [
        { ...check(), operation: "toString" },
        'string_check has no operation "toString"; there are eq, ne, like, ilike'
      ],
      [{ ...check(), input: 3 }, "input must be a text"],
      [{ ...similar(), name: "check", pass_threshold: "1" }, "pass_threshold must be a number"],
      [{ type: "text_similarity", name: "check" }, "input, reference, evaluation_metric must be texts"]
    ] as const) {
      assert.strictEqual(refused(grader).message, `testing_criteria[0] "check": ${message}`)
    }
    assert.include(
      refused({ ...similar(), evaluation_metric: "constructor" }).message,
      'text_similarity has no metric "constructor"; this engine measures cosine, fuzzy_match, '
    )
    for (const grader of [null, "x", [], {}, { type: 1, name: 2 }]) {
      assert.deepStrictEqual(
        { ...refused(grader), message: "" },
        {
          index: 0,
          name: "id-0",
          type: "",
          kind: "unsupported",
          message: ""
        }
      )
    }
  })

  const Item = Schema.Record(Schema.String, Schema.Json)

  it.prop(
    "give the item, the results and the sample of an output item, whatever the row",
    { item: Item, sample: Schema.NullOr(Item), id: Schema.String, reference: Schema.String },
    ({ id, item, reference, sample }) => {
      const criteria = [
        { id, grader: check({ reference, operation: "ilike" }) },
        { id: `${id}2`, grader: check({ input: "{{ item }}{{sample.a}}", reference }) }
      ]
      const one = row(item, sample)
      const judged = judgeOf(criteria)(one)
      for (const { status, tail } of [judged, errored(criteria, one, reference, id)]) {
        const json: unknown = JSON.parse(
          '{"id":"outputitem_1","object":"eval.run.output_item","run_id":"evalrun_1","eval_id":"eval_1",' +
            `"created_at":1,"status":"${status}","datasource_item_id":0,${tail}`
        )
        if (!Schema.is(OutputItem.OutputItem)(json)) assert.fail(tail)
        assert.deepStrictEqual(json.datasource_item, JSON.parse(JSON.stringify(item)))
        assert.deepStrictEqual(
          json.results.map(({ name }) => name),
          JSON.parse(JSON.stringify([id, `${id}2`]))
        )
      }
    },
    { arbitrary: { runs: 300 } }
  )
})

describe("an item that could not be judged", () => {
  it("says why at each criterion, and has its sample", () => {
    const criteria = [{ id: "a" }, { id: "b" }]
    const error =
      '{"name":"NAME","passed":false,"sample":{"error":{"code":"timeout","message":"took \\"long\\""}},"score":0}'
    assert.deepStrictEqual(errored(criteria, row({ x: 1 }, answer("y")), 'took "long"', "timeout"), {
      status: "error",
      passed: [false, false],
      tail:
        `"datasource_item":{"x":1},"results":[${error.replace("NAME", "a")},${error.replace("NAME", "b")}],` +
        `"sample":{"input":[],"output":[{"role":"assistant","content":"y"}],${empty}}`,
      usage: [],
      copies: undefined,
      cause: { code: "timeout", message: 'took "long"' }
    })
  })
})

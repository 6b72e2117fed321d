import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Grader } from "effect-evals"
import { run, validate } from "../../../src/engine/graders/graderEndpoints.ts"
import { noErrors } from "../../lib/noErrors.ts"

const check = (name: string, reference: string, input = "{{ sample.output_text }}"): Grader.TestingCriterion => ({
  type: "string_check",
  name,
  input,
  reference,
  operation: "eq"
})

const similar: Grader.TestingCriterion = {
  type: "text_similarity",
  name: "similar",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "fuzzy_match"
}

type Graders = Extract<Grader.GraderParam, { readonly type: "multi" }>["graders"]

const multi = (graders: Graders, calculate_output: string): Grader.GraderParam => ({
  type: "multi",
  name: "m",
  graders,
  calculate_output
})

const answerOf = (ran: ReturnType<typeof run>) => {
  const answer = Result.getOrThrow(ran)
  return "questions" in answer ? assert.fail("the grader asks") : answer
}

const ran = (grader: Grader.GraderParam, model_sample = "ab", item: Grader.RunParams["item"] = { label: "ac" }) =>
  answerOf(run({ grader, model_sample, item }, () => 0.25))

const problems = (grader: Grader.GraderParam) =>
  validate(grader).map(({ message, path }) => `${path.join(".")}: ${message}`)

const notRun = (type: string) =>
  `this engine cannot run a grader of type "${type}" yet; ` +
  "it runs string_check, text_similarity, score_model, and label_model"

const python: Grader.TestingCriterion = { type: "python", name: "p", source: "def grade(sample, item): return 1.0" }

describe("graders/run", () => {
  it("answers with all that the specification requires", () => {
    const response = ran(similar)
    assert.deepStrictEqual(response, {
      reward: 0.5,
      metadata: {
        name: "similar",
        type: "text_similarity",
        errors: noErrors,
        execution_time: 0.25,
        scores: {},
        token_usage: null,
        sampled_model_name: null
      },
      sub_rewards: {},
      model_grader_token_usage_per_model: {}
    })
    assert.isTrue(Schema.is(Grader.RunResponse)(response))
    assert.strictEqual(ran(check("c", "ab")).reward, 1)
    assert.strictEqual(ran(check("c", "ba")).reward, 0)
  })

  it("fills templates from the sample and the item", () => {
    const input = "{{ sample.output_json.a[0] }} {{ item.label }} {{ sample.choices[0].message.role }}"
    assert.strictEqual(ran(check("c", "1 ac assistant", input), '{"a":[1]}').reward, 1)
    assert.strictEqual(ran(check("c", '{"label":"ac"}', "{{ item }}")).reward, 1)
  })

  it("says which variable is missing, and scores 0", () => {
    for (const [grader, sample, variable] of [
      [check("c", "", "{{ sample.output_json.a }}"), "no JSON", "{{ sample.output_json.a }}"],
      [check("c", "", "{{ sample.output_json }}"), ' {"a":1}', "{{ sample.output_json }}"],
      [check("c", "{{item.none}}"), "", "{{item.none}}"],
      [multi({ a: check("a", "{{item.x}}"), b: check("b", "{{item.y}}") }, "1 - a"), "", "{{item.x}}"]
    ] as const) {
      const { metadata, reward } = ran(grader, sample)
      assert.strictEqual(reward, grader.type === "multi" ? 1 : 0)
      assert.deepStrictEqual(metadata.errors, {
        ...noErrors,
        invalid_variable_error: true,
        invalid_variable_error_details: `${variable} has no value`
      })
    }
    const withoutItem = run({ grader: check("c", "{{ item }}"), model_sample: "" }, () => 0)
    assert.strictEqual(
      answerOf(withoutItem).metadata.errors?.["invalid_variable_error_details"],
      "{{ item }} has no value"
    )
  })

  it("combines graders of a map, of a list, or a single one, by name", () => {
    const exact = check("exact", "ab")
    const cases: ReadonlyArray<readonly [Graders, string, number, object]> = [
      [{ name: exact, email: similar }, "(name + email) / 2", 0.75, { name: 1, email: 0.5 }],
      [[exact, similar], "0.5 * exact + 0.5 * similar", 0.75, { exact: 1, similar: 0.5 }],
      [similar, "similar ^ 2", 0.25, { similar: 0.5 }],
      [{ type: exact }, "type", 1, { type: 1 }]
    ]
    for (const [graders, formula, reward, scores] of cases) {
      const response = ran(multi(graders, formula))
      assert.strictEqual(response.reward, reward)
      assert.deepStrictEqual(response.sub_rewards, scores)
      assert.deepStrictEqual(response.metadata.scores, scores)
      assert.deepStrictEqual(response.metadata.errors, noErrors)
      assert.deepStrictEqual([response.metadata.name, response.metadata.type], ["m", "multi"])
    }
  })

  it("scores 0 with formula_parse_error where a formula has no value, and keeps the scores", () => {
    for (const formula of ["a +", "", "b", "a / 0", "log(a - 1)", "0.5 * a)"]) {
      const { metadata, reward, sub_rewards } = ran(multi({ a: check("a", "ab") }, formula))
      assert.strictEqual(reward, 0)
      assert.deepStrictEqual(sub_rewards, { a: 1 })
      assert.deepStrictEqual(metadata.errors, { ...noErrors, formula_parse_error: true })
    }
  })

  it("treats names of prototypes as ordinary ones", () => {
    const graders: Graders = JSON.parse(`{"__proto__":${JSON.stringify(check("x", "ab"))}}`)
    const response = ran(multi(graders, "__proto__"))
    assert.strictEqual(response.reward, 1)
    assert.strictEqual(JSON.stringify(response.sub_rewards), '{"__proto__":1}')
    assert.strictEqual(
      ran(multi({ a: similar }, "constructor + toString")).metadata.errors?.["formula_parse_error"],
      true
    )
  })

  it("refuses what cannot be run at all", () => {
    for (const grader of [python, multi({ a: similar, b: python }, "a")]) {
      assert.deepStrictEqual(
        run({ grader, model_sample: "" }, () => 0),
        Result.fail(validate(grader))
      )
    }
  })

  it("refuses an item that is nested too deep", () => {
    const nested = (levels: number): { readonly [key: string]: Schema.Json } => {
      let a: Schema.Json = null
      for (let level = 1; level < levels; level++) a = [a]
      return { a }
    }
    const grader = check("c", "{{ item }}", "{{ item }}")
    assert.strictEqual(ran(grader, "", nested(256)).reward, 1)
    for (const levels of [257, 100_000]) {
      assert.deepStrictEqual(
        run({ grader, model_sample: "", item: nested(levels) }, () => 0),
        Result.fail([{ path: ["item"], message: "nested deeper than 256 levels", code: null }])
      )
    }
  })
})

describe("graders/validate", () => {
  it("finds nothing wrong with graders that can be run", () => {
    for (const grader of [
      similar,
      // the host takes templates of any form
      check("c", "{{ sample.output_text.strip() }}"),
      multi({ precision: similar, recall: similar }, "2 * precision * recall / max(precision + recall, 1e-9)"),
      multi([similar], "similar"),
      multi(similar, "1")
    ]) {
      assert.deepStrictEqual(problems(grader), [])
    }
  })

  it("names graders that this engine does not have", () => {
    assert.deepStrictEqual(problems(python), [`grader: ${notRun("python")}`])
    assert.deepStrictEqual(problems(multi({ a: similar, b: python }, "b")), [`grader.graders.b: ${notRun("python")}`])
    assert.deepStrictEqual(problems(multi(python, "p")), [`grader.graders: ${notRun("python")}`])
  })

  it("finds what is wrong with a formula, also over graders that this engine does not have", () => {
    assert.deepStrictEqual(
      validate(multi({ a: similar, b: python }, "a +")).map(({ code }) => code),
      ["unsupported_grader", "formula_parse_error"]
    )
    assert.deepStrictEqual(problems(multi({ a: similar, "b c": similar }, "a * b + a2 * b")), [
      'grader.calculate_output: no grader is named b (at column 5); there are "a", "b c"',
      'grader.calculate_output: no grader is named a2 (at column 9); there are "a", "b c"',
      'grader.calculate_output: no grader is named b (at column 14); there are "a", "b c"'
    ])
    assert.deepStrictEqual(problems(multi({}, "toString")), [
      "grader.calculate_output: no grader is named toString (at column 1); there are none"
    ])
    assert.deepStrictEqual(problems(multi([similar], "similar + ")), [
      'grader.calculate_output: expected a number, a name or "(", found the end (at column 11)'
    ])
  })

  it("refuses two graders of one name, and multi inside multi", () => {
    assert.deepStrictEqual(problems(multi([similar, check("similar", "")], "similar")), [
      'grader.graders.1: "similar" is the name of two graders'
    ])
    const nested: Graders = JSON.parse(JSON.stringify({ a: multi(similar, "similar") }))
    assert.deepStrictEqual(problems(multi(nested, "a")), [
      "grader.graders.a: a multi grader cannot contain another multi grader"
    ])
  })
})

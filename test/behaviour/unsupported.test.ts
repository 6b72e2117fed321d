/** What is well formed and cannot be run here is accepted with a warning, and refused when it would be executed. */
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { EvalId, type Grader, listRuns } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { type Answer, at, definition, label, over, row, send } from "./lib/engine.ts"

const input = [{ role: "user", content: "{{ item.label }}" }] as const

/** Without an endpoint for their models the first three cannot be run either. */
const notYet: ReadonlyArray<Grader.TestingCriterion> = [
  { type: "label_model", name: "tone", model: "m", input, labels: ["kind", "rude"], passing_labels: ["kind"] },
  { type: "score_model", name: "score", model: "m", input },
  { type: "text_similarity", name: "near", input: "a", reference: "b", evaluation_metric: "cosine", pass_threshold: 1 },
  { type: "python", name: "code", source: "def grade(sample, item): return 1.0" }
]
const python = notYet[3]

const codeOf = (type: string): string =>
  type === "python" || type === "multi" ? "unsupported_grader" : "model_not_configured"
const reason = "(?:this engine cannot run a grader|model '[\\w-]+': no endpoint is configured\\. Name one)"

const run = "/fine_tuning/alpha/graders/run"
const validate = "/fine_tuning/alpha/graders/validate"

const warning = ({ headers }: Answer): string => headers.get("warning") ?? ""
const refusal = ({ json, status }: Answer) => [status, at(json, "error", "code"), at(json, "error", "param")]

layer(EvalsTest.layer)("what cannot be run here", (it) => {
  it.effect("is a criterion that an eval may have, and a run of that eval is refused", () =>
    Effect.gen(function* () {
      for (const criterion of notYet) {
        const made = yield* send("POST", "/evals", definition(label, criterion))
        assert.strictEqual(made.status, 201)
        assert.match(
          warning(made),
          new RegExp(
            `^299 effect-evals "a run of this eval is refused here: testing_criteria\\[1\\] '${criterion.name}': ${reason}`
          )
        )
        const evalId = EvalId.make(String(at(made.json, "id")))
        const created = yield* send("POST", `/evals/${evalId}/runs`, over([row(true)]))
        assert.deepStrictEqual(refusal(created), [400, codeOf(criterion.type), "testing_criteria"])
        assert.deepStrictEqual(yield* Stream.runCollect(listRuns(evalId)), [])
      }
      assert.strictEqual(warning(yield* send("POST", "/evals", definition(label))), "")
    })
  )

  it.effect("is counted in the warning if there are many, also for a repeated request", () =>
    Effect.gen(function* () {
      const headers = { "idempotency-key": "many" }
      const body = definition(...notYet, ...notYet.map((one) => ({ ...one, name: `${one.name} again` })))
      const first = yield* send("POST", "/evals", body, headers)
      assert.match(warning(first), /testing_criteria\[7\] 'code again': .* \(and 5 more\)"$/)
      const second = yield* send("POST", "/evals", body, headers)
      assert.deepStrictEqual([second.json, warning(second)], [first.json, warning(first)])
    })
  )

  it.effect("is an item schema that refers to another document, and a run of that eval is refused", () =>
    Effect.gen(function* () {
      const elsewhere = { type: "object", properties: { a: { $ref: "https://example.org/a.json" } } }
      const made = yield* send("POST", "/evals", {
        ...definition(),
        data_source_config: { type: "custom", item_schema: elsewhere }
      })
      assert.strictEqual(made.status, 201)
      assert.match(
        warning(made),
        /a run of this eval is refused here: data_source_config\.item_schema\.properties\.a\.\$ref: '.*a\.json' refers to/
      )
      const created = yield* send("POST", `/evals/${String(at(made.json, "id"))}/runs`, over([row(true)]))
      assert.deepStrictEqual(refusal(created), [400, "unsupported_item_schema", null])
      assert.match(
        String(at(created.json, "error", "message")),
        /^The item schema of the eval cannot be used here: item_schema\.properties\.a\.\$ref: /
      )
    })
  )

  it.effect("is a grader that is valid, and is refused when it is to be run", () =>
    Effect.gen(function* () {
      const multi = (calculate_output: string) => ({
        type: "multi",
        name: "m",
        graders: { a: label, code: python },
        calculate_output
      })
      for (const grader of [...notYet, multi("a + code")]) {
        const valid = yield* send("POST", validate, { grader })
        assert.strictEqual(valid.status, 200)
        assert.deepStrictEqual(at(valid.json, "grader"), JSON.parse(JSON.stringify(grader)))
        assert.match(
          warning(valid),
          new RegExp(`^299 effect-evals "graders/run refuses this grader: grader.*: ${reason}`)
        )
        const ran = yield* send("POST", run, { grader, model_sample: "" })
        assert.deepStrictEqual(refusal(ran).slice(0, 2), [400, codeOf(grader.type)])
      }
      assert.strictEqual(warning(yield* send("POST", validate, { grader: label })), "")
    })
  )

  it.effect("has another code than a formula with a syntax error", () =>
    Effect.gen(function* () {
      const multi = (calculate_output: string) => ({
        grader: { type: "multi", name: "m", graders: { a: label, code: python }, calculate_output }
      })
      for (const formula of ["a +", "a + b", ""]) {
        const refused = yield* send("POST", validate, multi(formula))
        assert.deepStrictEqual(refusal(refused), [400, "formula_parse_error", "grader.calculate_output"])
      }
      const twice = { grader: { type: "multi", name: "m", graders: [label, label], calculate_output: "label" } }
      assert.deepStrictEqual(refusal(yield* send("POST", validate, twice)), [400, null, "grader.graders[1]"])
      assert.deepStrictEqual(refusal(yield* send("POST", run, { ...twice, model_sample: "" })), [
        400,
        null,
        "grader.graders[1]"
      ])
    })
  )
})

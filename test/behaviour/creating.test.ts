/** What the engine makes of requests that create something. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  createEval,
  createRun,
  type Grader,
  listEvals,
  listRuns,
  lintEval,
  retrieveEval,
  runGrader
} from "effect-evals"
import { TestClock } from "effect/testing"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, evaluated, label, over, row, send } from "./lib/engine.ts"

layer(EvalsTest.layer)("creating", (it) => {
  it.effect("answers 201, with the whole object", () =>
    Effect.gen(function* () {
      const made = yield* send("POST", "/evals", definition())
      assert.strictEqual(made.status, 201)
      assert.strictEqual(at(made.json, "object"), "eval")
      assert.deepStrictEqual(at(made.json, "metadata"), {})
      const run = yield* send("POST", `/evals/${String(at(made.json, "id"))}/runs`, over([row(true)]))
      assert.strictEqual(run.status, 201)
      assert.strictEqual(at(run.json, "object"), "eval.run")
      assert.strictEqual(at(run.json, "status"), "queued")
      assert.deepStrictEqual(at(run.json, "result_counts"), { total: 0, errored: 0, failed: 0, passed: 0 })
      assert.isNull(at(run.json, "per_model_usage"))
      assert.isNull(at(run.json, "per_testing_criteria_results"))
      assert.isNull(at(run.json, "error"))
    })
  )

  it.effect("names an eval by its id, and a run by its model or else its id, where the request has no name", () =>
    Effect.gen(function* () {
      const made = yield* createEval(definition())
      assert.strictEqual(made.name, made.id)
      const sampled = (model: string) => ({ item: { label: "yes" }, sample: { model, output_text: "yes" } })
      const one = yield* createRun(made.id, over([sampled("gpt-4.1"), sampled("gpt-4.1")]))
      assert.deepStrictEqual([one.name, one.model], ["gpt-4.1", "gpt-4.1"])
      const several = yield* createRun(made.id, over([sampled("gpt-4.1"), sampled("o3")]))
      assert.deepStrictEqual([several.name, several.model], [several.id, ""])
      const none = yield* createRun(made.id, over([row(true)]))
      assert.deepStrictEqual([none.name, none.model], [none.id, ""])
      const named = yield* createRun(made.id, { ...over([sampled("gpt-4.1")]), name: "release 12" })
      assert.strictEqual(named.name, "release 12")
    })
  )

  it.effect("ignores keys that the API does not name, and says so in a header", () =>
    Effect.gen(function* () {
      const made = yield* send("POST", "/evals", { ...definition(), temperature: 0 })
      assert.strictEqual(made.status, 201)
      assert.isUndefined(at(made.json, "temperature"))
      assert.strictEqual(
        made.headers.get("warning"),
        '299 effect-evals "ignored keys that the API does not name: temperature"'
      )
      const misspelt = { item: { label: "yes" }, smaple: { output_text: "yes" }, id: 1 }
      const run = yield* send("POST", `/evals/${String(at(made.json, "id"))}/runs`, {
        data_source: { type: "jsonl", source: { type: "file_content", content: [misspelt, misspelt] } }
      })
      assert.strictEqual(run.status, 201)
      const [keys, sample] = (run.headers.get("warning") ?? "").split(", 299 ")
      assert.strictEqual(keys, '299 effect-evals "ignored keys of rows that the API does not name: smaple, id"')
      assert.include(sample, "data_source.source.content[0] (the first of 2 such rows) has no sample")
    })
  )

  it.effect("puts the schema of samples beside the items' where it is asked for", () =>
    Effect.gen(function* () {
      const schemaOf = (include: boolean) =>
        Effect.map(
          createEval({
            data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: include },
            testing_criteria: []
          }),
          ({ data_source_config }) => at(data_source_config, "schema")
        )
      assert.deepStrictEqual(yield* schemaOf(false), {
        type: "object",
        properties: { item: { type: "object" } },
        required: ["item"]
      })
      const both = yield* schemaOf(true)
      assert.deepStrictEqual(at(both, "required"), ["item", "sample"])
      assert.deepStrictEqual(at(both, "properties", "sample", "required"), ["model", "choices"])
    })
  )

  it.effect("accepts a template with a syntax error, as the host does; lintEval finds the error", () =>
    Effect.gen(function* () {
      const broken = definition({ ...label, input: "{{ sample.output_text }" })
      assert.deepStrictEqual(
        lintEval(broken).map(({ path }) => path),
        ["testing_criteria[0].input"]
      )
      const { run } = yield* evaluated([row(true)], { ...label, input: "{{ sample.output_text }" })
      assert.deepStrictEqual(run.result_counts, { total: 1, errored: 0, failed: 1, passed: 0 })
    })
  )

  it.effect("refuses a multi grader among an eval's criteria", () =>
    Effect.gen(function* () {
      const multi = { type: "multi", name: "both", graders: { label }, calculate_output: "label" }
      const refused = yield* send("POST", "/evals", { ...definition(), testing_criteria: [multi] })
      assert.strictEqual(refused.status, 400)
      assert.strictEqual(at(refused.json, "error", "param"), "testing_criteria[0].type")
    })
  )

  it.effect("refuses a run that needs a model, and says what can be run", () =>
    Effect.gen(function* () {
      const judge: Grader.TestingCriterion = {
        type: "label_model",
        name: "tone",
        model: "gpt-4.1",
        input: [{ role: "user", content: "{{ item.label }}" }],
        labels: ["kind", "rude"],
        passing_labels: ["kind"]
      }
      const judged = yield* createEval(definition(judge))
      const unjudged = yield* Effect.flip(createRun(judged.id, over([row(true)])))
      assert.strictEqual(unjudged.reason._tag, "BadRequestError")
      assert.include(
        unjudged.message,
        'testing_criteria[0] "tone": model "gpt-4.1": no endpoint is configured. Name one'
      )
      const made = yield* createEval(definition())
      const unsampled = yield* send("POST", `/evals/${made.id}/runs`, {
        data_source: {
          type: "completions",
          model: "gpt-4.1",
          source: { type: "file_content", content: [{ item: { label: "yes" } }] },
          input_messages: { type: "template", template: [{ role: "user", content: "Hi" }] }
        }
      })
      assert.deepStrictEqual([unsampled.status, at(unsampled.json, "error", "code")], [400, "model_not_configured"])
      assert.include(at(unsampled.json, "error", "message"), "--models FILE")
      assert.deepStrictEqual(yield* Stream.runCollect(listRuns(made.id)), [])
    })
  )

  it.effect("refuses a run with a bad row: the row, the place and the rule are named, and no run is made", () =>
    Effect.gen(function* () {
      const made = yield* createEval({
        data_source_config: {
          type: "custom",
          item_schema: { type: "object", properties: { price: { type: "number" } }, required: ["price"] }
        },
        testing_criteria: [label]
      })
      const refused = yield* send(
        "POST",
        `/evals/${made.id}/runs`,
        over([{ item: { price: 1 } }, { item: { price: "a" } }])
      )
      assert.strictEqual(refused.status, 400)
      assert.deepStrictEqual(at(refused.json, "error"), {
        message: 'data_source.source.content[1].item.price: expected a number, got "a"',
        type: "invalid_request_error",
        param: "data_source.source.content",
        code: "invalid_row"
      })
      assert.deepStrictEqual(yield* Stream.runCollect(listRuns(made.id)), [])
    })
  )

  it.effect("creates one object for repeated requests with the same Idempotency-Key", () =>
    Effect.gen(function* () {
      const body = { ...definition(), name: "once" }
      const send1 = yield* send("POST", "/evals", body, { "idempotency-key": "k-1" })
      const send2 = yield* send("POST", "/evals", body, { "idempotency-key": "k-1" })
      assert.deepStrictEqual([send1.status, send2.status], [201, 201])
      assert.deepStrictEqual(send2.json, send1.json)
      const other = yield* send("POST", "/evals", { ...body, name: "twice" }, { "idempotency-key": "k-1" })
      assert.deepStrictEqual([other.status, at(other.json, "error", "code")], [409, "idempotency_key_in_use"])
      assert.strictEqual(other.headers.get("x-should-retry"), "false")
      const names = yield* Stream.runCollect(Stream.map(listEvals(), ({ name }) => name))
      assert.strictEqual(names.filter((name) => name === "once" || name === "twice").length, 1)
    })
  )

  it.effect("recognises a retry of OpenAI's clients without a key", () =>
    Effect.gen(function* () {
      const body = { ...definition(), name: "retried" }
      const first = yield* send("POST", "/evals", body, { "x-stainless-retry-count": "0" })
      const again = yield* send("POST", "/evals", body, { "x-stainless-retry-count": "1" })
      assert.strictEqual(at(again.json, "id"), at(first.json, "id"))
      const meant = yield* send("POST", "/evals", body, { "x-stainless-retry-count": "0" })
      assert.notStrictEqual(at(meant.json, "id"), at(first.json, "id"))
    })
  )

  it.effect("changes only the name and the metadata of an eval", () =>
    Effect.gen(function* () {
      const made = yield* createEval(definition())
      const changed = yield* send("POST", `/evals/${made.id}`, {
        name: "new",
        metadata: { team: "a" },
        testing_criteria: []
      })
      assert.strictEqual(changed.status, 200)
      const after = yield* retrieveEval(made.id)
      assert.deepStrictEqual(after, { ...made, name: "new", metadata: { team: "a" } })
    })
  )

  it.effect("names a grader that has no name", () =>
    Effect.gen(function* () {
      const { name: _, ...nameless } = label
      const ran = yield* send("POST", "/fine_tuning/alpha/graders/run", {
        grader: nameless,
        model_sample: "yes",
        item: { label: "yes" }
      })
      assert.match(String(at(ran.json, "metadata", "name")), /^grader-[A-Za-z0-9]{12}$/)
      assert.strictEqual(at(ran.json, "reward"), 1)
    })
  )

  it.effect("runs a formula over graders: division by zero is an error in the answer, and scores 0", () =>
    Effect.gen(function* () {
      const ran = yield* runGrader({
        grader: {
          type: "multi",
          name: "both",
          graders: { a: { ...label, name: "a" } },
          calculate_output: "1 / (a - 1)"
        },
        model_sample: "yes",
        item: { label: "yes" }
      })
      assert.strictEqual(ran.reward, 0)
      assert.isTrue(at(ran.metadata, "errors", "formula_parse_error") === true)
      assert.deepStrictEqual(ran.sub_rewards, { a: 1 })
    })
  )
})

describe("ids", () => {
  it.effect("begin with the time and sort by it; those of criteria are their name and a UUID", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_000)
      const first = yield* createEval(definition())
      const second = yield* createEval(definition())
      const run = yield* createRun(first.id, over([row(true)]))
      assert.match(first.id, /^eval_[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
      assert.match(run.id, /^evalrun_[0-9a-f]{32}$/)
      assert.deepStrictEqual([first.created_at, first.id.slice(5, 13)], [1_700_000_000, (1_700_000_000).toString(16)])
      assert.isTrue(first.id < second.id)
      const [criterion] = first.testing_criteria
      assert.match(
        String(at(criterion, "id")),
        /^label-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
      )
    }).pipe(Effect.provide(EvalsTest.layer))
  )
})

/** Graders that ask a model: at the grader endpoints, and in evals. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { createEval, executeRun, listOutputItems } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { KeyRefused } from "../../src/engine/models/ModelError.ts"
import { completion } from "../lib/modelServer.ts"
import { scripted } from "../lib/scriptedModels.ts"
import { at, definition, evaluated, label, over, row, send } from "./lib/engine.ts"
import { noErrors } from "../lib/noErrors.ts"

const run = "/fine_tuning/alpha/graders/run"
const validate = "/fine_tuning/alpha/graders/validate"

const judgement = (result: unknown, fields: object = {}) => ({
  body: completion(JSON.stringify({ steps: [], result }), { ...fields })
})

const models = scripted({
  has: (model) => model !== "unknown",
  ask: ({ body: { model } }) => {
    switch (model) {
      case "labels":
        return judgement("kind", { model: "labels-1" })
      case "refuses":
        return { body: { ...completion(null), choices: [{ index: 0, message: { content: null, refusal: "No." } }] } }
      case "talks":
        return { body: completion("Good!") }
      case "locked":
        return { reason: new KeyRefused({ message: "the key is refused", status: 401 }) }
      default:
        return judgement(0.75, { model: `${model}-1` })
    }
  },
  embed: (text) => (text === "ab" ? [3, 4] : [4, 3])
})

const input = [{ role: "user", content: "How good is {{ sample.output_text }}?" }] as const
const score = (model: string, fields: object = {}) => ({ type: "score_model", name: "score", model, input, ...fields })
const tone = (model: string, fields: object = {}) => ({
  type: "label_model",
  name: "tone",
  model,
  input,
  labels: ["kind", "rude"],
  passing_labels: ["kind"],
  ...fields
})
const near = { type: "text_similarity", name: "near", input: "ab", reference: "ba", evaluation_metric: "cosine" }

const tokens = { prompt_tokens: 11, total_tokens: 18, completion_tokens: 7, cached_tokens: 4 }

const ran = (grader: unknown) =>
  Effect.map(send("POST", run, { grader, model_sample: "ab", item: {} }), ({ json, status }) => {
    assert.strictEqual(status, 200, JSON.stringify(json))
    return json
  })

layer(EvalsTest.layer.pipe(Layer.provide(models.layer)))("graders that ask", (it) => {
  it.effect("are run by graders/run, with the tokens, the model and the time that they took", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* ran(score("scores")), {
        reward: 0.75,
        metadata: {
          name: "score",
          type: "score_model",
          errors: noErrors,
          execution_time: 0,
          scores: {},
          token_usage: tokens,
          sampled_model_name: "scores-1"
        },
        sub_rewards: {},
        model_grader_token_usage_per_model: { "scores-1": tokens }
      })
      assert.deepStrictEqual(models.calls.at(-1)?.body, {
        model: "scores",
        messages: [{ role: "user", content: "How good is ab?" }],
        max_completion_tokens: 4096
      })
      assert.deepInclude(models.calls.at(-1), { purpose: "judge", group: "graders/run", dialect: "chat" })
      assert.strictEqual(at(yield* ran(tone("labels")), "reward"), 1)
    })
  )

  it.effect("send the sampling parameters that they name, and no other", () =>
    Effect.gen(function* () {
      const params = { temperature: 0, top_p: 0.5, seed: 7, reasoning_effort: "low", max_completions_tokens: 99 }
      const { max_completions_tokens, ...others } = params
      for (const grader of [
        score("scores", { sampling_params: params }),
        tone("labels", { sampling_params: params })
      ]) {
        yield* ran(grader)
        const { messages: _messages, model: _model, ...sent } = models.calls.at(-1)?.body ?? { model: "" }
        assert.deepStrictEqual(sent, { ...others, max_completion_tokens: max_completions_tokens })
      }
      yield* ran(score("scores", { sampling_params: { temperature: null, max_completion_tokens: 5 } }))
      assert.deepInclude(models.calls.at(-1)?.body, { max_completion_tokens: 5 })
      assert.notProperty(models.calls.at(-1)?.body, "temperature")
    })
  )

  it.effect("compare embeddings", () =>
    Effect.gen(function* () {
      const json = yield* ran(near)
      assert.strictEqual(at(json, "reward"), 24 / 25)
      assert.strictEqual(at(json, "metadata", "sampled_model_name"), "text-embedding-3-large-2024")
      assert.deepStrictEqual(models.embedded, [
        { model: "text-embedding-3-large", inputs: ["ab", "ba"], group: "graders/run" }
      ])
    })
  )

  it.effect("are combined by multi, with the tokens of each model", () =>
    Effect.gen(function* () {
      const graders = { a: score("scores"), b: tone("labels"), c: near, d: label }
      const json = yield* ran({ type: "multi", name: "m", graders, calculate_output: "a + b + c + d" })
      assert.deepStrictEqual(at(json, "sub_rewards"), { a: 0.75, b: 1, c: 0.96, d: 0 })
      assert.strictEqual(at(json, "reward"), 0.75 + 1 + 0.96)
      const embedding = { prompt_tokens: 5, total_tokens: 5, completion_tokens: 0, cached_tokens: 0 }
      assert.deepStrictEqual(at(json, "model_grader_token_usage_per_model"), {
        "scores-1": tokens,
        "labels-1": tokens,
        "text-embedding-3-large-2024": embedding
      })
      assert.deepStrictEqual(at(json, "metadata", "token_usage"), {
        prompt_tokens: 27,
        total_tokens: 41,
        completion_tokens: 14,
        cached_tokens: 8
      })
      assert.isNull(at(json, "metadata", "sampled_model_name"))
    })
  )

  it.effect("say by a flag why an answer is no judgement, and score 0", () =>
    Effect.gen(function* () {
      for (const [model, flags] of [
        ["refuses", { model_grader_refusal_error: true }],
        ["talks", { model_grader_parse_error: true }],
        [
          "locked",
          {
            model_grader_server_error: true,
            model_grader_server_error_details: 'model "locked" at http://models.test/v1: the key is refused'
          }
        ]
      ] as const) {
        const json = yield* ran(score(model))
        assert.strictEqual(at(json, "reward"), 0)
        assert.deepStrictEqual(at(json, "metadata", "errors"), { ...noErrors, ...flags })
      }
    })
  )

  it.effect("are refused where no entry of the models matches, though a variable is missing besides", () =>
    Effect.gen(function* () {
      const refused = yield* send("POST", run, { grader: score("unknown"), model_sample: "" })
      assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [400, "model_not_configured"])
      assert.strictEqual(at(refused.json, "error", "param"), "grader")
      assert.match(String(at(refused.json, "error", "message")), /--models FILE/)
      const missing = score("unknown", { input: [{ role: "user", content: "{{ item.none }}" }] })
      assert.strictEqual((yield* send("POST", run, { grader: missing, model_sample: "" })).status, 400)
      const graders = { a: label, b: score("unknown") }
      const grader = { type: "multi", name: "m", graders, calculate_output: "a + b" }
      const combined = yield* send("POST", run, { grader, model_sample: "" })
      assert.strictEqual(at(combined.json, "error", "param"), "grader.graders.b")
    })
  )

  it.effect("are valid, with a warning where no entry matches", () =>
    Effect.gen(function* () {
      const warningOf = (grader: unknown) =>
        Effect.map(send("POST", validate, { grader }), ({ headers, status }) => [status, headers.get("warning") ?? ""])
      assert.deepStrictEqual(yield* warningOf(score("scores")), [200, ""])
      const [status, warning] = yield* warningOf(score("unknown"))
      assert.strictEqual(status, 200)
      assert.match(String(warning), /graders\/run refuses this grader: grader: model 'unknown': no endpoint/)
    })
  )

  it.effect("are refused where they contradict themselves, by every endpoint", () =>
    Effect.gen(function* () {
      for (const [grader, field] of [
        [tone("labels", { passing_labels: ["Kind"] }), "passing_labels"],
        [tone("labels", { labels: [] }), "labels"],
        [score("scores", { range: [1, 0] }), "range"]
      ] as const) {
        const made = yield* send("POST", "/evals", { ...definition(), testing_criteria: [label, grader] })
        assert.deepStrictEqual([made.status, at(made.json, "error", "param")], [400, "testing_criteria[1]"])
        assert.include(String(at(made.json, "error", "message")), field)
        for (const [path, body] of [
          [validate, { grader }],
          [run, { grader, model_sample: "" }]
        ] as const) {
          const refused = yield* send("POST", path, body)
          assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [400, null])
          assert.include(String(at(refused.json, "error", "message")), field)
        }
      }
    })
  )

  it.effect("are refused with 403 by a read-only server, which runs all others", () =>
    Effect.gen(function* () {
      const asked = models.calls.length + models.embedded.length
      for (const grader of [
        score("scores"),
        near,
        { type: "multi", name: "m", graders: { a: label, b: tone("labels") }, calculate_output: "a" }
      ]) {
        const refused = yield* send("POST", run, { grader, model_sample: "" }, {}, { readOnly: true })
        assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [403, "read_only"])
      }
      assert.strictEqual(models.calls.length + models.embedded.length, asked)
      const local = yield* send("POST", run, { grader: label, model_sample: "" }, {}, { readOnly: true })
      assert.strictEqual(local.status, 200)
      const valid = yield* send("POST", validate, { grader: score("scores") }, {}, { readOnly: true })
      assert.strictEqual(valid.status, 200)
    })
  )

  it.effect("judge the rows of a run, whose usage has their tokens", () =>
    Effect.gen(function* () {
      const input = [{ role: "user", content: "{{ item.label }}" }] as const
      const { evalId, run } = yield* evaluated(
        [row(true), row(false, { label: "no" })],
        { type: "score_model", name: "score", model: "scores", input, range: [0, 0.5], pass_threshold: 0.5 },
        { type: "label_model", name: "tone", model: "labels", input, labels: ["kind"], passing_labels: ["kind"] },
        { type: "text_similarity", name: "near", input: "ab", reference: "ba", evaluation_metric: "cosine" }
      )
      assert.deepStrictEqual(run.result_counts, { total: 2, errored: 0, failed: 0, passed: 2 })
      assert.deepStrictEqual(
        run.per_model_usage?.map(({ invocation_count, model_name, total_tokens }) => [
          model_name,
          invocation_count,
          total_tokens
        ]),
        [
          ["scores-1", 2, 36],
          ["labels-1", 2, 36],
          ["text-embedding-3-large-2024", 2, 10]
        ]
      )
      const [first] = yield* Stream.runCollect(listOutputItems(evalId, run.id))
      assert.deepStrictEqual(
        first?.results.map(({ passed, sample, score }) => [passed, score, at(sample, "model") ?? null]),
        [
          [true, 0.5, "scores-1"],
          [true, 1, "labels-1"],
          [true, 0.96, null]
        ]
      )
    })
  )

  it.effect("fail a row whose judge gives no judgement, and end a run whose judge is refused for good", () =>
    Effect.gen(function* () {
      const judge = (model: string) => ({ type: "score_model", name: "score", model, input }) as const
      const flawed = yield* evaluated([row(true), row(true)], judge("talks"))
      assert.deepStrictEqual(flawed.run.result_counts, { total: 2, errored: 0, failed: 2, passed: 0 })
      const made = yield* createEval(definition(judge("locked")))
      const ended = yield* Effect.flip(executeRun(made.id, over([row(true), row(true)])))
      assert.strictEqual(ended._tag, "RunFailed")
      assert.deepStrictEqual(ended._tag === "RunFailed" && ended.run.error, {
        code: "invalid_api_key",
        message: 'model "locked" at http://models.test/v1: the key is refused'
      })
    })
  )

  it.effect("have their run refused if a model has no endpoint, but not their eval", () =>
    Effect.gen(function* () {
      const body = (model: string) => ({ ...definition(), testing_criteria: [label, score(model)] })
      const made = yield* send("POST", "/evals", body("unknown"))
      assert.strictEqual(made.status, 201)
      assert.match(made.headers.get("warning") ?? "", /testing_criteria\[1\] 'score': model 'unknown': no endpoint/)
      const refused = yield* send("POST", `/evals/${String(at(made.json, "id"))}/runs`, over([row(true)]))
      assert.deepStrictEqual(
        [refused.status, at(refused.json, "error", "code"), at(refused.json, "error", "param")],
        [400, "model_not_configured", "testing_criteria"]
      )
      assert.strictEqual((yield* send("POST", "/evals", body("scores"))).headers.get("warning"), null)
    })
  )
})

/** Answers that every request would get: they end a run after its first rows. And endpoints that never answer. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Redacted, Result, Stream } from "effect"
import { createEval, type DataSource, executeRun, type Grader, listOutputItems } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { TestClock } from "effect/testing"
import { at } from "../../behaviour/lib/engine.ts"
import {
  completion,
  failure,
  type ModelServer,
  type Received,
  type Reply,
  response,
  serve
} from "../../lib/modelServer.ts"
import { driven } from "../../lib/driven.ts"
import { lastText, modelsOf } from "../../lib/servedModels.ts"

type Cause = readonly [code: string, message: RegExp, reply: (elsewhere: string) => Reply]

const causes: { readonly [name: string]: Cause } = {
  "a refused key": [
    "invalid_api_key",
    /401 Incorrect API key provided\. \(check the key of the endpoint\)$/,
    () => ({ status: 401, body: failure("Incorrect API key provided.", { code: "invalid_api_key" }) })
  ],
  "no permission": [
    "invalid_api_key",
    /403 Not in your country\. \(check the key/,
    () => ({ status: 403, body: failure("Not in your country.") })
  ],
  "no money": [
    "insufficient_quota",
    /402 Insufficient credits \(check plan and billing of the account\)$/,
    () => ({ status: 402, body: { error: { message: "Insufficient credits", code: 402 } } })
  ],
  "a spent quota": [
    "insufficient_quota",
    /429 You exceeded your quota\. \(check plan and billing/,
    () => ({ status: 429, body: failure("You exceeded your quota.", { code: "insufficient_quota" }) })
  ],
  "an unknown model": [
    "model_not_found",
    /404 The model does not exist\. \(check the model's name/,
    () => ({ status: 404, body: failure("The model does not exist.", { code: "model_not_found" }) })
  ],
  "another address": [
    "model_endpoint_not_found",
    /404 page not found \(check baseUrl/,
    () => ({ status: 404, body: "page not found" })
  ],
  "a redirect": [
    "model_endpoint_not_found",
    /307 .*\(redirects are not followed; it leads to http:\/\/127\.0\.0\.1:\d+\/v1\/moved\)$/,
    (elsewhere) => ({ status: 307, headers: { location: `${elsewhere}/moved?key=1` } })
  ]
}

const hangs = "hang"

const good = (request: Received): Reply => {
  const { body, path } = request
  if (path === "/embeddings") {
    const texts = Array.isArray(body["input"]) ? body["input"] : []
    return { body: { data: texts.map((_text, index) => ({ index, embedding: [1, 0] })), usage: { prompt_tokens: 2 } } }
  }
  const text = JSON.stringify({ result: JSON.stringify(body).includes('"rude"') ? "kind" : 1 })
  return { body: path === "/responses" ? response(text) : completion(text) }
}

/** Odd answers to a request for embeddings, by the text that is embedded; the code of the error of the row. */
const embeddings: { readonly [text: string]: readonly [code: string, reply: Reply] } = {
  page: ["invalid_response", { body: "<html><body>Sign in</body></html>" }],
  nothing: ["invalid_response", { body: "" }],
  cut: ["invalid_response", { body: '{"data":[{"embedding":[1' }],
  error: ["too_long", { body: failure("Too long.", { code: "too_long" }) }],
  completion: ["invalid_response", { body: completion("hm") }],
  few: ["invalid_response", { body: { data: [{ index: 0, embedding: [1] }] } }],
  numbers: ["invalid_response", { body: { data: [0, 1].map((index) => ({ index, embedding: ["1"] })) } }],
  zeros: ["invalid_response", { body: { data: [0, 1].map((index) => ({ index, embedding: [0, 0] })) } }],
  lengths: ["invalid_response", { body: { data: [{ embedding: [1] }, { embedding: [1, 0] }] } }]
}

/** The server that is asked, and the one that a redirect leads to. */
class Servers extends Context.Service<Servers, { readonly asked: ModelServer; readonly elsewhere: ModelServer }>()(
  "test/Servers"
) {
  static readonly layer = Layer.effect(
    Servers,
    Effect.gen(function* () {
      const elsewhere = yield* serve(good)
      const asked = yield* serve((request) => {
        const { body, path } = request
        const texts = path === "/embeddings" && Array.isArray(body["input"]) ? body["input"].map(String) : []
        const name = texts[0] ?? String(body["model"])
        if (texts.includes(hangs) || lastText(request) === hangs) return { hang: true }
        return causes[name]?.[2](elsewhere.baseUrl) ?? embeddings[name]?.[1] ?? good(request)
      })
      return { asked, elsewhere }
    })
  )
}

const engine = EvalsTest.layer.pipe(
  Layer.provide(Layer.unwrap(Servers.useSync(({ asked }) => modelsOf(asked, { key: Redacted.make("sk-fatal") })))),
  Layer.provideMerge(Servers.layer)
)

const always: Grader.TestingCriterion = {
  type: "string_check",
  name: "always",
  input: "a",
  reference: "a",
  operation: "eq"
}

const input = [{ role: "user", content: "{{ item.text }}" }] as const

const score = (model: string): Grader.TestingCriterion => ({ type: "score_model", name: "score", model, input })

const label = (model: string): Grader.TestingCriterion => ({
  type: "label_model",
  name: "label",
  model,
  input,
  labels: ["kind", "rude"],
  passing_labels: ["kind"]
})

const cosine = (text: string): Grader.TestingCriterion => ({
  type: "text_similarity",
  name: "near",
  input: text,
  reference: "reference",
  evaluation_metric: "cosine",
  pass_threshold: 0.5
})

const rows = (texts: ReadonlyArray<string>): Extract<DataSource.Source, { readonly type: "file_content" }> => ({
  type: "file_content",
  content: texts.map((text) => ({ item: { text } }))
})

/** Runs an eval to its end: `criterion` over rows that are sampled by a model. */
const executed = (
  criterion: Grader.TestingCriterion,
  texts: ReadonlyArray<string>,
  type: "completions" | "responses" | "jsonl",
  model = "good"
) =>
  Effect.gen(function* () {
    const { asked } = yield* Servers
    const before = asked.requests.length
    const { id } = yield* createEval({
      data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: type !== "jsonl" },
      testing_criteria: [criterion]
    })
    const source = rows(texts)
    const ended = yield* Effect.result(
      executeRun(id, {
        data_source:
          type === "jsonl"
            ? { type, source }
            : { type, model, source, input_messages: { type: "template", template: input } }
      })
    )
    const run = Result.isSuccess(ended)
      ? ended.success
      : ended.failure._tag === "RunFailed"
        ? ended.failure.run
        : assert.fail(ended.failure.message)
    return { run, items: yield* Stream.runCollect(listOutputItems(id, run.id)), sent: asked.requests.slice(before) }
  })

const numbers = Array.from({ length: 300 }, (_, index) => `${index}`)

layer(engine)("a run ends with the cause that every request has", (it) => {
  for (const [name, [code, message]] of Object.entries(causes)) {
    it.effect(`${name}: of sampling, of judges, and of embeddings`, () =>
      Effect.gen(function* () {
        const { elsewhere } = yield* Servers
        const ran = [
          yield* driven(executed(always, numbers, "completions", name)),
          yield* driven(executed(always, numbers, "responses", name)),
          yield* driven(executed(score(name), numbers, "completions")),
          yield* driven(executed(label(name), numbers, "responses")),
          yield* driven(executed(cosine(name), numbers, "jsonl"))
        ]
        for (const { run, sent } of ran) {
          assert.strictEqual(run.status, "failed")
          assert.strictEqual(run.error?.code, code)
          assert.match(run.error?.message ?? "", message)
          assert.strictEqual(run.result_counts.total, 0)
          // 300 rows, two of the criteria are asked after sampling
          assert.isAtMost(sent.length, 150)
          assert.isAtMost(sent.filter(({ body }) => body["model"] === name).length, 70)
        }
        assert.strictEqual(elsewhere.requests.length, 0)
      })
    )
  }
})

/** Runs an effect to its end. The clock moves fast while nothing but the answer that never comes is waited for. */
const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { asked } = yield* Servers
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      yield* TestClock.adjust(asked.open() === 1 ? "20 seconds" : "100 millis")
    }
    return yield* Fiber.join(fiber)
  })

layer(engine)("an endpoint that never answers", (it) => {
  const texts = ["a", hangs, "b"]
  for (const [name, run, asked] of [
    ["completions", executed(always, texts, "completions"), 4],
    ["responses", executed(always, texts, "responses"), 4],
    ["score_model", executed(score("good"), texts, "jsonl"), 4],
    ["label_model", executed(label("good"), texts, "jsonl"), 4]
  ] as const) {
    it.effect(`errors a row after two attempts, and its neighbours are judged: ${name}`, () =>
      Effect.gen(function* () {
        const { items, run: ended, sent } = yield* patiently(run)
        assert.deepStrictEqual(ended.result_counts, { total: 3, errored: 1, failed: 0, passed: 2 })
        assert.deepStrictEqual(
          items.map(({ status }) => status),
          ["pass", "error", "pass"]
        )
        const error = at(items[1]?.results[0]?.sample, "error") ?? at(items[1]?.sample, "error")
        assert.strictEqual(at(error, "code"), "timeout")
        assert.match(String(at(error, "message")), /no answer within 10m$/)
        assert.strictEqual(sent.length, asked)
      })
    )
  }
})

layer(engine)("an odd answer to a request for embeddings", (it) => {
  it.effect("errors its row", () =>
    Effect.gen(function* () {
      for (const [text, [code]] of Object.entries(embeddings)) {
        const { items, run, sent } = yield* executed(cosine(text), ["x"], "jsonl")
        assert.deepStrictEqual(run.result_counts, { total: 1, errored: 1, failed: 0, passed: 0 }, text)
        assert.strictEqual(at(items[0]?.results[0]?.sample, "error", "code"), code, text)
        assert.strictEqual(sent.length, 1, text)
      }
      const { run } = yield* executed(cosine("good"), ["x"], "jsonl")
      assert.deepStrictEqual(run.result_counts, { total: 1, errored: 0, failed: 0, passed: 1 })
      assert.deepStrictEqual(run.per_model_usage, [
        {
          model_name: "text-embedding-3-large",
          invocation_count: 1,
          prompt_tokens: 2,
          completion_tokens: 0,
          total_tokens: 2,
          cached_tokens: 0
        }
      ])
    })
  )
})

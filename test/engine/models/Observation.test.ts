/** Metrics and spans of requests to models. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, type Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { createEval, executeRun } from "effect-evals"
import { EvalsEngine, Models } from "effect-evals/engine"
import { definition } from "../../behaviour/lib/engine.ts"
import { completion, failure, serve } from "../../lib/modelServer.ts"
import { withSpans } from "../../support/spans.ts"

const run = {
  data_source: {
    type: "completions",
    model: "observed",
    input_messages: { type: "template", template: [{ role: "user", content: "a private question" }] },
    source: { type: "file_content", content: [{ item: { label: "yes" } }] }
  }
} as const

/** The spans of one run, whose first request is answered with 429. */
const observed = (trace: EvalsEngine.Options["trace"]) =>
  Effect.gen(function* () {
    const server = yield* serve(({ index }) =>
      index === 0
        ? { status: 429, headers: { "retry-after": "0" }, body: failure("slower") }
        : { body: completion("yes") }
    )
    const spans: Array<Tracer.NativeSpan> = []
    const context = yield* Layer.build(
      EvalsEngine.layerClient().pipe(
        Layer.provide(EvalsEngine.layerSqlite({ filename: ":memory:", trace })),
        Layer.provide(Models.layer([{ match: "*", baseUrl: server.baseUrl, api: "chat" }])),
        Layer.provide(FetchHttpClient.layer)
      )
    )
    yield* Effect.gen(function* () {
      const { id } = yield* createEval(definition())
      yield* executeRun(id, run)
    }).pipe((effect) => withSpans(effect, spans), Effect.provideContext(context))
    return { server, spans: spans.filter(({ kind, name }) => kind === "client" && name === "chat observed") }
  })

describe("requests to models", () => {
  it.live("have spans of those that failed, below the run, without a word of the request", () =>
    Effect.gen(function* () {
      const { server, spans } = yield* observed(undefined)
      assert.strictEqual(spans.length, 1)
      const [span] = spans
      const attributes = Object.fromEntries(span?.attributes ?? [])
      assert.deepInclude(attributes, {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "observed",
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(server.baseUrl).port),
        "error.type": "RateLimited",
        "http.response.status_code": 429
      })
      assert.notInclude(JSON.stringify(attributes), "private")
      const parent = span?.parent._tag === "Some" ? span.parent.value : undefined
      assert.strictEqual(parent?._tag === "Span" ? parent.name : "", "EvalsEngine.executeRun")
    }).pipe(Effect.scoped)
  )

  it.live("have spans of all, with the tokens of the answer, or none", () =>
    Effect.gen(function* () {
      const { spans } = yield* observed("all")
      assert.strictEqual(spans.length, 2)
      assert.deepInclude(Object.fromEntries(spans[1]?.attributes ?? []), {
        "gen_ai.response.model": "gpt-4.1-2025-04-14",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7
      })
      assert.strictEqual((yield* observed("none")).spans.length, 0)
    }).pipe(Effect.scoped)
  )

  it.live("are counted by model, endpoint and outcome, with tokens, latency and refusals", () =>
    Effect.gen(function* () {
      const { server } = yield* observed("none")
      const seen = (yield* Metric.snapshot).filter(
        ({ attributes, id }) => id.startsWith("effect_evals_model_") && attributes?.["endpoint"] === server.baseUrl
      )
      const countOf = (id: string, by: { readonly [name: string]: string } = {}) =>
        seen.flatMap((one) =>
          one.type === "Counter" &&
          one.id === id &&
          Object.entries(by).every(([name, value]) => one.attributes?.[name] === value)
            ? [Number(one.state.count)]
            : []
        )
      assert.deepStrictEqual(countOf("effect_evals_model_requests", { outcome: "ok", model: "observed" }), [1])
      assert.deepStrictEqual(countOf("effect_evals_model_requests", { outcome: "RateLimited" }), [1])
      assert.deepStrictEqual(countOf("effect_evals_model_rate_limited"), [1])
      assert.deepStrictEqual(countOf("effect_evals_model_tokens", { kind: "prompt" }), [11])
      assert.deepStrictEqual(countOf("effect_evals_model_tokens", { kind: "completion" }), [7])
      const latency = seen.find(({ id }) => id === "effect_evals_model_latency_seconds")
      assert.strictEqual(latency?.type === "Histogram" ? latency.state.count : 0, 2)
    }).pipe(Effect.scoped)
  )
})

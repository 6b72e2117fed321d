/** Where models are provided: beneath the engine, whatever is made over it. */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { createEval, type EvalsClient, executeRun } from "effect-evals"
import { EvalsEngine, ModelError, Models } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import OpenAI from "openai"

class Reply extends Context.Service<Reply, { readonly text: string }>()("test/Reply") {}

/** One model is a function, which needs a service of the application. */
const models = Models.layer([
  {
    match: "mine-*",
    model: "mine-2",
    answer: ({ model }) =>
      Effect.map(Reply, ({ text }) => ({
        model,
        choices: [{ message: { content: text } }],
        usage: { prompt_tokens: 2, completion_tokens: 1 }
      }))
  },
  {
    match: "broken",
    answer: ({ model }) =>
      Effect.fail(
        new ModelError.ModelError({ model, endpoint: "", reason: new ModelError.BadRequest({ message: "not today" }) })
      )
  }
]).pipe(Layer.provide(Layer.succeed(Reply, { text: "yes" })), Layer.provide(NodeHttpClient.layerUndici))

const criterion = {
  type: "string_check",
  name: "yes",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
} as const

const dataSource = (model: string) => ({
  type: "responses" as const,
  model,
  input_messages: { type: "template" as const, template: [{ role: "user" as const, content: "{{ item.ask }}" }] },
  source: { type: "file_content" as const, content: ["yes", "no"].map((label) => ({ item: { ask: "Is it?", label } })) }
})

const counts = (model = "mine-1"): Effect.Effect<object, unknown, EvalsClient.EvalsClient> =>
  Effect.gen(function* () {
    const { id } = yield* createEval({
      data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
      testing_criteria: [criterion]
    })
    const run = yield* executeRun(id, { data_source: dataSource(model) })
    return { ...run.result_counts, model: run.per_model_usage?.[0]?.model_name }
  })

const expected = { total: 2, errored: 0, failed: 1, passed: 1, model: "mine-2" }

describe("models", () => {
  it.live("are beneath engine and client", () =>
    Effect.gen(function* () {
      const layer = EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory), Layer.provide(models))
      assert.deepStrictEqual(yield* Effect.provide(counts(), layer), expected)
    })
  )

  it.live("are beneath the engine alone", () =>
    Effect.gen(function* () {
      const engine = EvalsEngine.layerSqlite({ filename: ":memory:" }).pipe(Layer.provide(models))
      const layer = EvalsEngine.layerClient().pipe(Layer.provide(engine))
      assert.deepStrictEqual(yield* Effect.provide(counts(), layer), expected)
    })
  )

  it.live("are beneath an engine for tests", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.provide(counts(), Layer.provide(EvalsTest.layer, models)), expected)
    })
  )

  it.live("answer a fetch of openai-node", () =>
    Effect.gen(function* () {
      const fetch = yield* EvalsEngine.makeFetch
      const client = new OpenAI({ apiKey: "none", baseURL: "http://localhost/v1", fetch, maxRetries: 0 })
      const run = yield* Effect.promise(async () => {
        const { id } = await client.evals.create({
          data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
          testing_criteria: [criterion]
        })
        let run = await client.evals.runs.create(id, { data_source: dataSource("mine-1") })
        while (run.status === "queued" || run.status === "in_progress") {
          run = await client.evals.runs.retrieve(run.id, { eval_id: id })
        }
        return run
      })
      assert.deepInclude(run.result_counts, { passed: 1, failed: 1 })
    }).pipe(Effect.provide(EvalsEngine.layerMemory.pipe(Layer.provide(models))))
  )

  it.live("that are functions fail with the reason that they say", () =>
    Effect.gen(function* () {
      const layer = EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory), Layer.provide(models))
      const failed = yield* Effect.flip(Effect.provide(counts("broken"), layer))
      assert.include(String(failed), "not today")
    })
  )
})

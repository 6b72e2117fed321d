/** The requests that graders/run makes, as an endpoint receives them over a socket. */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Redacted } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { TestClock } from "effect/testing"
import OpenAI from "openai"
import type { HttpEntry } from "../../src/engine/models/Entry.ts"
import * as Models from "../../src/engine/models/Models.ts"
import { completion, failure, type Received, type Reply, serve } from "../lib/modelServer.ts"
import { scripted } from "../lib/scriptedModels.ts"
import { at, send } from "./lib/engine.ts"

const sampling_params = { temperature: 0, top_p: 0.5, seed: 7, reasoning_effort: "low", max_completions_tokens: 99 }

const grader = {
  type: "label_model",
  name: "tone",
  model: "gpt-4.1",
  input: [
    { role: "developer", content: "Be strict." },
    {
      role: "user",
      content: [
        { type: "input_text", text: "Is this {{ item.what }}: {{ sample.output_text }}" },
        { type: "input_image", image_url: "https://host/{{ item.what }}.png" }
      ]
    }
  ],
  labels: ["kind", "rude"],
  passing_labels: ["kind"],
  sampling_params
}

const text = { type: "string" } as const
const schema = {
  type: "object",
  properties: {
    steps: {
      type: "array",
      items: {
        type: "object",
        properties: { description: text, conclusion: text },
        required: ["description", "conclusion"],
        additionalProperties: false
      }
    },
    result: { type: "string", enum: ["kind", "rude"] }
  },
  required: ["steps", "result"],
  additionalProperties: false
}

const answer = { body: completion('{"steps":[],"result":"kind"}') }

/** Runs graders over a model server. */
const against = (script: (request: Received) => Reply, entry: Partial<HttpEntry> = {}) =>
  Effect.gen(function* () {
    const server = yield* serve(script)
    const models = Models.layer([{ match: "*", baseUrl: server.baseUrl, key: Redacted.make("sk-1"), ...entry }])
    const engine = yield* Layer.build(
      EvalsTest.layer.pipe(Layer.provide(models), Layer.provide(NodeHttpClient.layerUndici))
    )
    const run = (grader: unknown) =>
      send("POST", "/fine_tuning/alpha/graders/run", { grader, model_sample: "Hi.", item: { what: "fair" } }).pipe(
        Effect.provideContext(engine)
      )
    return { run, server }
  })

describe("graders/run over a socket", () => {
  it.live("sends what openai-node sends for the same body", () =>
    Effect.gen(function* () {
      const { run, server } = yield* against(() => answer)
      const { json } = yield* run(grader)
      assert.strictEqual(at(json, "reward"), 1)
      const openai = new OpenAI({ apiKey: "sk-1", baseURL: server.baseUrl })
      yield* Effect.promise(() =>
        openai.chat.completions.create({
          model: "gpt-4.1",
          messages: [
            { role: "developer", content: "Be strict." },
            {
              role: "user",
              content: [
                { type: "text", text: "Is this fair: Hi." },
                { type: "image_url", image_url: { url: "https://host/fair.png" } }
              ]
            }
          ],
          temperature: 0,
          top_p: 0.5,
          seed: 7,
          reasoning_effort: "low",
          max_completion_tokens: 99,
          response_format: { type: "json_schema", json_schema: { name: "label", schema, strict: true } }
        })
      )
      const [ours, theirs] = server.requests
      assert.deepStrictEqual(ours?.body, theirs?.body)
      assert.deepStrictEqual([ours?.method, ours?.path], [theirs?.method, theirs?.path])
    })
  )

  it.live("asks an endpoint without structured formats in another way, and remembers it", () =>
    Effect.gen(function* () {
      const { run, server } = yield* against(({ body }) =>
        at(body, "response_format", "type") === "json_schema"
          ? { status: 400, body: failure("response_format json_schema is not supported", { param: "response_format" }) }
          : { body: completion('Sure:\n```json\n{"steps":[],"result":"kind"}\n```') }
      )
      for (let round = 0; round < 2; round++) assert.strictEqual(at((yield* run(grader)).json, "reward"), 1)
      assert.deepStrictEqual(
        server.requests.map(({ body }) => at(body, "response_format", "type")),
        ["json_schema", "json_object", "json_object"]
      )
    })
  )

  it.live("asks an endpoint that only has the responses API", () =>
    Effect.gen(function* () {
      const output = [
        { type: "message", role: "assistant", content: [{ type: "refusal", refusal: "I would rather not." }] }
      ]
      const { run, server } = yield* against(() => ({ body: { model: "o3", status: "completed", output } }), {
        api: "responses"
      })
      const { json } = yield* run(grader)
      assert.strictEqual(at(json, "metadata", "errors", "model_grader_refusal_error"), true)
      assert.deepStrictEqual(server.paths(), ["/responses"])
      assert.deepInclude(server.requests[0]?.body, {
        max_output_tokens: 99,
        text: { format: { type: "json_schema", name: "label", schema, strict: true } }
      })
      assert.notProperty(server.requests[0]?.body, "seed")
    })
  )

  it.live("asks for both embeddings at once, and for one where the texts are equal", () =>
    Effect.gen(function* () {
      const { run, server } = yield* against(({ body }) => ({
        body: {
          model: "text-embedding-3-large",
          data: [body["input"]].flat().map((input, index) => ({ index, embedding: input === "Hi." ? [1, 1] : [1, 0] })),
          usage: { prompt_tokens: 3, total_tokens: 3 }
        }
      }))
      const near = { type: "text_similarity", name: "near", input: "{{ sample.output_text }}" }
      const fields = { evaluation_metric: "cosine", pass_threshold: 1 }
      const unlike = yield* run({ ...near, ...fields, reference: "{{ item.what }}" })
      assert.closeTo(Number(at(unlike.json, "reward")), Math.SQRT1_2, 1e-12)
      assert.strictEqual(at((yield* run({ ...near, ...fields, reference: "Hi." })).json, "reward"), 1)
      assert.deepStrictEqual(server.paths(), ["/embeddings", "/embeddings"])
      assert.deepStrictEqual(
        server.requests.map(({ body }) => body["input"]),
        [["Hi.", "fair"], ["Hi."]]
      )
      const first = server.requests[0]?.body
      assert.deepInclude(first, { model: "text-embedding-3-large", encoding_format: "float" })
    })
  )
})

describe("the execution time of graders/run", () => {
  it.effect("includes the wait for the answer", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const { service } = scripted({ ask: () => answer })
      const slow: Models.Service = {
        ...service,
        ask: (call) =>
          Deferred.succeed(asked, undefined).pipe(
            Effect.andThen(Effect.sleep("3 seconds")),
            Effect.andThen(service.ask(call))
          )
      }
      const engine = yield* Layer.build(EvalsTest.layer.pipe(Layer.provide(Layer.succeed(Models.Models, slow))))
      const fiber = yield* Effect.forkChild(
        send("POST", "/fine_tuning/alpha/graders/run", { grader, model_sample: "Hi.", item: { what: "fair" } }).pipe(
          Effect.provideContext(engine)
        )
      )
      yield* Deferred.await(asked)
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(at((yield* Fiber.join(fiber)).json, "metadata", "execution_time"), 3)
    })
  )
})

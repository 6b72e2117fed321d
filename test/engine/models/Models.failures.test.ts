import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { Context, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { inspect } from "node:util"
import * as M from "../../../src/engine/models/Models.ts"
import { completion, failure, type Reply, response, serve } from "../../lib/modelServer.ts"
import { driven } from "../../lib/driven.ts"
import { chat, reasonOf, responses, setting } from "./lib/asking.ts"

const megabyte = "x".repeat(1024 * 1024)

describe("an answer that is none", () => {
  const cases: ReadonlyArray<readonly [string, Reply, string, string]> = [
    [
      "a page",
      { headers: { "content-type": "text/html" }, body: "<html><body>Sign in</body></html>" },
      "Unreadable",
      "it is no JSON: Sign in"
    ],
    ["garbage", { body: "\u0000\u0001" }, "Unreadable", "it is no JSON"],
    ["cut JSON", { body: '{"choices":[{"message":{"content":"ye' }, "Unreadable", "it is no JSON"],
    ["nothing", { body: "" }, "Unreadable", "it is empty"],
    ["nothing, of unknown length", { body: "", chunked: true }, "Unreadable", "it is empty"],
    [
      "a stream",
      { headers: { "content-type": "text/event-stream" }, body: "data: {}\n\n" },
      "Unreadable",
      "it is a stream of events"
    ],
    ["no choices", { body: { object: "chat.completion" } }, "Unreadable", "it has no choices"],
    [
      "an error with status 200",
      { body: failure("Bad image", { code: "invalid_image_url" }) },
      "BadRequest",
      "an error with status 200: Bad image"
    ],
    ["an error that is a text", { body: { error: "it broke" } }, "BadRequest", "an error with status 200: it broke"],
    ["a refusal", { status: 400, body: failure("No.") }, "BadRequest", "400 No."],
    ["a redirect", { status: 307, headers: { location: "/v1/elsewhere" } }, "WrongAddress", "307"],
    ["too much", { chunked: true, body: megabyte.repeat(17) }, "Unreadable", "the answer is longer than 16 MiB"],
    ["too much, and says so", { body: megabyte.repeat(17) }, "Unreadable", "the answer is longer than 16 MiB"]
  ]
  for (const [name, reply, tag, words] of cases) {
    it.live(`${name}: ${tag}, after one request`, () =>
      Effect.gen(function* () {
        const { models, server } = yield* setting(() => reply)
        const reason = yield* reasonOf(models.ask(chat("Hi")))
        assert.strictEqual(reason._tag, tag)
        assert.include(reason.message, words)
        assert.strictEqual(server.requests.length, 1)
      })
    )
  }

  it.live("a response that failed says the host's code", () =>
    Effect.gen(function* () {
      const error = { code: "invalid_image_url", message: "Timeout while downloading." }
      const body = response("", { status: "failed", error, output: [] })
      const { models } = yield* setting(() => ({ body }), { api: "both" })
      const failed = yield* Effect.flip(models.ask(responses("Hi")))
      assert.strictEqual(failed.wire.code, "invalid_image_url")
      assert.include(failed.wire.message, "Timeout while downloading.")
    })
  )
})

describe("an answer of an unusual form", () => {
  const read: ReadonlyArray<readonly [string, Reply, string]> = [
    ["another content type", { headers: { "content-type": "text/plain" }, body: completion("yes") }, "yes"],
    ["unknown length", { chunked: true, body: completion("yes") }, "yes"],
    ["no usage", { body: completion("yes", { usage: null }) }, "yes"],
    ["10 MiB of text", { chunked: true, body: completion(megabyte.repeat(10)) }, megabyte.repeat(10)],
    ["several choices", { body: { choices: [{ message: { content: "a" } }, { message: { content: "b" } }] } }, "a"],
    ["a connection that closes", { headers: { connection: "close" }, body: completion("yes") }, "yes"],
    [
      "broken arguments of a call",
      {
        body: {
          choices: [
            {
              message: {
                content: "x",
                tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{" } }]
              }
            }
          ]
        }
      },
      "x"
    ]
  ]
  for (const [name, reply, text] of read) {
    it.live(`is read: ${name}`, () =>
      Effect.gen(function* () {
        const { models } = yield* setting(() => reply)
        assert.strictEqual((yield* models.ask(chat("Hi"))).output_text, text)
      })
    )
  }
})

describe("a redirect", () => {
  it.live("is not followed by fetch either, and the key stays here", () =>
    Effect.gen(function* () {
      const other = yield* serve(() => ({ body: completion("stolen") }))
      const { models, server } = yield* Effect.gen(function* () {
        const server = yield* serve(() => ({ status: 307, headers: { location: `${other.baseUrl}/chat/completions` } }))
        const layer = M.layer([{ match: "*", baseUrl: server.baseUrl, key: Redacted.make("sk-secret-1"), api: "chat" }])
        const context = yield* Layer.build(Layer.provide(layer, FetchHttpClient.layer))
        return { server, models: Context.get(context, M.Models) }
      })
      const reason = yield* reasonOf(models.ask(chat("Hi")))
      assert.strictEqual(reason._tag, "WrongAddress")
      assert.strictEqual(server.requests.length, 1)
      assert.strictEqual(other.requests.length, 0)
    })
  )
})

describe("another attempt", () => {
  const after = (...replies: ReadonlyArray<Reply>) =>
    setting(({ index }) => replies[index] ?? { body: completion("yes") })

  const repeated: ReadonlyArray<readonly [string, Reply]> = [
    ["429", { status: 429, body: failure("Slow down", { code: "rate_limit_exceeded" }) }],
    ["429 with retry-after", { status: 429, headers: { "retry-after": "7" }, body: failure("Slow down") }],
    ["500", { status: 500, body: failure("Oops") }],
    ["503 as a page", { status: 503, headers: { "content-type": "text/html" }, body: "<h1>Busy</h1>" }],
    ["a late error of a gateway", { body: { error: { code: 502, message: "Provider returned error" } } }],
    ["a connection that is cut", { cut: true }],
    ["an answer that is cut", { cut: true, after: '{"choices":[' }]
  ]
  for (const [name, reply] of repeated) {
    it.effect(`follows ${name}`, () =>
      Effect.gen(function* () {
        const { models, server } = yield* after(reply, reply)
        assert.strictEqual((yield* driven(models.ask(chat("Hi")))).output_text, "yes")
        assert.strictEqual(server.requests.length, 3)
      })
    )
  }

  it.effect("ends after ten refusals by limits", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ status: 429, headers: { "retry-after": "1" } }))
      assert.strictEqual((yield* driven(reasonOf(models.ask(chat("Hi")))))._tag, "RateLimited")
      assert.strictEqual(server.requests.length, 10)
    })
  )

  it.effect("ends after five failures of one request while the endpoint answers others", () =>
    Effect.gen(function* () {
      const isPoison = (body: { readonly [name: string]: unknown }) => JSON.stringify(body).includes("poison")
      const { models, server } = yield* setting(({ body }) =>
        isPoison(body) ? { status: 500 } : { body: completion("yes") }
      )
      const poison = reasonOf(models.ask(chat("poison")))
      const others = Effect.forever(Effect.andThen(models.ask(chat("fine")), Effect.sleep("100 millis")))
      const reason = yield* driven(Effect.raceFirst(poison, others))
      assert.strictEqual(reason._tag, "Overloaded")
      assert.strictEqual(server.requests.filter(({ body }) => isPoison(body)).length, 5)
    })
  )

  it.effect("waits ten minutes for an endpoint that is down", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ cut: true }))
      const reason = yield* driven(reasonOf(models.ask(chat("Hi"))), "10 seconds")
      assert.strictEqual(reason._tag, "EndpointDown")
      assert.isAbove(server.requests.length, 10)
      assert.isBelow(server.requests.length, 60)
    })
  )

  it.effect("follows an answer that does not come within ten minutes, once", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ hang: true }))
      const reason = yield* driven(reasonOf(models.ask(chat("Hi"))), "5 seconds")
      assert.strictEqual(reason._tag, "TimedOut")
      assert.strictEqual(reason.message, "no answer within 10m")
      assert.strictEqual(server.requests.length, 2)
    })
  )
})

describe("a model that the endpoint does not have", () => {
  it.live("ends requests for this model, and no others", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(({ body }) =>
        body["model"] === "gpt-9"
          ? { status: 404, body: failure("The model `gpt-9` does not exist", { code: "model_not_found" }) }
          : { body: completion("yes") }
      )
      const call = { ...chat("Hi"), body: { model: "gpt-9", messages: [] } }
      assert.strictEqual((yield* reasonOf(models.ask(call)))._tag, "UnknownModel")
      assert.strictEqual((yield* reasonOf(models.ask(call)))._tag, "UnknownModel")
      assert.strictEqual((yield* models.ask(chat("Hi"))).output_text, "yes")
      assert.strictEqual(server.requests.length, 2)
    })
  )
})

describe("a server that is not there", () => {
  it.effect("is unreachable, and the reason has no key", () =>
    Effect.gen(function* () {
      const layer = M.layer([
        { match: "*", baseUrl: "http://127.0.0.1:1/v1", key: Redacted.make("sk-secret-1"), api: "chat" }
      ])
      const context = yield* Layer.build(Layer.provide(layer, NodeHttpClient.layerUndici))
      const error = yield* driven(Effect.flip(Context.get(context, M.Models).ask(chat("Hi"))), "10 seconds")
      assert.strictEqual(error.reason._tag, "EndpointDown")
      assert.include(error.message, "127.0.0.1:1")
      assert.notInclude(inspect(error, { depth: 9 }), "sk-secret-1")
    })
  )
})

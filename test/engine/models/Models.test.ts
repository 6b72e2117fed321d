import { assert, describe, it } from "@effect/vitest"
import { NodeHttpClient } from "@effect/platform-node"
import { Context, Effect, Fiber, Layer, Redacted, Tracer } from "effect"
import OpenAI from "openai"
import * as M from "../../../src/engine/models/Models.ts"
import { completion, response } from "../../lib/modelServer.ts"
import { chat, reasonOf, responses, setting } from "./lib/asking.ts"

const sdkOnly =
  /^(?:x-stainless-.*|user-agent|accept-(?:encoding|language)|sec-fetch-mode|connection|content-length|host)$/

const told = (headers: { readonly [name: string]: unknown } | undefined) =>
  Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !sdkOnly.test(name)))

describe("asking a model", () => {
  it.live("by chat completions sends what openai-node sends, and reads the answer", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ body: completion("yes") }), { key: Redacted.make("sk-1") })
      const answer = yield* models.ask(chat("Is it?", { temperature: 0, max_completion_tokens: 3 }))
      assert.strictEqual(answer.output_text, "yes")
      const openai = new OpenAI({ apiKey: "sk-1", baseURL: server.baseUrl })
      yield* Effect.promise(() =>
        openai.chat.completions.create({
          model: "gpt-4.1",
          messages: [{ role: "user", content: "Is it?" }],
          temperature: 0,
          max_completion_tokens: 3
        })
      )
      const [ours, theirs] = server.requests
      assert.deepStrictEqual(ours?.body, theirs?.body)
      assert.deepStrictEqual(told(ours?.headers), told(theirs?.headers))
      assert.strictEqual(`${ours?.method} ${ours?.path}`, `${theirs?.method} ${theirs?.path}`)
    })
  )

  it.live("by responses sends what openai-node sends with store: false", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ body: response("yes") }), {
        key: Redacted.make("sk-1"),
        api: "both"
      })
      const answer = yield* models.ask(responses("Is it?", { seed: 1, max_output_tokens: 3 }))
      assert.strictEqual(answer.output_text, "yes")
      const openai = new OpenAI({ apiKey: "sk-1", baseURL: server.baseUrl })
      yield* Effect.promise(() =>
        openai.responses.create({
          model: "gpt-4.1",
          input: [{ role: "user", content: "Is it?" }],
          max_output_tokens: 3,
          store: false
        })
      )
      const [ours, theirs] = server.requests
      assert.deepStrictEqual(ours?.body, theirs?.body)
      assert.deepStrictEqual(told(ours?.headers), told(theirs?.headers))
      assert.strictEqual(ours?.path, "/responses")
    })
  )

  it.live("sends another name of the model, the query, the key and the headers of the entry", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ body: completion("yes") }), {
        key: Redacted.make("azure-key\n"),
        auth: "api-key",
        query: { "api-version": "2026-01-01" },
        headers: { "OpenAI-Project": "proj_1", "x-secret": Redacted.make("s3cret-value") },
        model: "my-deployment",
        parameters: { set: { service_tier: "flex" } }
      })
      yield* models.ask(chat("Hi"))
      const [request] = server.requests
      assert.strictEqual(request?.body["model"], "my-deployment")
      assert.strictEqual(request?.body["service_tier"], "flex")
      assert.strictEqual(request?.query.get("api-version"), "2026-01-01")
      assert.strictEqual(request?.headers["api-key"], "azure-key")
      assert.strictEqual(request?.headers["authorization"], undefined)
      assert.strictEqual(request?.headers["openai-project"], "proj_1")
      assert.strictEqual(request?.headers["x-secret"], "s3cret-value")
    })
  )

  it.live("makes no spans of requests, and sends no trace headers", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ body: completion("yes") }))
      const names: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          names.push(options.name)
          return new Tracer.NativeSpan(options)
        }
      })
      yield* models.ask(chat("Hi")).pipe(Effect.withSpan("row"), Effect.provideService(Tracer.Tracer, tracer))
      assert.deepStrictEqual(names, ["row"])
      assert.notProperty(server.requests[0]?.headers, "traceparent")
      assert.notProperty(server.requests[0]?.headers, "b3")
    })
  )

  it.live("that is interrupted is gone at the endpoint too", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ hang: true }))
      const fiber = yield* Effect.forkChild(models.ask(chat("Hi")))
      while (server.requests.length === 0) yield* Effect.sleep("1 millis")
      yield* Fiber.interrupt(fiber)
      while (server.open() > 0) yield* Effect.sleep("1 millis")
      assert.strictEqual(server.abandoned(), 1)
    })
  )
})

describe("a model that is a function", () => {
  const models = (
    answer: (
      request: unknown
    ) => Effect.Effect<{ readonly choices: [] | [{ readonly message: { readonly content: string } }] }>
  ) =>
    Effect.map(
      Layer.build(Layer.provide(M.layer([{ match: "mine", answer }]), NodeHttpClient.layerUndici)),
      (context) => Context.get(context, M.Models)
    )

  it.live("is asked by chat completions, whatever the run asks for", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const service = yield* models((request) => {
        seen.push(request)
        return Effect.succeed({ choices: [{ message: { content: "4" } }] })
      })
      const answer = yield* service.ask({
        ...responses("2+2?", { max_output_tokens: 3 }),
        body: { model: "mine", input: "2+2?", max_output_tokens: 3 }
      })
      assert.strictEqual(answer.output_text, "4")
      assert.strictEqual(answer.model, "mine")
      assert.deepStrictEqual(seen, [
        { model: "mine", messages: [{ role: "user", content: "2+2?" }], max_completion_tokens: 3 }
      ])
      assert.strictEqual(service.find("mine")?.endpoint, "a function")
    })
  )

  it.live("that dies or answers nothing is an error of its row", () =>
    Effect.gen(function* () {
      const dying = yield* models(() => Effect.die(new Error("boom")))
      const call = { ...chat("Hi"), body: { ...chat("Hi").body, model: "mine" } }
      assert.include((yield* reasonOf(dying.ask(call))).message, "boom")
      const silent = yield* models(() => Effect.succeed({ choices: [] }))
      assert.strictEqual((yield* reasonOf(silent.ask(call)))._tag, "Unreadable")
    })
  )
})

describe("the models of a context", () => {
  it.effect("refuse everything where nobody has given any", () =>
    Effect.gen(function* () {
      const models = yield* M.Models
      const error = yield* Effect.flip(models.ask(chat("Hi")))
      assert.strictEqual(error.reason._tag, "NoEndpoint")
      assert.include(error.message, "--models FILE")
      assert.strictEqual(models.check(chat("Hi"))?.reason._tag, "NoEndpoint")
      assert.strictEqual(models.find("gpt-4.1"), undefined)
    })
  )

  it.live("are the first entries that match, and are listed without keys", () =>
    Effect.gen(function* () {
      const layer = M.layer([
        { match: "gpt-4*", baseUrl: "https://one.host/v1?key=abcdefgh", model: "new", price: { input: 1, output: 2 } },
        {
          match: "org/*-mini",
          baseUrl: "http://localhost:1234/v1",
          key: Effect.succeed(Redacted.make("k")),
          api: "chat"
        },
        { match: "gpt-4.1", baseUrl: "https://never.host", key: Redacted.make("sk-abcdefgh") }
      ])
      const context = yield* Layer.build(Layer.provide(layer, NodeHttpClient.layerUndici))
      const models = Context.get(context, M.Models)
      assert.deepStrictEqual(models.find("gpt-4.1"), {
        match: "gpt-4*",
        endpoint: "https://one.host/v1",
        model: "new",
        apis: { chat: "unknown", responses: "unknown" },
        price: { input: 1, output: 2 }
      })
      assert.strictEqual(models.find("org/a/b-mini")?.endpoint, "http://localhost:1234/v1")
      assert.strictEqual(models.find("GPT-4.1"), undefined)
      const error = models.check({ dialect: "chat", body: { model: "o3", messages: [] } })
      assert.include(error?.message, 'no entry of the models matches ("gpt-4*", "org/*-mini", "gpt-4.1")')
      const list = yield* models.list
      assert.deepStrictEqual(
        list.map(({ key }) => key),
        ["none", "read", "given"]
      )
      assert.notInclude(JSON.stringify(list), "abcdefgh")
      assert.strictEqual((yield* models.stats)[2]?.endpoint, "https://never.host")
    })
  )

  it.live("with mistakes name the places, and no secrets", () =>
    Effect.gen(function* () {
      const layer = M.layer([
        { match: "*", baseUrl: "api.openai.com" },
        { match: "", baseUrl: "https://user:pass@host/v1", key: Redacted.make("two\nlines") },
        {
          match: "*",
          baseUrl: "https://host/v1/chat/completions",
          limits: { inFlight: 0.5, requestsPerMinute: -1 },
          headers: { "x y": "secret-1", "x-z": "secret-2\n" },
          parameters: { drop: ["model"], set: { stream: true } }
        }
      ])
      const error = yield* Effect.flip(Layer.build(Layer.provide(layer, NodeHttpClient.layerUndici)))
      assert.deepStrictEqual(error.problems, [
        "entries[0].baseUrl: is no URL; write it like https://api.openai.com/v1",
        'entries[1].match: is empty; "*" matches every model',
        "entries[1].baseUrl: holds a user name or a password; give them as a header instead",
        "entries[1].key: has a character that no header can carry: a line break, or a letter beyond Latin-1",
        "entries[2].limits.requestsPerMinute: must be a number greater than 0",
        "entries[2].limits.inFlight: must be a whole number",
        "entries[2].baseUrl: names one API; it ends before /chat/completions",
        'entries[2].headers: "x y" cannot be the name of a header',
        "entries[2].headers.x-z: has a character that no header can carry: a line break, or a letter beyond Latin-1",
        'entries[2].parameters.drop: "model" cannot be left out',
        "entries[2].parameters.set.stream: cannot be set here"
      ])
    })
  )
})

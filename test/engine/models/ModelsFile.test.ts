import { NodeFileSystem, NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import { Context, Effect, FileSystem, Layer } from "effect"
import * as M from "../../../src/engine/models/Models.ts"
import * as ModelsFile from "../../../src/engine/models/ModelsFile.ts"
import { completion, serve } from "../../lib/modelServer.ts"
import { chat, reasonOf } from "./lib/asking.ts"

const platform = Layer.merge(NodeFileSystem.layer, NodeHttpClient.layerUndici)

const problems = (text: string, env: { readonly [name: string]: string | undefined } = {}) =>
  ModelsFile.parse(text, "/etc/models.json", { env }).pipe(
    Effect.flip,
    Effect.map((error) => error.problems),
    Effect.provide(NodeFileSystem.layer)
  )

const full = {
  $schema: "https://host/models.schema.json",
  entries: [
    {
      match: "gpt-*",
      baseUrl: "https://x.openai.azure.com/openai/v1",
      query: { "api-version": "2026-01-01" },
      auth: "api-key",
      key: "k",
      api: "both",
      model: "deployment",
      headers: { "x-tenant": "t" },
      limits: { inFlight: 8, requestsPerMinute: 500, tokensPerMinute: 30_000 },
      price: { input: 2, cachedInput: 0.5, output: 8 },
      parameters: { rename: { max_completion_tokens: "max_tokens" }, drop: ["seed"], set: { service_tier: "flex" } },
      structured: "json_object"
    },
    { match: "*", baseUrl: "http://localhost:11434/v1" }
  ]
}

describe("the file of the models", () => {
  it.effect("is read, and its JSON Schema takes it", () =>
    Effect.gen(function* () {
      const read = yield* ModelsFile.parse(`\uFEFF${JSON.stringify(full, null, 2)}`, "models.json", {})
      assert.deepStrictEqual(
        read.map(({ entry }) => entry.match),
        ["gpt-*", "*"]
      )
      assert.deepStrictEqual(read[0]?.entry.limits, { inFlight: 8, requestsPerMinute: 500, tokensPerMinute: 30_000 })
      const validate = new Ajv2020().compile(ModelsFile.jsonSchema())
      assert.isTrue(validate(full))
      assert.isFalse(validate({ entries: [{ match: "*" }] }))
      assert.isFalse(validate({ entries: [{ match: "*", baseUrl: "x", baseURL: "x" }] }))
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("with mistakes names their places", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({
        entries: [
          { match: "*", baseURL: "https://host/v1", key: 12_345_678 },
          { match: "*", baseUrl: "https://host/v1", api: "chats", limits: { inFlight: "8" }, price: { input: -1 } }
        ],
        more: true
      })
      assert.deepStrictEqual(yield* problems(text), [
        "more: is not known here",
        "entries[0].baseURL: is not known here",
        "entries[0].baseUrl: is missing",
        "entries[0].key: expected string",
        'entries[1].api: expected one of "chat", "responses", "both"',
        "entries[1].limits.inFlight: expected number",
        "entries[1].price.input: expected a value greater than or equal to 0",
        "entries[1].price.output: is missing"
      ])
    })
  )

  it.effect("that is no JSON says where it stops being it, and nothing of what is in it", () =>
    Effect.gen(function* () {
      const [problem = ""] = yield* problems('{\n  "entries": [\n    { "key": "sk-secret" "match": "*" }\n  ]\n}')
      assert.match(problem, /^it is no JSON: expected .* in line 3, column 26, found "\\""$/)
    })
  )

  it.effect("takes a key from one place", () =>
    Effect.gen(function* () {
      const entry = { match: "*", baseUrl: "https://host/v1" }
      const text = JSON.stringify({
        entries: [
          { ...entry, keyEnv: "KEY_A" },
          { ...entry, key: "k", keyFile: "f" },
          { ...entry, keyEnv: "KEY_B" }
        ]
      })
      assert.deepStrictEqual(yield* problems(text, { KEY_A: "a", KEY_B: "" }), [
        "entries[1].keyFile: stands beside key; give one of them",
        "entries[2].keyEnv: the environment variable KEY_B is not set"
      ])
    })
  )

  it.live("that is missing is an error", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(Layer.provide(M.layerFile("/none/models.json"), platform)))
      assert.strictEqual(error.message, "/none/models.json cannot be used: it cannot be read (NotFound)")
    })
  )
})

describe("models of a file", () => {
  it.live("take keys from the variables that they are given, and from files, which are read again", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const server = yield* serve(({ headers }) =>
        headers["authorization"] === "Bearer wrong"
          ? { status: 401 }
          : { body: completion(String(headers["authorization"])) }
      )
      const entry = { baseUrl: server.baseUrl, api: "chat" }
      const file = `${folder}/models.json`
      yield* fs.writeFileString(
        file,
        JSON.stringify({
          entries: [
            { ...entry, match: "env", keyEnv: "MY_KEY" },
            { ...entry, match: "file", keyFile: "key.txt" }
          ]
        })
      )
      yield* fs.writeFileString(`${folder}/key.txt`, "wrong\n")
      const layer = M.layerFile(file, { env: { MY_KEY: "from-env" } })
      const models = Context.get(yield* Layer.build(layer), M.Models)
      const ask = (model: string) => models.ask({ ...chat("Hi"), body: { model, messages: [] } })
      assert.strictEqual((yield* ask("env")).output_text, "Bearer from-env")
      assert.strictEqual((yield* reasonOf(ask("file")))._tag, "KeyRefused")
      yield* fs.writeFileString(`${folder}/key.txt`, "right\n")
      assert.strictEqual((yield* ask("file")).output_text, "Bearer right")
    }).pipe(Effect.provide(platform))
  )

  it.live("change when the file is read again, and not where it has a mistake", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = yield* fs.makeTempFileScoped()
      const [one, two] = [
        yield* serve(() => ({ body: completion("1") })),
        yield* serve(() => ({ body: completion("2") }))
      ]
      const write = (baseUrl: string) =>
        fs.writeFileString(file, JSON.stringify({ entries: [{ match: "*", baseUrl, api: "chat" }] }))
      yield* write(one.baseUrl)
      const { reload, service } = yield* M.makeFile(file)
      assert.strictEqual((yield* service.ask(chat("Hi"))).output_text, "1")
      yield* write("none")
      const error = yield* Effect.flip(reload)
      assert.include(error.message, "entries[0].baseUrl: is no URL")
      assert.strictEqual((yield* service.ask(chat("Hi"))).output_text, "1")
      yield* write(two.baseUrl)
      yield* reload
      assert.strictEqual((yield* service.ask(chat("Hi"))).output_text, "2")
      yield* write(one.baseUrl)
      yield* reload
      assert.strictEqual((yield* service.stats)[0]?.sent, 2)
    }).pipe(Effect.provide(platform))
  )
})

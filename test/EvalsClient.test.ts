import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Exit, Layer, Option, Redacted } from "effect"
import { HttpClient } from "effect/http"
import { cancelRun, EvalsClient, listEvalsPage, retrieveEval } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, evalId, runId, userAgent } from "./support.ts"

const apiKey = Redacted.make("the-key")
const evaluation = { body: WireBuilder.evaluation() }

/** The one request that a client with these options sends for an eval. */
const sentBy = (options: EvalsClient.Options, operation: typeof read = read) =>
  Effect.gen(function* () {
    yield* operation
    const [request] = yield* ScriptedHttp.requests
    return request
  }).pipe(
    Effect.provide(
      EvalsClient.layer(options).pipe(
        Layer.provideMerge(
          ScriptedHttp.layer(({ path }) => (path.includes("/runs/") ? { body: WireBuilder.run() } : evaluation))
        )
      )
    )
  )

const read = Effect.asVoid(retrieveEval(evalId))

describe("the address", () => {
  it.effect.each([
    ["http://host/v1", "/v1/evals/eval_1"],
    ["http://host/v1/", "/v1/evals/eval_1"],
    ["http://host/v1///", "/v1/evals/eval_1"],
    ["http://host", "/evals/eval_1"],
    ["http://host/", "/evals/eval_1"],
    ["http://host:4100/deep/er/path/v1", "/deep/er/path/v1/evals/eval_1"],
    ["http://host/a%20b/v1", "/a%20b/v1/evals/eval_1"],
    ["http://host/v1?tenant=a%26b&x=1", "/v1/evals/eval_1?tenant=a%26b&x=1"],
    ["http://host/v1/?tenant=a&tenant=b", "/v1/evals/eval_1?tenant=a&tenant=b"],
    ["http://host/v1#part", "/v1/evals/eval_1"]
  ])("%s keeps its path and query: %s", ([baseUrl, path]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* sentBy({ baseUrl: baseUrl ?? "" }))?.path, path)
    })
  )

  it.effect("keeps its query beside an operation's own", () =>
    Effect.gen(function* () {
      yield* listEvalsPage({ limit: 5 })
      const [request] = yield* ScriptedHttp.requests
      assert.deepStrictEqual(request?.query, { limit: "5", tenant: "a" })
    }).pipe(Effect.provide(client([{ body: WireBuilder.page([]) }], { baseUrl: "http://host/v1?tenant=a" })))
  )

  it.effect("is OpenAI's where none is given", () =>
    Effect.gen(function* () {
      const hosts: Array<string> = []
      const recording = HttpClient.make((request, url) => {
        hosts.push(url.origin + url.pathname)
        return Effect.die(request.method)
      })
      const service = yield* EvalsClient.make({ apiKey }).pipe(Effect.provideService(HttpClient.HttpClient, recording))
      yield* Effect.exit(read.pipe(Effect.provideService(EvalsClient.EvalsClient, service)))
      assert.deepStrictEqual(hosts, ["https://api.openai.com/v1/evals/eval_1"])
    })
  )
})

describe("what every request carries", () => {
  it.effect("the key, organization, project and headers, and no trace headers", () =>
    Effect.gen(function* () {
      const request = yield* sentBy(
        {
          baseUrl: "http://host/v1",
          apiKey,
          organization: "org-1",
          project: "proj_1",
          headers: { "X-Team": "quality", "x-token": Redacted.make("t") }
        },
        Effect.withSpan(read, "the program's own span")
      )
      assert.deepStrictEqual(request?.headers, {
        accept: "application/json",
        authorization: "Bearer the-key",
        "openai-organization": "org-1",
        "openai-project": "proj_1",
        "user-agent": userAgent,
        "x-team": "quality",
        "x-token": "t"
      })
    })
  )

  it.effect("nothing of what is not given", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* sentBy({ baseUrl: "http://host/v1" }))?.headers, {
        accept: "application/json",
        "user-agent": userAgent
      })
    })
  )
})

describe("Azure and Foundry", () => {
  const baseUrl = "http://my-resource.openai.azure.com/openai"

  it.effect("have the key in api-key, and an api-version", () =>
    Effect.gen(function* () {
      const request = yield* sentBy({ baseUrl, apiKey, azure: { apiVersion: "2025-04-01-preview" } })
      assert.strictEqual(request?.headers["api-key"], "the-key")
      assert.notProperty(request?.headers, "authorization")
      assert.strictEqual(request?.path, "/openai/evals/eval_1?api-version=2025-04-01-preview")
    })
  )

  it.effect("or a bearer token, and no api-version where none is given", () =>
    Effect.gen(function* () {
      const request = yield* sentBy({ baseUrl, apiKey, azure: { auth: "bearer" } })
      assert.strictEqual(request?.headers["authorization"], "Bearer the-key")
      assert.notProperty(request?.headers, "api-key")
      assert.strictEqual(request?.path, "/openai/evals/eval_1")
    })
  )

  it.effect("take the api-version of the option before that of the address", () =>
    Effect.gen(function* () {
      const request = yield* sentBy({ baseUrl: `${baseUrl}?api-version=old`, azure: { apiVersion: "new" } })
      assert.strictEqual(request?.path, "/openai/evals/eval_1?api-version=new")
    })
  )

  it.effect("cancel a run at its own path", () =>
    Effect.gen(function* () {
      const cancel = Effect.asVoid(cancelRun(evalId, runId))
      assert.strictEqual((yield* sentBy({ baseUrl, azure: {} }, cancel))?.path, "/openai/evals/eval_1/runs/evalrun_1")
      assert.strictEqual((yield* sentBy({ baseUrl }, cancel))?.path, "/openai/evals/eval_1/runs/evalrun_1/cancel")
    })
  )
})

describe("layers from configuration", () => {
  /** What a layer makes of an environment: the request that it sends, or that it cannot be built. */
  const from = <E>(
    layer: Layer.Layer<EvalsClient.EvalsClient, E, HttpClient.HttpClient>,
    env: Readonly<Record<string, string>>
  ) =>
    Effect.gen(function* () {
      yield* read
      const [request] = yield* ScriptedHttp.requests
      return request
    }).pipe(
      Effect.provide(layer.pipe(Layer.provideMerge(ScriptedHttp.layer([evaluation])))),
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))),
      Effect.exit,
      Effect.map((exit) => (Exit.isSuccess(exit) ? exit.value : String(Option.getOrThrow(Exit.findErrorOption(exit)))))
    )

  it.effect("layerFromEnv reads the variables of OpenAI's own clients", () =>
    Effect.gen(function* () {
      const request = yield* from(EvalsClient.layerFromEnv(), {
        OPENAI_API_KEY: "the-key",
        OPENAI_BASE_URL: "http://host/v2",
        OPENAI_ORG_ID: "org-1",
        OPENAI_PROJECT_ID: "proj_1"
      })
      assert.isObject(request)
      assert.deepInclude(typeof request === "object" ? request : {}, {
        path: "/v2/evals/eval_1",
        headers: {
          accept: "application/json",
          authorization: "Bearer the-key",
          "openai-organization": "org-1",
          "openai-project": "proj_1",
          "user-agent": userAgent
        }
      })
    })
  )

  it.effect("layerFromEnv names the key where it is missing", () =>
    Effect.gen(function* () {
      const failed = yield* from(EvalsClient.layerFromEnv(), {})
      assert.isString(failed)
      assert.include(String(failed), "OPENAI_API_KEY")
    })
  )

  it.effect("layerFromEnv needs no key for a host of one's own", () =>
    Effect.gen(function* () {
      const request = yield* from(EvalsClient.layerFromEnv(), { OPENAI_BASE_URL: "http://localhost:4100/v1" })
      assert.deepInclude(typeof request === "object" ? request : {}, {
        path: "/v1/evals/eval_1",
        headers: { accept: "application/json", "user-agent": userAgent }
      })
    })
  )

  it.effect("layerFromEnv takes an empty variable for an absent one", () =>
    Effect.gen(function* () {
      const absent = { OPENAI_BASE_URL: "", OPENAI_ORG_ID: "", OPENAI_PROJECT_ID: "" }
      const request = yield* from(EvalsClient.layerFromEnv(), { OPENAI_API_KEY: "the-key", ...absent })
      assert.deepInclude(typeof request === "object" ? request : {}, {
        path: "/v1/evals/eval_1",
        headers: { accept: "application/json", authorization: "Bearer the-key", "user-agent": userAgent }
      })
      assert.include(String(yield* from(EvalsClient.layerFromEnv(), { OPENAI_API_KEY: "" })), "OPENAI_API_KEY")
    })
  )

  it.effect("layerFromEnv takes the other options from the program", () =>
    Effect.gen(function* () {
      const request = yield* from(EvalsClient.layerFromEnv({ headers: { "x-team": "quality" } }), {
        OPENAI_API_KEY: "the-key"
      })
      assert.strictEqual(typeof request === "object" ? request.headers["x-team"] : request, "quality")
    })
  )

  it.effect("layerConfig reads names of one's own", () =>
    Effect.gen(function* () {
      const layer = EvalsClient.layerConfig(
        { apiKey: Config.Redacted("EVALS_KEY"), baseUrl: Config.String("EVALS_URL") },
        { azure: {} }
      )
      const request = yield* from(layer, { EVALS_KEY: "k", EVALS_URL: "http://host/openai" })
      assert.strictEqual(typeof request === "object" ? request.headers["api-key"] : request, "k")
      assert.include(String(yield* from(layer, { EVALS_KEY: "k" })), "EVALS_URL")
    })
  )
})

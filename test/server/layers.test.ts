/** The API beside an application's own routes, and the server as a layer. */
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer, Server } from "effect-evals/server"
import { at, definition } from "../behaviour/lib/engine.ts"

const page = HttpServerResponse.text("a page", { status: 418 })

const handler = (options: Server.RouterOptions) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        HttpRouter.toWebHandler(
          Layer.mergeAll(
            // a router has one route for everything
            options.path === "/" ? Layer.empty : HttpRouter.add("*", "/*", page),
            Server.layerRouter(options)
          ).pipe(Layer.provide(EvalsEngine.layerMemory)),
          { disableLogger: true }
        )
      ),
      ({ dispose }) => Effect.promise(dispose)
    ),
    (app) =>
      (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
        Effect.promise(async () => {
          const response = await app.handler(
            new Request(`http://app.example${path}`, {
              method,
              ...(body === undefined ? {} : { body: JSON.stringify(body) }),
              headers: { "content-type": "application/json", ...headers }
            })
          )
          const text = await response.text()
          const json: unknown = response.headers.get("content-type") === "application/json" ? JSON.parse(text) : text
          return { status: response.status, json }
        })
  )

describe("Server.layerRouter", () => {
  it.effect.each(["/tools/v1", "/tools/v1/", "/evals", "/", "/v1", "/a/b-c/d"] as const)(
    "serves the API below %s",
    (path) =>
      Effect.gen(function* () {
        const send = yield* handler({ path })
        const base = path.replace(/\/$/, "")
        const made = yield* send("POST", `${base}/evals`, definition())
        assert.strictEqual(made.status, 201)
        const id = String(at(made.json, "id"))
        const found = yield* send("GET", `${base}/evals?limit=1`)
        assert.strictEqual(at(found.json, "data", 0, "id"), id)
        const long = `${"x".repeat(300)}`
        const unknown = yield* send("GET", `${base}/evals/${id}/runs/${long}/output_items/${long}`)
        assert.deepStrictEqual([unknown.status, at(unknown.json, "error", "type")], [404, "not_found_error"])
      })
  )

  it.effect("leaves other paths to the router, and names the requested path", () =>
    Effect.gen(function* () {
      const send = yield* handler({ path: "/tools/v1" })
      assert.deepStrictEqual(yield* send("GET", "/v1/evals"), { status: 418, json: "a page" })
      assert.deepStrictEqual(yield* send("GET", "/tools"), { status: 418, json: "a page" })
      const none = yield* send("GET", "/tools/v1/nothing?key=secret")
      assert.deepStrictEqual([none.status, at(none.json, "error", "code")], [404, "unknown_url"])
      assert.strictEqual(at(none.json, "error", "message"), "There is no GET /tools/v1/nothing here.")
    })
  )

  it.effect("requires its key there, and runs graders in read-only mode", () =>
    Effect.gen(function* () {
      const send = yield* handler({ path: "/tools/v1", key: Redacted.make("sk-own"), readOnly: true })
      const key = { authorization: "Bearer sk-own" }
      assert.strictEqual((yield* send("GET", "/tools/v1/evals")).status, 401)
      assert.strictEqual((yield* send("GET", "/tools/v1/evals", undefined, key)).status, 200)
      assert.strictEqual((yield* send("POST", "/tools/v1/evals", definition(), key)).status, 403)
      const validated = yield* send(
        "POST",
        "/tools/v1/fine_tuning/alpha/graders/validate",
        { grader: definition().testing_criteria[0] },
        key
      )
      assert.strictEqual(validated.status, 200)
    })
  )
})

describe("NodeServer.layer", () => {
  const from = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env }))

  it.effect("listens until its scope ends, and returns its URL", () =>
    Effect.gen(function* () {
      const url = yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* Layer.build(NodeServer.layer({ port: 0 }).pipe(Layer.provide(EvalsEngine.layerMemory)))
          const { url } = Context.get(context, NodeServer.NodeServer)
          assert.strictEqual((yield* Effect.promise(() => fetch(`${url}/evals`))).status, 200)
          return url
        })
      )
      const refused = yield* Effect.tryPromise(() => fetch(`${url}/evals`)).pipe(Effect.flip)
      assert.strictEqual(refused._tag, "UnknownError")
    })
  )

  it.effect("reads its address and key from configuration", () =>
    Effect.gen(function* () {
      const server = Layer.fresh(
        NodeServer.layerConfig({ port: Config.Int("EVALS_PORT"), key: Config.Redacted("EVALS_SERVER_KEY") })
      ).pipe(Layer.provide(EvalsEngine.layerMemory))
      const env = { EVALS_PORT: "0", EVALS_SERVER_KEY: "sk-configured" }
      const context = yield* Layer.build(Layer.provide(server, from(env)))
      const { url } = Context.get(context, NodeServer.NodeServer)
      const ask = (headers: Record<string, string>) => Effect.promise(() => fetch(`${url}/evals`, { headers }))
      assert.strictEqual((yield* ask({})).status, 401)
      assert.strictEqual((yield* ask({ authorization: "Bearer sk-configured" })).status, 200)
      const missing = yield* Effect.flip(Layer.build(Layer.fresh(Layer.provide(server, from({ EVALS_PORT: "0" })))))
      assert.strictEqual(missing._tag, "ConfigError")
    }).pipe(Effect.scoped)
  )
})

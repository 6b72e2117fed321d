/** Which web pages may ask a server. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { at } from "../behaviour/lib/engine.ts"
import { ask } from "./lib/exchange.ts"
import { layer as served } from "./lib/served.ts"

const app = "https://app.example"
const key = { authorization: "Bearer sk-secret" }

/** The request that a browser sends before one with a key. */
const preflight = (origin: string, path = "/evals") =>
  ask("OPTIONS", path, {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-stainless-retry-count"
  })

layer(served({ key: Redacted.make("sk-secret"), allowOrigins: [app, "http://localhost:5173/"] }))(
  "a server that names an origin",
  (it) => {
    it.effect("answers preflight requests without a key", () =>
      Effect.gen(function* () {
        for (const origin of [app, "http://localhost:5173"]) {
          for (const path of ["/evals", "/files", "/evals/eval_1/runs/evalrun_1"]) {
            const { headers, status, text } = yield* preflight(origin, path)
            assert.deepStrictEqual([status, text], [204, ""])
            assert.strictEqual(headers["access-control-allow-origin"], origin)
            assert.strictEqual(headers["access-control-allow-methods"], "GET, POST, DELETE")
            assert.strictEqual(
              headers["access-control-allow-headers"],
              "authorization,content-type,x-stainless-retry-count"
            )
            assert.strictEqual(headers["access-control-max-age"], "7200")
            assert.match(String(headers["vary"]), /Origin.*Access-Control-Request-Headers/i)
            assert.isUndefined(headers["access-control-allow-credentials"])
          }
        }
      })
    )

    it.effect("lets its pages read responses and errors with their headers", () =>
      Effect.gen(function* () {
        for (const [headers, path, status] of [
          [key, "/evals", 200],
          [{}, "/evals", 401],
          [key, "/evals/none", 404]
        ] as const) {
          const answer = yield* ask("GET", path, { ...headers, origin: app })
          assert.strictEqual(answer.status, status)
          assert.strictEqual(answer.headers["access-control-allow-origin"], app)
          assert.match(String(answer.headers["access-control-expose-headers"]), /x-request-id/)
          assert.match(String(answer.headers["vary"]), /origin/i)
        }
      })
    )

    it.effect.each([
      "https://app.example.evil",
      "http://app.example",
      "https://app.example:8443",
      "https://evil.example",
      "null",
      "*"
    ])("lets no page of %s read anything", (origin) =>
      Effect.gen(function* () {
        for (const answer of [yield* preflight(origin), yield* ask("GET", "/evals", { ...key, origin })]) {
          assert.isUndefined(answer.headers["access-control-allow-origin"])
          assert.match(String(answer.headers["vary"]), /origin/i)
        }
      })
    )
  }
)

layer(served({ allowOrigins: [app] }))("a server without a key and with an allowed origin", (it) => {
  it.effect("answers only its pages, and only for a name of this machine", () =>
    Effect.gen(function* () {
      const named = yield* ask("GET", "/evals", { origin: app })
      assert.deepStrictEqual([named.status, named.headers["access-control-allow-origin"]], [200, app])
      const other = yield* ask("GET", "/evals", { origin: "https://evil.example" })
      assert.deepStrictEqual([other.status, at(other.json, "error", "code")], [403, "origin_not_allowed"])
      const rebound = yield* ask("GET", "/evals", { origin: app, host: "evil.example" })
      assert.deepStrictEqual([rebound.status, at(rebound.json, "error", "code")], [403, "host_not_allowed"])
    })
  )
})

layer(served({ key: Redacted.make("sk-secret") }))("a server without allowed origins", (it) => {
  it.effect("refuses preflight requests", () =>
    Effect.gen(function* () {
      const { headers, status } = yield* preflight(app)
      assert.deepStrictEqual([status, headers["access-control-allow-origin"]], [401, undefined])
    })
  )
})

describe("an invalid origin", () => {
  it.effect.each([
    ["*", /A star would let every page in/],
    ["app.example", /is no origin: write scheme, host and port without a path/],
    ["https://app.example/page", /is no origin/],
    ["file:///page", /is no origin/],
    ["https://me:secret@app.example", /is no origin/]
  ] as const)("%s does not start a server", ([origin, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(NodeServer.start({ port: 0, allowOrigins: [app, origin] }))
      assert.strictEqual(error._tag, "OpenToOthers")
      assert.match(error.message, message)
    }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))
  )
})

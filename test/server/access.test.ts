/** Who is let in, and what a server that may not write refuses. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Redacted } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer, Server } from "effect-evals/server"
import { fetch as fetchOf } from "../../src/server/InProcess.ts"
import { at, definition, over, row } from "../behaviour/lib/engine.ts"
import { ask, converse, port } from "./lib/exchange.ts"
import { layer as served } from "./lib/served.ts"

const json = { "content-type": "application/json" }

/** The status and the code of the answer to a request for the list of evals. */
const entering = (headers: Readonly<Record<string, string>>) =>
  Effect.map(ask("GET", "/evals", headers), (answer) => [answer.status, at(answer.json, "error", "code")])

layer(served({ key: Redacted.make("sk-secret") }))("a server with a key", (it) => {
  it.effect("accepts it as a bearer token or in the header api-key", () =>
    Effect.gen(function* () {
      for (const headers of [
        { authorization: "Bearer sk-secret" },
        { authorization: "bearer   sk-secret" },
        { "api-key": "sk-secret" }
      ]) {
        assert.deepStrictEqual(yield* entering(headers), [200, undefined])
      }
    })
  )

  it.effect("refuses any other key, and does not reveal its own", () =>
    Effect.gen(function* () {
      const wrong = ["sk-secre", "sk-secret2", "sk-secreT", "sk-secret sk-secret", "x", "\u00e9", "undefined"]
      for (const given of wrong) {
        assert.deepStrictEqual(yield* entering({ authorization: `Bearer ${given}` }), [401, "invalid_api_key"], given)
        assert.deepStrictEqual(yield* entering({ "api-key": given }), [401, "invalid_api_key"], given)
      }
      for (const headers of [
        {},
        { authorization: "" },
        { authorization: "Bearer" },
        { authorization: "Bearer " },
        { authorization: "sk-secret" },
        { authorization: "Basic sk-secret" },
        { "api-key": "" }
      ]) {
        assert.deepStrictEqual(yield* entering(headers), [401, "invalid_api_key"], JSON.stringify(headers))
      }
      const refused = yield* ask("GET", "/evals", { authorization: "Bearer wrong" })
      assert.strictEqual(refused.headers["www-authenticate"], "Bearer")
      assert.deepStrictEqual(refused.json, {
        error: {
          message: "The key of the request is not this server's.",
          type: "authentication_error",
          param: null,
          code: "invalid_api_key"
        }
      })
    })
  )

  it.effect("requires it on every path, unknown ones included", () =>
    Effect.gen(function* () {
      for (const path of ["/evals/x", "/evals/x/runs/y/events", "/files/x/content", "/none", "/../evaluations/x"]) {
        assert.strictEqual((yield* ask("GET", path)).status, 401, path)
      }
      for (const path of ["/evals", "/evals/x/runs", "/files", "/fine_tuning/alpha/graders/run"]) {
        assert.strictEqual((yield* ask("POST", path, json, "{}")).status, 401, path)
      }
      assert.strictEqual((yield* ask("DELETE", "/evals/x")).status, 401)
    })
  )

  it.effect("answers requests for any host name", () =>
    Effect.gen(function* () {
      const key = { authorization: "Bearer sk-secret" }
      assert.deepStrictEqual(yield* entering({ ...key, host: "evals.example" }), [200, undefined])
      assert.deepStrictEqual(yield* entering({ ...key, origin: "https://app.example" }), [200, undefined])
    })
  )
})

layer(served())("a server without a key", (it) => {
  it.effect("answers requests for names of its own machine", () =>
    Effect.gen(function* () {
      for (const host of [
        "localhost",
        "LOCALHOST:80",
        "app.localhost:4100",
        "127.0.0.1",
        "127.8.8.8:1",
        "[::1]:4100"
      ]) {
        assert.deepStrictEqual(yield* entering({ host }), [200, undefined], host)
      }
    })
  )

  it.effect("refuses all other names, however similar", () =>
    Effect.gen(function* () {
      for (const host of [
        "evil.example",
        "evil.example:4100",
        "127.0.0.1.nip.io",
        "127.0.0.1.nip.io:4100",
        "localhost.evil.example",
        "localhost.",
        "notlocalhost",
        "127.0.0.1:4100:evil.example",
        "127.0.0.1@evil.example",
        "[::1].evil.example",
        "[::]",
        "0.0.0.0",
        "192.168.0.1",
        "2130706433"
      ]) {
        assert.deepStrictEqual(yield* entering({ host }), [403, "host_not_allowed"], host)
      }
      const refused = yield* ask("GET", "/evals", { host: "evil.example" })
      assert.strictEqual(
        at(refused.json, "error", "message"),
        "A server without a key accepts only requests for names of its own machine; this request is for " +
          '"evil.example". Use localhost, or start the server with a key (EVALS_SERVER_KEY).'
      )
    })
  )

  it.effect("prefers the name in the request target to the header, as HTTP requires", () =>
    Effect.gen(function* () {
      const head = "GET http://evil.example/v1/evals HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
      const listening = yield* port
      const answer = yield* Effect.promise(() => converse(listening, head))
      assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n.*"code":"host_not_allowed"/s)
      const nameless = yield* Effect.promise(() => converse(listening, "GET /v1/evals HTTP/1.0\r\n\r\n"))
      assert.match(nameless, /^HTTP\/1\.1 403 Forbidden\r\n.*"code":"host_not_allowed"/s)
    })
  )

  it.effect("refuses pages from elsewhere, for reading and writing", () =>
    Effect.gen(function* () {
      for (const origin of [
        "https://evil.example",
        "http://127.0.0.1.nip.io",
        "http://localhost.evil.example",
        "https://evil.example#localhost",
        "https://localhost@evil.example",
        "null",
        "file://",
        "localhost",
        ""
      ]) {
        assert.deepStrictEqual(yield* entering({ origin }), [403, "origin_not_allowed"], origin)
        const written = yield* ask("POST", "/evals", { ...json, origin }, JSON.stringify(definition()))
        assert.strictEqual(written.status, 403, origin)
      }
      for (const origin of [
        "http://localhost:3000",
        "http://127.0.0.1:5173",
        "http://[::1]",
        "https://app.localhost"
      ]) {
        assert.deepStrictEqual(yield* entering({ origin }), [200, undefined], origin)
      }
      assert.deepStrictEqual(at((yield* ask("GET", "/evals")).json, "data"), [])
    })
  )
})

layer(served({ noAuth: true }))("a server of this machine with noAuth", (it) => {
  it.effect("refuses pages all the same", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* entering({ host: "evals.example" }), [403, "host_not_allowed"])
      assert.deepStrictEqual(yield* entering({ origin: "https://app.example" }), [403, "origin_not_allowed"])
    })
  )
})

layer(served({ noAuth: true, host: "0.0.0.0" }))("a server for other machines with noAuth", (it) => {
  it.effect("answers requests for any host name, and of any page", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* entering({ host: "evals.example" }), [200, undefined])
      assert.deepStrictEqual(yield* entering({ origin: "https://app.example" }), [200, undefined])
    })
  )
})

const started = (options: NodeServer.Options) =>
  Effect.exit(NodeServer.start({ port: 0, ...options })).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))

const refusalOf = (options: NodeServer.Options) =>
  Effect.map(started(options), (exit) =>
    Exit.match(exit, { onSuccess: () => undefined, onFailure: (cause) => at(cause.reasons[0], "error", "message") })
  )

describe("starting", () => {
  it.effect("for other machines requires a key or noAuth", () =>
    Effect.gen(function* () {
      for (const host of ["0.0.0.0", "::", "192.0.2.1", "evals.example"]) {
        assert.strictEqual(
          yield* refusalOf({ host }),
          `Without a key everybody who reaches ${host} could read and write. Set EVALS_SERVER_KEY, listen on ` +
            "127.0.0.1, or use --no-auth."
        )
      }
      assert.isTrue(Exit.isSuccess(yield* started({ host: "0.0.0.0", noAuth: true })))
      assert.isTrue(Exit.isSuccess(yield* started({ host: "0.0.0.0", key: Redacted.make("k") })))
      assert.isTrue(Exit.isSuccess(yield* started({ host: "localhost" })))
    })
  )

  it.effect("with an empty key is refused, on any address", () =>
    Effect.gen(function* () {
      const message = "The key is empty. Set EVALS_SERVER_KEY to one, or do not set it at all."
      assert.strictEqual(yield* refusalOf({ key: Redacted.make("") }), message)
      assert.strictEqual(yield* refusalOf({ host: "0.0.0.0", key: Redacted.make(" ") }), message)
    })
  )

  it.effect("with a key that not every client can send is refused without revealing it", () =>
    Effect.gen(function* () {
      for (const key of [
        "schlüssel",
        "ключ",
        "secret\n",
        " secret",
        "secret ",
        "se\tcret",
        "se\u0001cret",
        "se\u007fcret"
      ]) {
        const message = yield* refusalOf({ key: Redacted.make(key) })
        assert.isTrue(typeof message === "string" && message.startsWith("Not every client can send the key"), key)
        assert.notInclude(message, key.trim())
      }
      for (const key of ["k", "!", "a b", "sk-proj_1~/+="]) {
        assert.isTrue(Exit.isSuccess(yield* started({ key: Redacted.make(key) })), key)
      }
    })
  )

  it.effect("on a port in use fails with a message", () =>
    Effect.gen(function* () {
      const first = yield* NodeServer.start({ port: 0 })
      const taken = Number(new URL(first.url).port)
      const error = yield* Effect.flip(NodeServer.start({ port: taken }))
      assert.strictEqual(error._tag, "ServeError")
      const alive = yield* Effect.promise(() => fetch(`${first.url}/evals`))
      assert.strictEqual(alive.status, 200)
    }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))
  )

  it.effect("an application with an empty key refuses everybody", () =>
    Effect.gen(function* () {
      const app = yield* Server.make({ key: Redacted.make("") })
      const answer = yield* Effect.promise(() =>
        fetchOf(app)("http://localhost/v1/evals", { headers: { "api-key": "" } })
      )
      assert.strictEqual(answer.status, 401)
    }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))
  )
})

layer(served({ readOnly: true }))("a read-only server", (it) => {
  it.effect("refuses every request that writes, and stores nothing", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(definition())
      for (const [method, path] of [
        ["POST", "/evals"],
        ["POST", "/evals/eval_x"],
        ["DELETE", "/evals/eval_x"],
        ["POST", "/evals/eval_x/runs"],
        ["POST", "/evals/eval_x/runs/evalrun_x"],
        ["POST", "/evals/eval_x/runs/evalrun_x/cancel"],
        ["DELETE", "/evals/eval_x/runs/evalrun_x"],
        ["POST", "/files"],
        ["DELETE", "/files/file-x"],
        ["PUT", "/evals/eval_x"],
        ["PATCH", "/evals/eval_x"],
        // what writes nothing is known by the path, and by nothing that stands behind it
        ["POST", "/evals?x=/fine_tuning/alpha/graders/run"],
        ["POST", "/evals?/v1/fine_tuning/alpha/graders/run"],
        ["POST", "/evals;/v1/fine_tuning/alpha/graders/run"],
        ["POST", "/evals;/fine_tuning/alpha/graders/validate"]
      ] as const) {
        const refused = yield* ask(method, path, json, method === "DELETE" ? undefined : body)
        assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [403, "read_only"], path)
      }
      assert.deepStrictEqual(at((yield* ask("GET", "/evals")).json, "data"), [])
      assert.deepStrictEqual(at((yield* ask("GET", "/files")).json, "data"), [])
    })
  )

  it.effect("reads and runs graders", () =>
    Effect.gen(function* () {
      for (const path of ["/evals", "/files"]) assert.strictEqual((yield* ask("GET", path)).status, 200)
      assert.strictEqual((yield* ask("HEAD", "/evals")).status, 200)
      for (const path of ["/evals/eval_x", "/evals/eval_x/runs", "/files/file-x/content"]) {
        assert.strictEqual((yield* ask("GET", path)).status, 404, path)
      }
      const grader = { type: "string_check", name: "g", input: "a", reference: "a", operation: "eq" }
      const ran = yield* ask(
        "POST",
        "/fine_tuning/alpha/graders/run",
        json,
        JSON.stringify({ grader, model_sample: "" })
      )
      assert.deepStrictEqual([ran.status, at(ran.json, "reward")], [200, 1])
      const valid = yield* ask("POST", "/fine_tuning/alpha/graders/validate?x=1", json, JSON.stringify({ grader }))
      assert.strictEqual(valid.status, 200)
    })
  )
})

// a run is made before the server that may not write
it.effect("a read-only server shows the objects that another server of the file creates", () =>
  Effect.gen(function* () {
    const writing = yield* NodeServer.start({ port: 0 })
    const reading = yield* NodeServer.start({ port: 0, readOnly: true })
    const post = (url: string, path: string, body: unknown) =>
      Effect.promise(async () => {
        const answer = await fetch(`${url}${path}`, { method: "POST", headers: json, body: JSON.stringify(body) })
        return { status: answer.status, json: await answer.json() }
      })
    const made = yield* post(writing.url, "/evals", definition())
    const runs = `/evals/${String(at(made.json, "id"))}/runs`
    assert.strictEqual((yield* post(reading.url, runs, over([row(true)]))).status, 403)
    const run = yield* post(writing.url, runs, over([row(true)]))
    assert.strictEqual(run.status, 201)
    const shown = yield* Effect.promise(() => fetch(`${reading.url}${runs}/${String(at(run.json, "id"))}`))
    assert.strictEqual(shown.status, 200)
  }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))
)

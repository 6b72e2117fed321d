/** What the engine answers as a host: lists, limits, and who is let in. */
import { assert, describe, it, layer } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Redacted } from "effect"
import { createEval } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { evaluation, over as fill, store } from "../archive/lib/fill.ts"
import { at, definition, evaluated, over, row, send } from "./lib/engine.ts"

layer(EvalsTest.layer)("serving", (it) => {
  it.effect("lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most", () =>
    Effect.gen(function* () {
      const ids: Array<string> = []
      for (let made = 0; made < 21; made++) ids.push((yield* createEval(definition())).id)
      const page = yield* send("GET", "/evals")
      const { data, ...envelope } = Object(page.json)
      assert.deepStrictEqual(
        [data].flat().map((one) => at(one, "id")),
        ids.slice(0, 20)
      )
      assert.deepStrictEqual(envelope, { object: "list", first_id: ids[0], last_id: ids[19], has_more: true })
      const rest = yield* send("GET", `/evals?after=${ids[19]}`)
      assert.deepStrictEqual([at(rest.json, "first_id"), at(rest.json, "has_more")], [ids[20], false])
      const tooMany = yield* send("GET", "/evals?limit=101")
      assert.deepStrictEqual(at(tooMany.json, "error"), {
        message: 'limit: expected a whole number from 1 to 100, got "101"',
        type: "invalid_request_error",
        param: "limit",
        code: null
      })
    })
  )

  it.effect("sends the changes of a run as events, and announces them with every run", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      const path = `/evals/${evalId}/runs/${run.id}`
      assert.strictEqual((yield* send("GET", path)).headers.get("evals-run-events"), "text/event-stream")
      const events = yield* send("GET", `${path}/events`)
      assert.strictEqual(events.headers.get("content-type"), "text/event-stream")
      const [name, data] = String(events.json).split("\n")
      assert.strictEqual(name, "event: run")
      assert.strictEqual(at(JSON.parse(String(data).slice("data: ".length)), "status"), "completed")
    })
  )

  it.effect("keeps a file's bytes, and lists files newest first", () =>
    Effect.gen(function* () {
      const form = "Content-Disposition: form-data; name="
      const upload = (name: string) =>
        send(
          "POST",
          "/files",
          `--b\r\n${form}"purpose"\r\n\r\nevals\r\n--b\r\n${form}"file"; filename="${name}"\r\n\r\n{"item":{}}\n\r\n--b--\r\n`,
          { "content-type": "multipart/form-data; boundary=b" }
        )
      const first = yield* upload("a.jsonl")
      const second = yield* upload("b.jsonl")
      assert.strictEqual(first.status, 200)
      assert.match(String(at(first.json, "id")), /^file-[0-9a-f]{32}$/)
      assert.deepStrictEqual(
        [at(first.json, "status"), at(first.json, "bytes"), at(first.json, "expires_at"), at(first.json, "purpose")],
        ["processed", 12, null, "evals"]
      )
      const content = yield* send("GET", `/files/${String(at(first.json, "id"))}/content`)
      assert.strictEqual(content.headers.get("content-type"), "application/octet-stream")
      assert.deepStrictEqual(content.json, { item: {} })
      const listed = yield* send("GET", "/files")
      assert.deepStrictEqual(
        [at(listed.json, "data")].flat().map((file) => at(file, "filename")),
        ["b.jsonl", "a.jsonl"]
      )
      assert.strictEqual(at(listed.json, "first_id"), at(second.json, "id"))
    })
  )

  it.effect("refuses what is too large with 413, and says what to do", () =>
    Effect.gen(function* () {
      const made = yield* createEval(definition())
      const limits = { rows: 100, body: 100, file: 100 }
      const rows = over([row(true, { text: "x".repeat(100) })])
      const refused = yield* send("POST", `/evals/${made.id}/runs`, rows, {}, { limits })
      assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [413, "request_too_large"])
      assert.include(String(at(refused.json, "error", "message")), "Upload the rows as a file")
      const definitions = yield* send("POST", "/evals", { ...definition(), name: "x".repeat(100) }, {}, { limits })
      assert.strictEqual(definitions.status, 413)
      const values = yield* send("POST", "/evals", { ...definition(), testing_criteria: Array(100_000).fill(0) })
      assert.strictEqual(values.status, 413)
    })
  )

  it.effect("asks for its key, as a bearer token or as header api-key", () =>
    Effect.gen(function* () {
      const options = { key: Redacted.make("secret") }
      const status = (headers: Readonly<Record<string, string>>) =>
        Effect.map(send("GET", "/evals", undefined, headers, options), (answer) => answer.status)
      assert.strictEqual(yield* status({}), 401)
      assert.strictEqual(yield* status({ authorization: "Bearer wrong" }), 401)
      assert.strictEqual(yield* status({ authorization: "Bearer secret" }), 200)
      assert.strictEqual(yield* status({ "api-key": "secret" }), 200)
    })
  )

  it.effect("answers without a key only under this machine's own names, and no page from elsewhere", () =>
    Effect.gen(function* () {
      const ask = (headers: Readonly<Record<string, string>>) =>
        Effect.map(send("GET", "/evals", undefined, headers, { loopbackOnly: true }), ({ json, status }) => [
          status,
          at(json, "error", "code")
        ])
      assert.deepStrictEqual(yield* ask({ host: "localhost:4100" }), [200, undefined])
      assert.deepStrictEqual(yield* ask({ host: "127.0.0.1:4100" }), [200, undefined])
      assert.deepStrictEqual(yield* ask({ host: "evil.example" }), [403, "host_not_allowed"])
      assert.deepStrictEqual(yield* ask({ origin: "https://evil.example" }), [403, "origin_not_allowed"])
      assert.deepStrictEqual(yield* ask({ origin: "http://localhost:3000" }), [200, undefined])
    })
  )

  it.effect("refuses writes when it serves an archive, but runs graders", () =>
    Effect.gen(function* () {
      const made = yield* createEval(definition())
      const readOnly = { readOnly: true }
      assert.strictEqual((yield* send("GET", `/evals/${made.id}`, undefined, {}, readOnly)).status, 200)
      for (const [method, path] of [
        ["POST", "/evals"],
        ["POST", `/evals/${made.id}`],
        ["DELETE", `/evals/${made.id}`]
      ] as const) {
        const refused = yield* send(method, path, method === "POST" ? definition() : undefined, {}, readOnly)
        assert.deepStrictEqual(refused.json, {
          error: {
            message: "This server is read-only. Start it without --read-only to create runs.",
            type: "permission_error",
            param: null,
            code: "read_only"
          }
        })
        assert.strictEqual(refused.status, 403)
      }
      const grader = { type: "string_check", name: "g", input: "a", reference: "a", operation: "eq" }
      const ran = yield* send("POST", "/fine_tuning/alpha/graders/run", { grader, model_sample: "" }, {}, readOnly)
      assert.deepStrictEqual([ran.status, at(ran.json, "reward")], [200, 1])
    })
  )

  it.effect("names the kind of an id that belongs to another object", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      const swapped = yield* send("GET", `/evals/${run.id}/runs/${evalId}`)
      assert.strictEqual(swapped.status, 404)
      assert.deepStrictEqual(at(swapped.json, "error"), {
        message: `There is no eval ${JSON.stringify(run.id)}. This is the id of a run: were two ids swapped?`,
        type: "not_found_error",
        param: null,
        code: "not_found"
      })
    })
  )
})

describe("listening", () => {
  it.effect("beyond this machine is refused without a key", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(NodeServer.start({ host: "0.0.0.0", port: 0 }))
      assert.strictEqual(refused._tag, "OpenToOthers")
    }).pipe(Effect.scoped, Effect.provide(EvalsTest.layer))
  )
})

const archived = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const filename = `${yield* files.makeTempDirectoryScoped()}/evals.db`
  const body = '{"id":"eval_1","object":"eval", "name":"kept as it was sent","created_at":7,"testing_criteria":[]}'
  yield* fill(filename, store("production", [evaluation("eval_1", body)]))
  return { filename, body }
}).pipe(Effect.provide(NodeServices.layer))

describe("an archive that is served", () => {
  it.effect("is unchanged and read-only; new objects beside it can be changed", () =>
    Effect.gen(function* () {
      const { body, filename } = yield* archived
      yield* Effect.gen(function* () {
        const { json } = yield* send("GET", "/evals/eval_1")
        assert.deepStrictEqual(json, JSON.parse(body))
        for (const method of ["POST", "DELETE"]) {
          const refused = yield* send(method, "/evals/eval_1", method === "POST" ? { name: "new" } : undefined)
          assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [403, "permission_denied"])
          assert.include(String(at(refused.json, "error", "message")), "eval_1 belongs to an archive")
        }
        const made = yield* send("POST", "/evals/eval_1/runs", over([row(true)]))
        assert.strictEqual(made.status, 201)
        const removed = yield* send("DELETE", `/evals/eval_1/runs/${String(at(made.json, "id"))}`)
        assert.strictEqual(removed.status, 200)
      }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
    }).pipe(Effect.scoped)
  )

  it.effect("selects the project that OpenAI-Project names, if the file has several", () =>
    Effect.gen(function* () {
      const { filename } = yield* archived
      yield* fill(filename, store("staging", [evaluation("eval_2")]))
      const names = (project: string) =>
        Effect.map(send("GET", "/evals", undefined, { "openai-project": project }), ({ json }) =>
          [at(json, "data")].flat().map((one) => at(one, "id"))
        )
      const unnamed = yield* Effect.flip(Effect.provide(send("GET", "/evals"), EvalsEngine.layerSqlite({ filename })))
      assert.include(unnamed.message, "holds several projects (production, staging): name the one to serve")
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* names("staging"), ["eval_2"])
        assert.deepStrictEqual(yield* names("unknown"), ["eval_1"])
      }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename, project: "production" })))
    }).pipe(Effect.scoped)
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { downloadFile, EvalId, Upload, uploadFile } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, fileId } from "../support.ts"

const get = (path: string) => HttpClient.get(`http://host${path}`)

describe("a script", () => {
  it.effect("that is a list answers in order, then always with its last reply", () =>
    Effect.gen(function* () {
      const statuses = yield* Effect.forEach([1, 2, 3, 4], () => Effect.map(get("/"), (response) => response.status))
      assert.deepStrictEqual(statuses, [200, 404, 503, 503])
    }).pipe(Effect.provide(ScriptedHttp.layer([{}, { status: 404 }, { status: 503 }])))
  )

  it.effect("that is a function gets the request and its number", () =>
    Effect.gen(function* () {
      yield* get("/a")
      const response = yield* get("/b?x=1")
      assert.deepStrictEqual(yield* response.json, { path: "/b?x=1", query: { x: "1" }, index: 1 })
    }).pipe(Effect.provide(ScriptedHttp.layer(({ path, query }, index) => ({ body: { path, query, index } }))))
  )

  it.effect("that is empty fails with a message", () =>
    Effect.gen(function* () {
      const response = yield* get("/")
      assert.strictEqual(response.status, 500)
      assert.strictEqual(yield* response.text, "the script is empty")
    }).pipe(Effect.provide(ScriptedHttp.layer([])))
  )

  it.effect("starts again with each layer", () =>
    Effect.gen(function* () {
      const status = Effect.map(get("/"), (response) => response.status)
      const script: ScriptedHttp.Script = [{ status: 201 }, { status: 202 }]
      const once = () => status.pipe(Effect.provide(ScriptedHttp.layer(script)))
      assert.deepStrictEqual([yield* once(), yield* once()], [201, 201])
    })
  )
})

describe("an answer", () => {
  it.effect("is JSON for an object or a list, and unchanged for text and bytes", () =>
    Effect.gen(function* () {
      const [object, list, text, bytes, none] = yield* Effect.forEach([1, 2, 3, 4, 5], () => get("/"))
      assert.deepStrictEqual(yield* object?.json ?? Effect.void, { a: 1 })
      assert.include(object?.headers["content-type"], "application/json")
      assert.deepStrictEqual(yield* list?.json ?? Effect.void, [1])
      assert.strictEqual(yield* text?.text ?? Effect.void, '{"half": ')
      const sent = yield* bytes?.arrayBuffer ?? Effect.succeed(new ArrayBuffer())
      assert.deepStrictEqual([...new Uint8Array(sent)], [0, 255])
      assert.strictEqual(yield* none?.text ?? Effect.void, "")
    }).pipe(
      Effect.provide(
        ScriptedHttp.layer([
          { body: { a: 1 } },
          { body: [1] },
          { body: '{"half": ' },
          { body: new Uint8Array([0, 255]) },
          {}
        ])
      )
    )
  )

  it.effect("has the given headers, which replace its own", () =>
    Effect.gen(function* () {
      const response = yield* get("/")
      assert.strictEqual(response.headers["x-request-id"], "req_1")
      assert.strictEqual(response.headers["content-type"], "application/problem+json")
    }).pipe(
      Effect.provide(
        ScriptedHttp.layer([
          { headers: { "X-Request-Id": "req_1", "content-type": "application/problem+json" }, body: {} }
        ])
      )
    )
  )

  it.effect("is delayed on the test's clock", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(get("/"))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
    }).pipe(Effect.provide(ScriptedHttp.layer([{ delay: "5 seconds" }])))
  )

  it.effect("can be a failed connection with a code, after its delay", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(get("/")))
      yield* TestClock.adjust("1 second")
      const { reason } = yield* Fiber.join(fiber)
      assert.strictEqual(reason._tag, "TransportError")
      assert.propertyVal(reason.cause, "code", "ECONNRESET")
      assert.lengthOf(yield* ScriptedHttp.requests, 1)
    }).pipe(Effect.provide(ScriptedHttp.layer([{ failure: "ECONNRESET", delay: "1 second" }])))
  )

  it.effect("is streamed to a download", () =>
    Effect.gen(function* () {
      const text = yield* Stream.mkString(Stream.decodeText(downloadFile(fileId)))
      assert.strictEqual(text, '{"item":{}}\n')
    }).pipe(Effect.provide(client([{ body: '{"item":{}}\n' }])))
  )
})

describe("a recorded request", () => {
  it.effect("has the method, the path, the query, the headers, the body and the time", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("3 seconds")
      yield* HttpClientRequest.post("http://host/v1/evals/a%2Fb?limit=2&x=%26").pipe(
        HttpClientRequest.setHeader("X-Team", "quality"),
        HttpClientRequest.setBody(HttpBody.text('{"name":"x"}', "application/json")),
        HttpClient.execute
      )
      const [request] = yield* ScriptedHttp.requests
      assert.strictEqual(request?.method, "POST")
      assert.strictEqual(request?.path, "/v1/evals/a%2Fb?limit=2&x=%26")
      assert.deepStrictEqual(request?.query, { limit: "2", x: "&" })
      assert.strictEqual(request?.headers["x-team"], "quality")
      assert.strictEqual(request?.headers["content-type"], "application/json")
      assert.strictEqual(request?.body, '{"name":"x"}')
      assert.strictEqual(request?.time, 3000)
    }).pipe(Effect.provide(ScriptedHttp.layer([{}])))
  )

  it.effect("is available before its answer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(get("/"))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* ScriptedHttp.requests, 1)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(ScriptedHttp.layer([{ delay: "1 hour" }])))
  )

  it.effect("has a streamed form as text, and a form with a blob as lines", () =>
    Effect.gen(function* () {
      yield* uploadFile({ file: Upload.fromRows([{ item: { n: 1 } }]), purpose: "evals" })
      yield* uploadFile({ file: Upload.fromBlob(new Blob(["rows"]), { filename: "a.jsonl" }), purpose: "evals" })
      const [streamed, blob] = yield* ScriptedHttp.requests
      assert.include(streamed?.body ?? "", '{"item":{"n":1}}\n')
      assert.strictEqual(blob?.body, "purpose=evals\nfile=a.jsonl rows")
    }).pipe(Effect.provide(client([{ body: WireBuilder.file() }])))
  )

  it.effect("does not change with later requests", () =>
    Effect.gen(function* () {
      yield* get(`/${EvalId.make("a")}`)
      const before = yield* ScriptedHttp.requests
      yield* get("/b")
      assert.lengthOf(before, 1)
      assert.lengthOf(yield* ScriptedHttp.requests, 2)
    }).pipe(Effect.provide(ScriptedHttp.layer([{}])))
  )
})

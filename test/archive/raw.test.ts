import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalId, EvalsClient, FileId, Raw, RunId } from "effect-evals"
import { ScriptedHttp } from "effect-evals/testing"

const evalId = EvalId.make("eval_1")
const runId = RunId.make("evalrun_1")

const host = (body: string | Uint8Array) =>
  EvalsClient.layer({ baseUrl: "http://host/v1" }).pipe(
    Layer.orDie,
    Layer.provideMerge(ScriptedHttp.layer([{ body, headers: { "x-request-id": "req_1" } }]))
  )

const texts = (page: Raw.RawPage) => page.data.map((found) => new TextDecoder().decode(found.bytes))

const one = '{ "id":"a" , "n":12345678901234567890, "n":1.0, "s":"\\ud83d" , "__proto__":{"id":"b"} }'
const page = `\ufeff\n{"has_more" : true,"data":[\n ${one} ,{"id":"b"}]\t}`

describe("raw pages", () => {
  it.effect("contain the bytes of each object and its parsed value", () =>
    Effect.gen(function* () {
      const found = yield* Raw.listEvalsPage({ limit: 2 })
      assert.deepStrictEqual(texts(found), [one, '{"id":"b"}'])
      assert.deepStrictEqual(
        found.data.map(({ id }) => id),
        ["a", "b"]
      )
      assert.strictEqual(found.has_more, true)
      assert.deepStrictEqual(found.data[1]?.value, { id: "b" })
    }).pipe(Effect.provide(host(page)))
  )

  it.effect("are requested with the same parameters as other pages", () =>
    Effect.gen(function* () {
      yield* Raw.listEvalsPage({ limit: 2, after: evalId })
      yield* Raw.listRunsPage(evalId, { order: "desc" })
      yield* Raw.listOutputItemsPage(evalId, runId, { status: "fail", limit: 100 })
      yield* Raw.listFilesPage({ purpose: "evals" })
      assert.deepStrictEqual(
        (yield* ScriptedHttp.requests).map((request) => request.path),
        [
          "/v1/evals?limit=2&after=eval_1",
          "/v1/evals/eval_1/runs?order=desc",
          "/v1/evals/eval_1/runs/evalrun_1/output_items?status=fail&limit=100",
          "/v1/files?purpose=evals"
        ]
      )
    }).pipe(Effect.provide(host('{"data":[],"has_more":false}')))
  )

  it.effect("have the id of their request", () =>
    Effect.gen(function* () {
      const { response } = yield* EvalsClient.withResponse(Raw.listFilesPage())
      assert.strictEqual(response?.requestId, "req_1")
    }).pipe(Effect.provide(host(page)))
  )

  it.effect("are refused if an object has no id or the answer is not a page", () =>
    Effect.gen(function* () {
      const noId = yield* Effect.flip(Effect.provide(Raw.listEvalsPage(), host('{"data":[{"id":1}],"has_more":false}')))
      assert.strictEqual(noId.reason._tag, "DecodeError")
      assert.match(noId.message, /data\[0\]\.id/)
      const noPage = yield* Effect.flip(Effect.provide(Raw.listEvalsPage(), host("<html>")))
      assert.match(noPage.message, /no JSON/)
      const cut = yield* Effect.flip(Effect.provide(Raw.listEvalsPage(), host('{"data":[{"id":"a"}')))
      assert.strictEqual(cut.reason._tag, "DecodeError")
    })
  )
})

describe("raw objects", () => {
  it.effect("are the answer without surrounding white space", () =>
    Effect.gen(function* () {
      const found = yield* Raw.retrieveEval(evalId)
      assert.strictEqual(new TextDecoder().decode(found.bytes), one)
      assert.strictEqual(found.id, "a")
      const file = yield* Raw.single(Raw.retrieveFile(FileId.make("file-1")))
      assert.deepStrictEqual(texts(file), [one])
      assert.strictEqual(file.has_more, false)
    }).pipe(Effect.provide(host(`\ufeff\r\n ${one} \n`)))
  )
})

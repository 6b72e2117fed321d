/** File names and fields of uploads: the same in one's own process and over a socket. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { NodeHttpClient } from "@effect/platform-node"
import { EvalsClient, Upload, uploadFile } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { at, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders } from "./lib/forms.ts"
import { layer as served, openai, Served } from "./lib/served.ts"

const names = [
  'a"b.jsonl',
  "a\rb.jsonl",
  "a\nb.jsonl",
  "a\r\nb.jsonl",
  'a\\"b.jsonl',
  "C:\\rows\\a.jsonl",
  "a\\\\b.jsonl",
  "a\tb.jsonl",
  "Ünï©ode ☃ 😀.jsonl",
  "100% of rows.jsonl",
  "a%2Fb.jsonl",
  "semi;colon=.jsonl"
]

const text = '{"item":{}}\n'

const uploads = (filename: string) => [
  Upload.fromBlob(new Blob([text]), { filename }),
  Upload.fromStream(Stream.succeed(new TextEncoder().encode(text)), { filename })
]

/** The names under which a client stores a file, from a blob and from a stream. */
const stored = (filename: string) =>
  Effect.forEach(uploads(filename), (upload) =>
    Effect.map(uploadFile({ file: upload, purpose: "evals" }), (made) => made.filename)
  )

layer(served())("the name of a file", (it) => {
  it.effect.each(names)("%j is kept by each way to the engine", (filename) =>
    Effect.gen(function* () {
      const { url } = yield* Served
      const overSocket = EvalsClient.layer({ baseUrl: url })
      const kept = [filename, filename]
      assert.deepStrictEqual(yield* Effect.provide(stored(filename), EvalsEngine.layerClient()), kept, "in process")
      for (const transport of [FetchHttpClient.layer, NodeHttpClient.layerUndici]) {
        const client = Layer.provide(overSocket, transport)
        assert.deepStrictEqual(yield* Effect.provide(stored(filename), client), kept, "over a socket")
      }
      // openai-node sends what follows the last slash or backslash
      if (filename.includes("\\")) return
      const client = yield* openai()
      const made = yield* Effect.promise(() =>
        client.files.create({ file: new File([text], filename), purpose: "evals" })
      )
      assert.strictEqual(made.filename, filename, "openai-node")
    })
  )

  it.effect("is decoded in the same way if it looks escaped", () =>
    Effect.gen(function* () {
      const { url } = yield* Served
      const client = Layer.provide(EvalsClient.layer({ baseUrl: url }), FetchHttpClient.layer)
      const here = yield* Effect.provide(stored("a%22b%0Dc%0ad"), EvalsEngine.layerClient())
      assert.deepStrictEqual(here, ['a"b\rc\nd', 'a"b\rc\nd'])
      assert.deepStrictEqual(yield* Effect.provide(stored("a%22b%0Dc%0ad"), client), here)
    })
  )

  it.effect("with a control character is refused by the client and by the server", () =>
    Effect.gen(function* () {
      for (const char of ["\0", "\u0001", "\u001b", "\u007f"]) {
        const error = yield* Effect.flip(Effect.provide(stored(`a${char}b`), EvalsEngine.layerClient()))
        assert.strictEqual(error.reason._tag, "EncodeError")
        assert.match(error.message, /filename: expected a file name without control characters, got one with U\+00/)
      }
      const body = form([field("purpose", "evals"), file(text, "a\u0001b")])
      const answer = yield* send("POST", "/files", body, formHeaders())
      assert.deepStrictEqual([answer.status, at(answer.json, "error", "param")], [400, "file"])
      assert.match(String(at(answer.json, "error", "message")), /A header of a part holds a control character/)
    })
  )
})

layer(EvalsEngine.layerMemory)("a handwritten form", (it) => {
  const purpose = field("purpose", "evals")
  const rows = file(text)
  const post = (...parts: ReadonlyArray<string>) => send("POST", "/files", form(parts), formHeaders())
  const param = (json: unknown) => at(json, "error", "param")

  it.effect.each([
    ['a\\"b', 'a"b'],
    ["a%22b", 'a"b'],
    ["a%0d%0Ab", "a\r\nb"],
    ["a\\b", "a\\b"],
    ["a%5Cb", "a%5Cb"]
  ])("with the file name %j is stored as %j", ([written = "", wanted]) =>
    Effect.gen(function* () {
      assert.strictEqual(at((yield* post(purpose, file(text, written))).json, "filename"), wanted)
    })
  )

  it.effect("may say in one field of JSON when the file expires", () =>
    Effect.gen(function* () {
      const made = yield* post(purpose, field("expires_after", '{"anchor":"created_at","seconds":3600}'), rows)
      assert.strictEqual(made.status, 200)
      assert.strictEqual(Number(at(made.json, "expires_at")) - Number(at(made.json, "created_at")), 3600)
      for (const wrong of ["soon", "7", "null,", '{"anchor":"created_at","seconds":1}', '{"seconds":3600}']) {
        const { json, status } = yield* post(purpose, field("expires_after", wrong), rows)
        assert.strictEqual(status, 400, wrong)
        assert.match(String(param(json)), /^expires_after/, wrong)
      }
    })
  )

  it.effect("with a field twice is refused", () =>
    Effect.gen(function* () {
      const seconds = field("expires_after[seconds]", "3600")
      const whole = field("expires_after", '{"anchor":"created_at","seconds":3600}')
      for (const [parts, named] of [
        [[purpose, purpose, rows], "purpose"],
        [[purpose, rows, field("purpose", "batch")], "purpose"],
        [[purpose, seconds, seconds, rows], "expires_after[seconds]"],
        [[purpose, whole, whole, rows], "expires_after"],
        [[purpose, whole, seconds, rows], "expires_after"]
      ] as const) {
        const { json, status } = yield* post(...parts)
        assert.deepStrictEqual([status, param(json)], [400, named])
        assert.include(String(at(json, "error", "message")), "is sent twice")
      }
      const unknown = yield* post(purpose, field("note", "a"), field("note", "b"), rows)
      assert.strictEqual(unknown.status, 200)
    })
  )
})

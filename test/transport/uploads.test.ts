/** Uploads over real sockets, read by a parser of multipart forms that is not ours. */
import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { Effect, FileSystem, Path, Stream } from "effect"
import { Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { type Exchange, serve, signal } from "./lib/loopback.ts"
import { atOnce, clientOf, eachTransport } from "./lib/transports.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

/** What arrived: the text fields, and the file with what its part says of it. */
interface Arrived {
  readonly fields: Readonly<Record<string, string>>
  readonly filename: string
  readonly contentType: string
  readonly text: string
  readonly length: string | undefined
}

/** A host that reads forms and answers with a file. */
const host = Effect.gen(function* () {
  const arrived: Array<Arrived> = []
  const server = yield* serve(async (exchange: Exchange) => {
    const fields: Record<string, string> = {}
    const files: Array<File> = []
    for (const [name, value] of await exchange.form()) {
      if (typeof value === "string") fields[name] = value
      else files.push(value)
    }
    for (const file of files) {
      arrived.push({
        fields,
        filename: file.name,
        contentType: file.type,
        text: await file.text(),
        length: exchange.request.headers["content-length"]
      })
    }
    await exchange.json(WireBuilder.file())
  })
  return { ...server, arrived }
})

const pieces = (count: number) => Stream.map(Stream.range(1, count), (n) => bytes(`{"item":{"n":${n}}}\n`))
const joined = (count: number) => Array.from({ length: count }, (_, n) => `{"item":{"n":${n + 1}}}\n`).join("")

const awkward = [
  'a "quoted" name.jsonl',
  "line\r\nbreak.jsonl",
  "Ünï©ode ☃ 😀.jsonl",
  "100% of rows.jsonl",
  "semi;colon=.jsonl"
]

eachTransport((it, name) => {
  it.effect("a blob, with its type and an expiry", () =>
    Effect.gen(function* () {
      const server = yield* host
      const blob = new Blob([joined(3)], { type: "application/jsonl" })
      const file = yield* uploadFile({
        file: Upload.fromBlob(blob, { filename: "rows.jsonl" }),
        purpose: "evals",
        expires_after: { anchor: "created_at", seconds: 3600 }
      }).pipe(clientOf(server))
      assert.deepStrictEqual(file, WireBuilder.file())
      const [first] = server.arrived
      assert.deepInclude(first, {
        fields: { purpose: "evals", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600" },
        filename: "rows.jsonl",
        contentType: "application/jsonl",
        text: joined(3)
      })
    })
  )

  it.effect("a file, with its own name", () =>
    Effect.gen(function* () {
      const server = yield* host
      const file = Upload.fromBlob(new File([joined(1)], "chosen.jsonl"))
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      assert.strictEqual(server.arrived[0]?.filename, "chosen.jsonl")
      assert.strictEqual(server.arrived[0]?.contentType, "application/octet-stream")
    })
  )

  it.effect("a stream of unknown size", () =>
    Effect.gen(function* () {
      const server = yield* host
      const file = Upload.fromStream(pieces(1000), { filename: "rows.jsonl", contentType: "application/jsonl" })
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      assert.deepInclude(server.arrived[0], { text: joined(1000), contentType: "application/jsonl", length: undefined })
    })
  )

  it.effect("a stream of known size", () =>
    Effect.gen(function* () {
      const server = yield* host
      const file = Upload.fromStream(pieces(1000), { filename: "rows.jsonl", size: bytes(joined(1000)).byteLength })
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      const [first] = server.arrived
      assert.strictEqual(first?.text, joined(1000))
      // fetch alone decides how it frames a stream
      assert.strictEqual(first?.length === undefined, name === "fetch")
    })
  )

  it.effect("an empty stream", () =>
    Effect.gen(function* () {
      const server = yield* host
      const file = Upload.fromStream(Stream.empty, { filename: "none.jsonl", size: 0 })
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      assert.deepInclude(server.arrived[0], { text: "", filename: "none.jsonl" })
    })
  )

  it.effect("a file on disk", () =>
    Effect.gen(function* () {
      const server = yield* host
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const onDisk = path.join(yield* fs.makeTempDirectoryScoped(), "rows.jsonl")
      yield* fs.writeFileString(onDisk, joined(20_000))
      const file = yield* Upload.fromFile(onDisk)
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      const [first] = server.arrived
      assert.deepInclude(first, { filename: "rows.jsonl", contentType: "application/jsonl" })
      assert.isTrue(first?.text === joined(20_000), "the bytes of the file arrive as they are")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("rows, written as JSONL", () =>
    Effect.gen(function* () {
      const server = yield* host
      const rows = [
        { item: { question: "2 + 2", answer: "4" } },
        { item: { question: "line\nbreak" }, sample: { output_text: "☃" } }
      ]
      yield* uploadFile({ file: Upload.fromRows(Stream.fromIterable(rows)), purpose: "evals" }).pipe(clientOf(server))
      const lines = server.arrived[0]?.text.trimEnd().split("\n") ?? []
      assert.deepStrictEqual(
        lines.map((line) => JSON.parse(line)),
        rows
      )
    })
  )

  it.effect("bytes that look like a boundary", () =>
    Effect.gen(function* () {
      const server = yield* host
      const text = "\r\n--effect-evals-0000\r\n--\r\n\r\n--\r\n"
      const file = Upload.fromStream(Stream.succeed(bytes(text)), { filename: "odd.txt" })
      yield* uploadFile({ file, purpose: "user_data" }).pipe(clientOf(server))
      assert.deepInclude(server.arrived[0], { text, fields: { purpose: "user_data" } })
    })
  )

  it.effect.each(awkward)("the file name %j", (filename) =>
    Effect.gen(function* () {
      const server = yield* host
      const stream = Upload.fromStream(pieces(1), { filename })
      const blob = Upload.fromBlob(new Blob([joined(1)]), { filename })
      yield* uploadFile({ file: stream, purpose: "evals" }).pipe(clientOf(server))
      yield* uploadFile({ file: blob, purpose: "evals" }).pipe(clientOf(server))
      // our own writer and the platform's agree, and nothing of the name ends up in another header or part
      assert.deepStrictEqual(
        server.arrived.map(({ fields, filename, text }) => [fields, filename, text]),
        [
          [{ purpose: "evals" }, filename, joined(1)],
          [{ purpose: "evals" }, filename, joined(1)]
        ]
      )
    })
  )

  it.effect("a media type that holds a line break adds no header", () =>
    Effect.gen(function* () {
      const server = yield* host
      const contentType = 'text/plain; charset="utf-8"\r\ncontent-disposition: form-data; name="purpose"'
      const file = Upload.fromStream(pieces(1), { filename: "rows.jsonl", contentType })
      yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server))
      assert.deepInclude(server.arrived[0], { fields: { purpose: "evals" }, filename: "rows.jsonl", text: joined(1) })
    })
  )

  it.effect.each([
    ["fails", Stream.fail(new Error("row 101 is no JSON"))],
    ["breaks", Stream.die(new Error("row 101 is no JSON"))]
  ] as const)("a source that %s half way ends the upload with its own words", ([, end]) =>
    Effect.gen(function* () {
      const cut = signal()
      let complete = 0
      const server = yield* serve(async ({ body }) => {
        await body().then(
          () => complete++,
          () => cut.resolve()
        )
      })
      const source = Stream.concat(Stream.rechunk(pieces(100), 1), end)
      const file = Upload.fromStream(source, { filename: "rows.jsonl", replayable: true })
      const error = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server, { retry: atOnce }), Effect.flip)
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.include(error.message, "row 101 is no JSON")
      yield* Effect.promise(() => cut.promise)
      assert.strictEqual(complete, 0)
      assert.strictEqual(server.count(), 1)
    })
  )

  it.effect("a file that has gone by the time it is sent", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => {})
      const fs = yield* FileSystem.FileSystem
      const onDisk = yield* fs.makeTempFileScoped()
      yield* fs.writeFileString(onDisk, "gone")
      const file = yield* Upload.fromFile(onDisk)
      yield* fs.remove(onDisk)
      const error = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server), Effect.flip)
      yield* fs.writeFileString(onDisk, "") // for the scope that removes it
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.include(error.message, "NotFound")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  /** Says 429 once, then takes the upload. */
  const busyOnce = Effect.gen(function* () {
    const texts: Array<string> = []
    const server = yield* serve(async ({ form, index, json }) => {
      const part = (await form()).get("file")
      texts.push(typeof part === "string" || part === null ? "no file" : await part.text())
      await (index === 0
        ? json(WireBuilder.error({ message: "slow down" }), 429, { "retry-after-ms": "0" })
        : json(WireBuilder.file()))
    })
    return { ...server, texts }
  })

  it.effect("a source that can be read again is sent again after 429", () =>
    Effect.gen(function* () {
      for (const file of [
        Upload.fromStream(pieces(50), { filename: "rows.jsonl", replayable: true }),
        Upload.fromBlob(new Blob([joined(50)]), { filename: "rows.jsonl" }),
        Upload.fromRows(Array.from({ length: 50 }, (_, n) => ({ item: { n: n + 1 } })))
      ]) {
        const server = yield* busyOnce
        const answer = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server, { retry: atOnce }))
        assert.deepStrictEqual(answer, WireBuilder.file())
        assert.deepStrictEqual(server.texts, [joined(50), joined(50)])
      }
    })
  )

  it.effect("a source that cannot is sent once", () =>
    Effect.gen(function* () {
      function* generated() {
        for (let n = 1; n <= 50; n++) yield { item: { n } }
      }
      for (const file of [
        Upload.fromStream(pieces(50), { filename: "rows.jsonl" }),
        // a second reading of a generator would give no rows
        Upload.fromRows(generated())
      ]) {
        const server = yield* busyOnce
        const error = yield* uploadFile({ file, purpose: "evals" }).pipe(
          clientOf(server, { retry: atOnce }),
          Effect.flip
        )
        assert.strictEqual(error.reason._tag, "RateLimitError")
        assert.deepStrictEqual(server.texts, [joined(50)])
      }
    })
  )

  it.effect("an upload is not repeated where the host may have taken it", () =>
    Effect.gen(function* () {
      const server = yield* serve(async ({ body, json }) => {
        await body()
        await json(WireBuilder.error({ message: "the storage is down" }), 503)
      })
      const file = Upload.fromStream(pieces(50), { filename: "rows.jsonl", replayable: true })
      const error = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(server, { retry: atOnce }), Effect.flip)
      assert.strictEqual(error.reason._tag, "ServerError")
      assert.strictEqual(server.count(), 1)
    })
  )
})

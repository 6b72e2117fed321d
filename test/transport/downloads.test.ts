/** Downloads over real sockets: the bytes as they are, while they come. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { downloadFile, retrieveFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { serve, signal } from "./lib/loopback.ts"
import { atOnce, clientOf, eachTransport, fileId } from "./lib/transports.ts"

const chunk = Buffer.alloc(64 * 1024, "0123456789abcdef")

eachTransport((it) => {
  it.effect("every byte, whatever it is", () =>
    Effect.gen(function* () {
      const all = Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 256))
      const seen: Array<string> = []
      const server = yield* serve(({ request, response }) => {
        seen.push(`${request.method} ${request.url} ${request.headers.accept}`)
        response.writeHead(200, { "content-type": "application/octet-stream" }).end(all)
      })
      const pieces = yield* downloadFile(fileId).pipe(Stream.runCollect, clientOf(server))
      assert.isTrue(Buffer.concat(pieces).equals(all))
      assert.deepStrictEqual(seen, ["GET /v1/files/file-68a4/content application/octet-stream"])
    })
  )

  it.effect("a file that looks like JSON is not parsed", () =>
    Effect.gen(function* () {
      const server = yield* serve(({ response }) => {
        response.writeHead(200, { "content-type": "application/json" }).end('{"item": ')
      })
      const text = yield* downloadFile(fileId).pipe(Stream.decodeText, Stream.mkString, clientOf(server))
      assert.strictEqual(text, '{"item": ')
    })
  )

  it.effect.each([
    ["with a length", 200, { "content-length": "0" }],
    ["in no pieces", 200, { "transfer-encoding": "chunked" }],
    ["without content", 204, {}]
  ] as const)("an empty file, %s", ([, status, headers]) =>
    Effect.gen(function* () {
      const server = yield* serve(({ response }) => {
        response.writeHead(status, headers).end()
      })
      assert.deepStrictEqual(yield* downloadFile(fileId).pipe(Stream.runCollect, clientOf(server)), [])
    })
  )

  it.effect("the first bytes before the last are sent", () =>
    Effect.gen(function* () {
      const rest = signal()
      const server = yield* serve(async ({ response }) => {
        response.write("first\n")
        await rest.promise
        response.end("last\n")
      })
      const lines: Array<string> = []
      yield* downloadFile(fileId).pipe(
        Stream.decodeText,
        Stream.splitLines,
        Stream.runForEach((line) =>
          Effect.sync(() => {
            lines.push(line)
            // only the client that has the first line lets the host go on
            rest.resolve()
          })
        ),
        clientOf(server)
      )
      assert.deepStrictEqual(lines, ["first", "last"])
    })
  )

  it.effect("a large file, no faster than it is read", () =>
    Effect.gen(function* () {
      const count = 1024
      let sent = 0
      let furthest = 0
      const server = yield* serve(async ({ response }) => {
        for (; sent < count; sent++) {
          if (!response.write(chunk)) await once(response, "drain")
        }
        response.end()
      })
      const hash = createHash("sha256")
      let read = 0
      yield* downloadFile(fileId).pipe(
        Stream.runForEach((piece) =>
          Effect.promise(async () => {
            hash.update(piece)
            read += piece.byteLength
            furthest = Math.max(furthest, sent * chunk.byteLength - read)
            // a reader that takes its time
            await new Promise(setImmediate)
          })
        ),
        clientOf(server)
      )
      const expected = createHash("sha256")
      for (let n = 0; n < count; n++) expected.update(chunk)
      assert.strictEqual(read, count * chunk.byteLength)
      assert.strictEqual(hash.digest("hex"), expected.digest("hex"))
      // what is under way waits in the sockets, not in the program
      assert.isBelow(furthest, 16 * 1024 * 1024)
    })
  )

  it.effect("a download that breaks off fails after the bytes that came", () =>
    Effect.gen(function* () {
      const got = signal()
      const server = yield* serve(async ({ response }) => {
        response.writeHead(200, { "content-length": "1000" }).write("half of it")
        await got.promise
        response.destroy()
      })
      let text = ""
      const error = yield* downloadFile(fileId).pipe(
        Stream.decodeText,
        Stream.runForEach((piece) =>
          Effect.sync(() => {
            text += piece
            got.resolve()
          })
        ),
        clientOf(server, { retry: atOnce }),
        Effect.flip
      )
      assert.strictEqual(text, "half of it")
      assert.strictEqual(error.method, "downloadFile")
      assert.strictEqual(error.reason._tag === "ConnectionError" && error.reason.beforeSending, false)
      // bytes were handed on: nothing is downloaded twice behind the program's back
      assert.strictEqual(server.count(), 1)
    })
  )

  it.effect("an error instead of a file is read as an error, and repeated where that helps", () =>
    Effect.gen(function* () {
      const server = yield* serve(({ index, json, response }) =>
        index === 0 ? json(WireBuilder.error({ message: "busy" }), 503) : void response.end("rows")
      )
      const text = yield* downloadFile(fileId).pipe(
        Stream.decodeText,
        Stream.mkString,
        clientOf(server, { retry: atOnce })
      )
      assert.strictEqual(text, "rows")
      assert.strictEqual(server.count(), 2)
    })
  )

  it.effect("a reader that stops lets go of the connection", () =>
    Effect.gen(function* () {
      const closed = signal()
      const server = yield* serve(({ json, response, url }) => {
        if (!url.pathname.endsWith("/content")) return json(WireBuilder.file())
        response.on("close", () => closed.resolve())
        const more = () => {
          while (!response.closed && response.write(chunk)) continue
        }
        response.on("drain", more)
        more()
      })
      yield* Effect.gen(function* () {
        const first = yield* downloadFile(fileId).pipe(Stream.take(1), Stream.runCollect)
        assert.strictEqual(first.length, 1)
        yield* Effect.promise(() => closed.promise)
        // and the client is as good as new
        assert.deepStrictEqual(yield* retrieveFile(fileId), WireBuilder.file())
      }).pipe(clientOf(server))
    })
  )

  it.effect("an interrupted download lets go of the connection", () =>
    Effect.gen(function* () {
      const [under, closed] = [signal(), signal()]
      const server = yield* serve(({ response }) => {
        response.on("close", () => closed.resolve())
        response.write("first")
      })
      const fiber = yield* downloadFile(fileId).pipe(
        Stream.runForEach(() => Effect.sync(() => under.resolve())),
        clientOf(server),
        Effect.forkChild
      )
      yield* Effect.promise(() => under.promise)
      yield* Fiber.interrupt(fiber)
      yield* Effect.promise(() => closed.promise)
    })
  )
})

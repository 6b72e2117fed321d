/** Answers that a host has compressed, whether it was asked to or not. */
import { assert } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { downloadFile, EvalsClient, listRuns, retrieveRun } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { HttpClient } from "effect/http"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib"
import { serve } from "./lib/loopback.ts"
import { atOnce, clientOf, eachTransport, evalId, fileId, runId } from "./lib/transports.ts"

const codings: ReadonlyArray<readonly [name: string, header: string, compress: (text: Buffer | string) => Buffer]> = [
  ["gzip", "gzip", gzipSync],
  ["gzip, written in capitals", "GZIP", gzipSync],
  ["deflate", "deflate", deflateSync],
  ["deflate without its header", "deflate", deflateRawSync],
  ["br", "br", brotliCompressSync],
  ["gzip twice", "gzip, gzip", (text) => gzipSync(gzipSync(text))],
  ["identity", "identity", (text) => Buffer.from(text)]
]

const run = WireBuilder.run({ id: runId, eval_id: evalId, name: "größer" })

/** A host whose answers are compressed whatever the client accepts. */
const compressing = (text: string, header: string, compress: (text: string) => Buffer, status = 200) =>
  serve(({ response }) => {
    const body = compress(text)
    response
      .writeHead(status, {
        "content-type": "application/json",
        "content-encoding": header,
        "content-length": body.length,
        "x-request-id": "req_1"
      })
      .end(body)
  })

eachTransport((it) => {
  it.effect.each(codings)("an answer in %s is read", ([, header, compress]) =>
    Effect.gen(function* () {
      const host = yield* compressing(JSON.stringify(run), header, compress)
      assert.deepStrictEqual(yield* retrieveRun(evalId, runId).pipe(clientOf(host)), run)
    })
  )

  it.effect.each(codings)("an error in %s is read", ([, header, compress]) =>
    Effect.gen(function* () {
      const host = yield* compressing(
        JSON.stringify(WireBuilder.error({ message: "No such run" })),
        header,
        compress,
        404
      )
      const error = yield* retrieveRun(evalId, runId).pipe(clientOf(host), Effect.flip)
      assert.strictEqual(error.reason._tag, "NotFoundError")
      assert.include(error.message, "No such run")
      assert.strictEqual(error.requestId, "req_1")
    })
  )

  it.effect("an error in gzip is read though a client beneath refuses its status", () =>
    Effect.gen(function* () {
      const host = yield* compressing(
        JSON.stringify(WireBuilder.error({ message: "No such run" })),
        "gzip",
        gzipSync,
        404
      )
      const error = yield* retrieveRun(evalId, runId).pipe(
        clientOf(host),
        Effect.updateService(HttpClient.HttpClient, HttpClient.filterStatusOk),
        Effect.flip
      )
      assert.include(error.message, "No such run")
    })
  )

  it.effect("a large file in gzip is downloaded as it was uploaded", () =>
    Effect.gen(function* () {
      const text = Array.from({ length: 200_000 }, (_, index) => `{"item":{"n":${index}}}\n`).join("")
      const host = yield* compressing(text, "gzip", gzipSync)
      const chunks = yield* Stream.runCollect(downloadFile(fileId)).pipe(clientOf(host))
      assert.strictEqual(Buffer.concat(chunks).toString(), text)
      // what is not wanted any more is not read to its end
      const first = yield* downloadFile(fileId).pipe(Stream.take(1), Stream.runCollect, clientOf(host))
      assert.lengthOf(first, 1)
    })
  )

  it.effect("a list in gzip, and an empty file in gzip, end", () =>
    Effect.gen(function* () {
      const page = yield* compressing(JSON.stringify(WireBuilder.page([run])), "gzip", gzipSync)
      assert.lengthOf(yield* Stream.runCollect(listRuns(evalId)).pipe(clientOf(page)), 1)
      const empty = yield* compressing("", "gzip", () => Buffer.alloc(0))
      assert.deepStrictEqual([...(yield* Stream.runCollect(downloadFile(fileId)).pipe(clientOf(empty)))], [])
    })
  )

  it.effect("the client beneath gives decoded answers as well", () =>
    Effect.gen(function* () {
      const host = yield* compressing('{"a":1}', "gzip", gzipSync)
      const text = yield* Effect.gen(function* () {
        const { client } = yield* EvalsClient.EvalsClient
        return yield* Effect.flatMap(client.get("/models"), (response) => response.text)
      }).pipe(clientOf(host))
      assert.strictEqual(text, '{"a":1}')
    })
  )
})

eachTransport((it, name) => {
  it.effect("a truncated answer in gzip is a lost connection, and is asked for again", () =>
    Effect.gen(function* () {
      const host = yield* compressing(JSON.stringify(run), "gzip", (text) => gzipSync(text).subarray(0, 40))
      const error = yield* retrieveRun(evalId, runId, { retry: atOnce }).pipe(clientOf(host), Effect.flip)
      // fetch hands on what it could decompress
      assert.strictEqual(error.reason._tag, name === "fetch" ? "DecodeError" : "ConnectionError")
      assert.strictEqual(host.count(), name === "fetch" ? 1 : 3)
    })
  )

  it.effect("an answer in a coding that the platform does not have names the coding", () =>
    Effect.gen(function* () {
      const host = yield* compressing(JSON.stringify(run), "zstd", zstdCompressSync)
      const answer = yield* Effect.result(retrieveRun(evalId, runId).pipe(clientOf(host)))
      // fetch has formats that streams do not have
      if (answer._tag === "Success") return assert.strictEqual(name, "fetch")
      const { message, reason } = answer.failure
      assert.strictEqual(reason._tag, "DecodeError")
      assert.match(
        message,
        /it is encoded as zstd, which cannot be decoded here \(set the header "accept-encoding" to "identity"/
      )
    })
  )
})

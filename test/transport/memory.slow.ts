/** A large upload is never held in memory; backpressure.test.ts looks at the same without large sizes. */
import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { openAsBlob } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { serve } from "./lib/loopback.ts"
import { clientOf, eachTransport } from "./lib/transports.ts"

const mebibyte = 1024 * 1024
const size = 64 * mebibyte
const piece = 64 * 1024

// what waits for the collector is not held
setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")

/** The bytes that are in use now. Buffers are freed a turn after they are found to be free. */
const held = async (): Promise<number> => {
  for (let round = 0; round < 2; round++) {
    if (typeof collect === "function") collect()
    await new Promise(setImmediate)
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** A host that counts the bytes of a body and keeps none, and measures what the process holds meanwhile. */
const discarding = Effect.gen(function* () {
  const seen = { bytes: 0, most: 0, complete: false }
  const server = yield* serve(async ({ json, request }) => {
    let next = 0
    for await (const chunk of request) {
      seen.bytes += chunk.length
      if (seen.bytes >= next) {
        seen.most = Math.max(seen.most, await held())
        next += 8 * mebibyte
      }
    }
    seen.complete = request.complete
    await json(WireBuilder.file({ bytes: size }))
  })
  return { ...server, seen }
})

// as the documentation of `uploadFile` says: what a redirect could ask for again, Node's fetch keeps
const unrepeated = Effect.provideService(FetchHttpClient.RequestInit, { redirect: "error" })

/** A stream that makes its bytes one piece at a time. */
const pieces = () =>
  Stream.range(1, size / piece).pipe(
    Stream.rechunk(1),
    Stream.map((n) => new Uint8Array(piece).fill(n))
  )

eachTransport((it) => {
  const bounded = Effect.fnUntraced(function* (file: Upload.Upload) {
    const host = yield* discarding
    const before = yield* Effect.promise(held)
    const answer = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(host), unrepeated)
    assert.strictEqual(answer.bytes, size)
    assert.isTrue(host.seen.complete)
    // the form around the bytes takes less than a kibibyte
    assert.isAtLeast(host.seen.bytes, size)
    assert.isBelow(host.seen.bytes, size + 1024)
    assert.isBelow((host.seen.most - before) / mebibyte, 16)
  })

  it.effect("from a stream that makes its bytes", () =>
    bounded(Upload.fromStream(pieces(), { filename: "rows.jsonl" }))
  )

  it.effect("from a file on disk", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* fs.makeTempFileScoped()
      yield* fs.truncate(path, size)
      yield* bounded(yield* Upload.fromFile(path))
      // a file that is opened by the platform, as a browser does it
      yield* bounded(Upload.fromBlob(yield* Effect.promise(() => openAsBlob(path))))
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

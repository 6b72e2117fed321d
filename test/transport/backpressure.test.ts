/** An upload is read as the host takes it. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { serve, signal } from "./lib/loopback.ts"
import { clientOf, eachTransport } from "./lib/transports.ts"

const mebibyte = 1024 * 1024
const size = 64 * mebibyte
const piece = 64 * 1024

/** A stream that makes its bytes one piece at a time. */
const pieces = (made: () => void) =>
  Stream.range(1, size / piece).pipe(
    Stream.rechunk(1),
    Stream.map((n) => {
      made()
      return new Uint8Array(piece).fill(n)
    })
  )

const patient = 60_000

eachTransport((it) => {
  it.effect(
    "an upload is read no faster than the host takes it",
    () =>
      Effect.gen(function* () {
        const go = signal()
        let made = 0
        let taken = 0
        const host = yield* serve(async ({ json, request }) => {
          await go.promise
          for await (const chunk of request) taken += chunk.length
          await json(WireBuilder.file())
        })
        const source = pieces(() => {
          made += piece
        })
        const file = Upload.fromStream(source, { filename: "rows.jsonl" })
        const fiber = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(host), Effect.forkChild)
        // until the source stands still: the host takes nothing yet
        const still = Effect.promise(async () => {
          let turns = 0
          for (let last = 0; turns < 500; last = made) {
            await new Promise(setImmediate)
            turns = made === last && made > 0 ? turns + 1 : 0
          }
        })
        yield* still
        // the buffers of two sockets
        assert.isBelow(made / mebibyte, 32)
        go.resolve()
        yield* Fiber.join(fiber)
        assert.strictEqual(made, size)
        assert.isAtLeast(taken, size)
      }),
    patient
  )
})

/** The time limit of an attempt over real sockets; the test's clock runs it down. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { createRun, retrieveRun, Upload, uploadFile } from "effect-evals"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { serve, signal } from "./lib/loopback.ts"
import { atOnce, clientOf, eachTransport, evalId, fileId, runId } from "./lib/transports.ts"

const params = { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } } as const

eachTransport((it) => {
  it.effect("no answer within two minutes, three times", () =>
    Effect.gen(function* () {
      const arrivals = [signal(), signal(), signal()]
      const closings = [signal(), signal(), signal()]
      const host = yield* serve(({ index, response }) => {
        arrivals[index]?.resolve()
        response.on("close", () => closings[index]?.resolve())
      })
      const fiber = yield* retrieveRun(evalId, runId).pipe(
        clientOf(host, { retry: atOnce }),
        Effect.flip,
        Effect.forkChild
      )
      for (const [index, arrival] of arrivals.entries()) {
        yield* Effect.promise(() => arrival.promise)
        yield* TestClock.adjust("119 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 second")
        // the attempt is given up, its connection too
        yield* Effect.promise(() => closings[index]?.promise ?? Promise.reject(new Error("no such attempt")))
      }
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "TimeoutError")
      assert.include(error.message, "2m")
      assert.strictEqual(host.count(), 3)
    })
  )

  it.effect("a body that trickles counts, after the head has come", () =>
    Effect.gen(function* () {
      const head = signal()
      const host = yield* serve(({ response }) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.write('{"id":')
      })
      const fiber = yield* retrieveRun(evalId, runId).pipe(
        clientOf(host, {
          retry: false,
          timeout: "30 seconds",
          transformClient: HttpClient.tap(() => Effect.sync(() => head.resolve()))
        }),
        Effect.flip,
        Effect.forkChild
      )
      yield* Effect.promise(() => head.promise)
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "TimeoutError")
    })
  )

  it.effect("an upload has ten minutes, and one that the host does not take ends then", () =>
    Effect.gen(function* () {
      const [arrived, closed, over] = [signal(), signal(), signal()]
      const host = yield* serve(async ({ request }) => {
        request.on("close", () => closed.resolve())
        // not one byte of the body is read, so that the source has to wait
        arrived.resolve()
        await over.promise
        // what came is read: only then does a server see that the connection has ended
        request.resume()
      })
      const piece = new Uint8Array(64 * 1024)
      const file = Upload.fromStream(
        Stream.map(Stream.range(1, 10_000), () => piece),
        { filename: "rows.jsonl" }
      )
      const fiber = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(host), Effect.flip, Effect.forkChild)
      yield* Effect.promise(() => arrived.promise)
      yield* TestClock.adjust("9 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "TimeoutError")
      over.resolve()
      yield* Effect.promise(() => closed.promise)
    })
  )

  it.effect("a creation that times out is not sent again", () =>
    Effect.gen(function* () {
      const arrived = signal()
      const host = yield* serve(async ({ body }) => {
        await body()
        arrived.resolve()
      })
      const fiber = yield* createRun(evalId, params).pipe(
        clientOf(host, { retry: atOnce, timeout: "10 seconds" }),
        Effect.flip,
        Effect.forkChild
      )
      yield* Effect.promise(() => arrived.promise)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "TimeoutError")
      assert.strictEqual(host.count(), 1)
    })
  )
})

/** Interruption reaches the socket, except where it would leave a creation unknown. */
import { assert } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { createEval, createRun, executeRun, listRuns, retrieveRun, runGrader, Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { serve, signal } from "./lib/loopback.ts"
import { clientOf, eachTransport, evalId, fileId, runId } from "./lib/transports.ts"

const params = { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } } as const

const run = WireBuilder.run({ id: runId, eval_id: evalId })

const grader = { type: "string_check", name: "same", input: "a", reference: "a", operation: "eq" } as const

/** A host that never answers, and tells when a request has come and when its connection is gone. */
const silent = Effect.gen(function* () {
  const [arrived, closed] = [signal(), signal()]
  const server = yield* serve(({ request, response }) => {
    response.on("close", () => closed.resolve())
    // a server that does not read does not see a connection end
    request.resume()
    arrived.resolve()
  })
  return { ...server, arrived: Effect.promise(() => arrived.promise), closed: Effect.promise(() => closed.promise) }
})

const pieces = Stream.forever(Stream.succeed(new Uint8Array(64 * 1024)))

/** A source without end that holds something open while it is read. */
const heldSource = () => {
  const [opened, released] = [signal(), signal()]
  const handle = Effect.acquireRelease(
    Effect.sync(() => opened.resolve()),
    () => Effect.sync(() => released.resolve())
  )
  return {
    stream: Stream.unwrap(Effect.as(handle, pieces)),
    opened: Effect.promise(() => opened.promise),
    released: Effect.promise(() => released.promise)
  }
}

eachTransport((it) => {
  it.effect("reads, lists, gradings and uploads close their connection", () =>
    Effect.gen(function* () {
      const operations = [
        Effect.asVoid(retrieveRun(evalId, runId)),
        Stream.runDrain(listRuns(evalId)),
        Effect.asVoid(runGrader({ grader, model_sample: "a" })),
        Effect.asVoid(uploadFile({ file: Upload.fromStream(pieces, { filename: "rows.jsonl" }), purpose: "evals" })),
        Effect.asVoid(uploadFile({ file: Upload.fromBlob(new Blob([new Uint8Array(1024)])), purpose: "evals" }))
      ]
      for (const operation of operations) {
        const host = yield* silent
        const fiber = yield* operation.pipe(clientOf(host), Effect.forkChild)
        yield* host.arrived
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        yield* host.closed
        assert.strictEqual(host.count(), 1)
      }
    })
  )

  it.effect("an interrupted upload lets go of its source", () =>
    Effect.gen(function* () {
      const host = yield* silent
      const source = heldSource()
      const file = Upload.fromStream(source.stream, { filename: "rows.jsonl" })
      const fiber = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(host), Effect.forkChild)
      yield* source.opened
      yield* Fiber.interrupt(fiber)
      yield* source.released
    })
  )

  it.effect("an upload that the host refuses at once lets go of its source", () =>
    Effect.gen(function* () {
      const source = heldSource()
      const host = yield* serve(({ response }) => {
        // answered before the body has come
        response.writeHead(401, { "content-type": "application/json" })
        response.end(JSON.stringify(WireBuilder.error({ message: "wrong key" })))
      })
      const file = Upload.fromStream(source.stream, { filename: "rows.jsonl" })
      const error = yield* uploadFile({ file, purpose: "evals" }).pipe(clientOf(host), Effect.flip)
      assert.strictEqual(error.reason._tag, "AuthenticationError")
      yield* source.released
    })
  )

  it.effect("createRun and createEval are carried through", () =>
    Effect.gen(function* () {
      const operations = [
        { operation: Effect.asVoid(createRun(evalId, params)), answer: run },
        {
          operation: Effect.asVoid(createEval({ data_source_config: { type: "logs" }, testing_criteria: [grader] })),
          answer: WireBuilder.evaluation()
        }
      ]
      for (const { answer, operation } of operations) {
        const [arrived, go] = [signal(), signal()]
        let connection = "open"
        const host = yield* serve(async ({ body, json, response }) => {
          await body()
          response.on("close", () => (connection = response.writableFinished ? "answered" : "cut"))
          arrived.resolve()
          await go.promise
          await json(answer, 201)
        })
        const fiber = yield* operation.pipe(clientOf(host), Effect.forkChild)
        yield* Effect.promise(() => arrived.promise)
        const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
        // the interruption waits for the host, which waits for this
        yield* Effect.promise(() => new Promise(setImmediate))
        assert.isUndefined(fiber.pollUnsafe())
        go.resolve()
        yield* Fiber.join(interruption)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.strictEqual(connection, "answered")
      }
    })
  )

  it.effect("an interrupted executeRun cancels the run that was being created", () =>
    Effect.gen(function* () {
      const [arrived, go] = [signal(), signal()]
      const paths: Array<string> = []
      const host = yield* serve(async ({ body, json, request, url }) => {
        await body()
        paths.push(`${request.method} ${url.pathname}`)
        arrived.resolve()
        await go.promise
        await json(url.pathname.endsWith("/cancel") ? { ...run, status: "canceled" } : run, 201)
      })
      const fiber = yield* executeRun(evalId, params).pipe(clientOf(host), Effect.forkChild)
      yield* Effect.promise(() => arrived.promise)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
      go.resolve()
      yield* Fiber.join(interruption)
      assert.deepStrictEqual(paths, [`POST /v1/evals/${evalId}/runs`, `POST /v1/evals/${evalId}/runs/${runId}/cancel`])
    })
  )
})

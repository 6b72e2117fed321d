/** Connections that fail: what is said of them, and what is sent again. */
import { assert } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  createEval,
  createRun,
  downloadFile,
  type EvalsClient,
  listRuns,
  retrieveRun,
  Upload,
  uploadFile
} from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { HttpClient } from "effect/http"
import { createServer } from "node:net"
import { type Exchange, nobody, serve } from "./lib/loopback.ts"
import { atOnce, clientOf, eachTransport, evalId, fileId, runId } from "./lib/transports.ts"

const params = { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } } as const

const run = WireBuilder.run({ id: runId, eval_id: evalId })

const rows = { file: Upload.fromRows([{ item: { n: 1 } }]), purpose: "evals" } as const

/** Counts the attempts of a client. */
const counted = () => {
  const counter = { attempts: 0 }
  const transformClient: EvalsClient.Options["transformClient"] = HttpClient.mapRequest((request) => {
    counter.attempts++
    return request
  })
  return { counter, transformClient }
}

const grader = { type: "string_check", name: "same", input: "a", reference: "a", operation: "eq" } as const

eachTransport((it) => {
  it.effect("nobody listens: certainly not sent, so that creations are tried again too", () =>
    Effect.gen(function* () {
      const baseUrl = yield* nobody
      const operations = [
        Effect.asVoid(retrieveRun(evalId, runId)),
        Effect.asVoid(createRun(evalId, params)),
        Effect.asVoid(createEval({ data_source_config: { type: "logs" }, testing_criteria: [grader] })),
        Effect.asVoid(uploadFile(rows))
      ]
      for (const operation of operations) {
        const { counter, transformClient } = counted()
        const error = yield* operation.pipe(clientOf({ baseUrl }, { retry: atOnce, transformClient }), Effect.flip)
        const { reason } = error
        assert.isTrue(reason._tag === "ConnectionError" && reason.beforeSending)
        assert.strictEqual(reason._tag === "ConnectionError" && reason.code, "ECONNREFUSED")
        assert.include(error.message, new URL(baseUrl).origin)
        assert.strictEqual(counter.attempts, 3)
      }
    })
  )

  /** Cuts the first connection at some point of its request or answer. */
  const cutting = (cut: (exchange: Exchange) => Promise<void> | void) =>
    serve((exchange) => (exchange.index === 0 ? cut(exchange) : exchange.json(run)))

  const cuts: ReadonlyArray<readonly [where: string, cut: (exchange: Exchange) => Promise<void> | void]> = [
    [
      "before an answer",
      async ({ body, response }) => {
        await body()
        response.destroy()
      }
    ],
    [
      "in the head of the answer",
      async ({ body, response }) => {
        await body()
        response.socket?.end("HTTP/1.1 200 OK\r\ncontent-ty")
      }
    ],
    [
      "in the body of the answer",
      async ({ body, response }) => {
        await body()
        response.writeHead(200, { "content-length": "1000" })
        await new Promise<void>((resolve) => response.write('{"id":', () => resolve()))
        response.destroy()
      }
    ],
    [
      "in a chunked body",
      async ({ body, response }) => {
        await body()
        await new Promise<void>((resolve) => response.write('{"id":', () => resolve()))
        response.destroy()
      }
    ]
  ]

  for (const [where, cut] of cuts) {
    it.effect(`lost ${where}: a read is tried again, a creation is not`, () =>
      Effect.gen(function* () {
        const reading = yield* cutting(cut)
        assert.deepStrictEqual(yield* retrieveRun(evalId, runId).pipe(clientOf(reading, { retry: atOnce })), run)
        assert.strictEqual(reading.count(), 2)

        const creating = yield* cutting(cut)
        const error = yield* createRun(evalId, params).pipe(clientOf(creating, { retry: atOnce }), Effect.flip)
        assert.strictEqual(error.reason._tag === "ConnectionError" && error.reason.beforeSending, false)
        assert.strictEqual(creating.count(), 1)
      })
    )
  }

  it.effect("a creation is tried again with its key where the host recognises it", () =>
    Effect.gen(function* () {
      const keys: Array<unknown> = []
      const host = yield* serve(async ({ body, index, json, request, response }) => {
        await body()
        keys.push(request.headers["idempotency-key"])
        await (index === 0 ? response.destroy() : json(run, 201))
      })
      const created = yield* createRun(evalId, params).pipe(clientOf(host, { retry: atOnce, idempotentCreates: true }))
      assert.deepStrictEqual(created, run)
      assert.lengthOf(keys, 2)
      assert.strictEqual(keys[0], keys[1])
      assert.match(String(keys[0]), /^effect-evals-[0-9a-f]{32}$/)
    })
  )

  it.effect("a list that loses one page gives all its items once", () =>
    Effect.gen(function* () {
      const second = WireBuilder.run({ id: runId, name: "second" })
      const host = yield* serve(({ index, json, response, url }) => {
        if (index === 1) return void response.destroy()
        const first = WireBuilder.run()
        return json(url.searchParams.has("after") ? WireBuilder.page([second]) : WireBuilder.page([first], true))
      })
      const runs = yield* listRuns(evalId).pipe(Stream.runCollect, clientOf(host, { retry: atOnce }))
      assert.deepStrictEqual(runs, [WireBuilder.run(), second])
      assert.strictEqual(host.count(), 3)
    })
  )

  it.effect("an answer that is no HTTP", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer(
            (socket) =>
              void socket
                .resume()
                .on("error", () => {})
                .end("220 mail.example ESMTP\r\n")
          )
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
      )
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      const error = yield* retrieveRun(evalId, runId).pipe(
        clientOf({ baseUrl: `http://127.0.0.1:${port}/v1` }, { retry: false }),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag === "ConnectionError" && error.reason.beforeSending, false)
    })
  )

  it.effect("a status that the application's own client refuses keeps its body", () =>
    Effect.gen(function* () {
      const host = yield* serve(async ({ body, json }) => {
        await body()
        await json(WireBuilder.error({ message: "there is none", code: "missing" }), 404)
      })
      const operations = [
        Effect.asVoid(retrieveRun(evalId, runId)),
        Effect.asVoid(uploadFile(rows)),
        Stream.runDrain(downloadFile(fileId))
      ]
      for (const operation of operations) {
        const error = yield* operation.pipe(
          clientOf(host, { retry: atOnce, transformClient: HttpClient.filterStatusOk }),
          Effect.flip
        )
        assert.strictEqual(error.reason._tag === "NotFoundError" && error.reason.code, "missing")
      }
      assert.strictEqual(host.count(), operations.length)
    })
  )

  it.effect("an answer that is no JSON", () =>
    Effect.gen(function* () {
      const host = yield* serve(({ response }) => void response.end("<html>Welcome to the proxy</html>"))
      const error = yield* retrieveRun(evalId, runId).pipe(clientOf(host), Effect.flip)
      assert.strictEqual(error.reason._tag === "DecodeError" && error.reason.body, "<html>Welcome to the proxy</html>")
      assert.strictEqual(host.count(), 1)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option, Redacted, Stream, type Tracer } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { cancelRun, downloadFile, EvalsClient, listRuns, retrieveEval, Retry } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, fileId, lines, runId } from "./support.ts"
import { withSpans } from "./support/spans.ts"

const apiKey = Redacted.make("the-key")
const evaluation = { body: WireBuilder.evaluation() }

describe("transformClient", () => {
  it.effect("sees each attempt as it is sent, retries among them", () => {
    const seen: Array<string> = []
    const transformClient = HttpClient.tapRequest((request) => Effect.sync(() => seen.push(request.url)))
    return Effect.gen(function* () {
      yield* elapse(retrieveEval(evalId))
      assert.deepStrictEqual(seen, ["http://host/v1/evals/eval_1", "http://host/v1/evals/eval_1"])
    }).pipe(Effect.provide(client([{ status: 500 }, evaluation], { transformClient })))
  })

  it.effect("may change the request", () =>
    Effect.gen(function* () {
      yield* retrieveEval(evalId)
      const [request] = yield* ScriptedHttp.requests
      assert.strictEqual(request?.headers["x-signed"], "yes")
    }).pipe(
      Effect.provide(
        client([evaluation], { transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("x-signed", "yes")) })
      )
    )
  )
})

describe("withResponse", () => {
  it.effect("gives the status, the headers and the host's id of the request", () =>
    Effect.gen(function* () {
      const { data, response } = yield* EvalsClient.withResponse(retrieveEval(evalId))
      assert.strictEqual(data.id, "eval_1")
      assert.strictEqual(response?.status, 201)
      assert.strictEqual(response?.requestId, "req_7")
      assert.strictEqual(response?.headers["x-ratelimit-remaining-requests"], "9")
    }).pipe(
      Effect.provide(
        client([
          { ...evaluation, status: 201, headers: { "X-Request-Id": "req_7", "X-RateLimit-Remaining-Requests": "9" } }
        ])
      )
    )
  )

  it.effect("gives the last answer of a request that was sent again, and of several requests", () =>
    Effect.gen(function* () {
      const retried = yield* elapse(EvalsClient.withResponse(retrieveEval(evalId)))
      assert.strictEqual(retried.response?.requestId, "req_2")
      const both = yield* EvalsClient.withResponse(Effect.andThen(retrieveEval(evalId), retrieveEval(evalId)))
      assert.strictEqual(both.response?.requestId, "req_4")
    }).pipe(
      Effect.provide(
        client((_, index) => ({
          ...evaluation,
          status: index === 0 ? 500 : 200,
          headers: { "x-request-id": `req_${index + 1}` }
        }))
      )
    )
  )

  it.effect("gives none for an effect that sends nothing, and one to each of two that are nested", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* EvalsClient.withResponse(Effect.succeed(1)), { data: 1, response: undefined })
      const nested = yield* EvalsClient.withResponse(EvalsClient.withResponse(retrieveEval(evalId)))
      assert.strictEqual(nested.response?.status, 200)
      assert.strictEqual(nested.data.response?.status, 200)
    }).pipe(Effect.provide(client([evaluation])))
  )
})

describe("the way out", () => {
  it.effect("a relative path has the address and the key, with or without a slash", () =>
    Effect.gen(function* () {
      const { client: http } = yield* EvalsClient.EvalsClient
      yield* http.get("/models?x=1")
      yield* http.get("models")
      const requests = yield* ScriptedHttp.requests
      assert.deepStrictEqual(yield* lines, ["GET /v1/models?x=1", "GET /v1/models"])
      assert.isTrue(requests.every((request) => request.headers["authorization"] === "Bearer the-key"))
    }).pipe(Effect.provide(client([{ body: {} }], { apiKey })))
  )

  it.effect("a whole URL is sent as it is, without the key and the headers", () =>
    Effect.gen(function* () {
      const { client: http } = yield* EvalsClient.EvalsClient
      yield* http.get("https://elsewhere.example/a")
      yield* http.get("HTTP://host/v1/models")
      const requests = yield* ScriptedHttp.requests
      assert.deepStrictEqual(
        requests.map((request) => [request.path, request.headers]),
        [
          ["/a", {}],
          ["/v1/models", {}]
        ]
      )
    }).pipe(Effect.provide(client([{ body: {} }], { apiKey, organization: "org-1", headers: { "x-team": "quality" } })))
  )

  it.effect("an address without a scheme never carries the key away", () =>
    Effect.gen(function* () {
      const { client: http } = yield* EvalsClient.EvalsClient
      yield* Effect.exit(http.get("//elsewhere.example/a"))
      const requests = yield* ScriptedHttp.requests
      assert.isTrue(requests.every((request) => request.headers["authorization"] === undefined))
    }).pipe(Effect.provide(client([{ body: {} }], { apiKey })))
  )
})

describe("downloads", () => {
  it.effect("are streamed, retried before the first byte, and may be empty", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array([0, 255, 10, 123])
      const collect = Stream.runCollect(downloadFile(fileId))
      const full = yield* elapse(collect).pipe(Effect.provide(client([{ status: 503 }, { body: bytes }])))
      assert.deepStrictEqual(
        full.flatMap((piece) => [...piece]),
        [...bytes]
      )
      const empty = yield* collect.pipe(Effect.provide(client([{ status: 200 }])))
      assert.deepStrictEqual(
        empty.flatMap((piece) => [...piece]),
        []
      )
    })
  )
})

describe("spans", () => {
  it.effect("one for the operation, with its ids and how often it was sent again", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      yield* elapse(Effect.withSpan(cancelRun(evalId, runId), "program"))
      const [program, operation, ...rest] = spans
      assert.lengthOf(rest, 0)
      assert.strictEqual(operation?.name, "EvalsClient.cancelRun")
      assert.strictEqual(operation?.kind, "client")
      assert.deepStrictEqual(
        operation?.attributes,
        new Map<string, unknown>([
          ["http.request.method", "POST"],
          ["evalId", "eval_1"],
          ["runId", "evalrun_1"],
          ["http.request.resend_count", 2]
        ])
      )
      assert.strictEqual(Option.getOrUndefined(operation?.parent ?? Option.none()), program)
      assert.isTrue(operation?.status._tag === "Ended" && Exit.isSuccess(operation.status.exit))
    }).pipe(Effect.provide(client([{ status: 500 }, { status: 503 }, { body: WireBuilder.run() }])), (effect) =>
      withSpans(effect, spans)
    )
  })

  it.effect("an operation that fails ends its span with its error", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const error = yield* failure(Stream.runDrain(listRuns(evalId)).pipe(Retry.withPolicy(Retry.none)))
      const status = spans.find((span) => span.name === "EvalsClient.listRuns")?.status
      assert.isTrue(status?._tag === "Ended" && Exit.isFailure(status.exit))
      assert.strictEqual(
        status?._tag === "Ended" ? Option.getOrUndefined(Exit.findErrorOption(status.exit)) : undefined,
        error
      )
    }).pipe(Effect.provide(client([{ status: 404 }])), (effect) => withSpans(effect, spans))
  })
})

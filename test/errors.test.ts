import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Redacted, Schema } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { EvalId, EvalsClient, EvalsError, listEvalsPage, retrieveEval, retrieveRun } from "effect-evals"
import { type ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, evalId, failure, runId } from "./support.ts"

/** The error for an answer to `retrieveEval`. */
const errorFor = (reply: ScriptedHttp.Reply, options: EvalsClient.Options = {}) =>
  failure(retrieveEval(evalId)).pipe(Effect.provide(client([reply], { retry: false, ...options })))

const keyed: EvalsClient.Options = { apiKey: Redacted.make("sk-test") }

/** The field of a reason, for reasons that may not have it. */
const field = (error: EvalsError.EvalsError, name: string): unknown =>
  Object.entries(error.reason).find(([key]) => key === name)?.[1]

describe("an answer that is no success", () => {
  it.effect.each([
    [400, "BadRequestError", false],
    [401, "AuthenticationError", false],
    [402, "StatusError", false],
    [403, "PermissionDeniedError", false],
    [404, "NotFoundError", false],
    [408, "StatusError", true],
    [409, "ConflictError", true],
    [418, "StatusError", false],
    [422, "UnprocessableEntityError", false],
    [429, "RateLimitError", true],
    [500, "ServerError", true],
    [503, "ServerError", true],
    [599, "ServerError", true],
    [302, "StatusError", false],
    [304, "StatusError", false]
  ] as const)("status %d is a %s", ([status, tag, retryable]) =>
    Effect.gen(function* () {
      const error = yield* errorFor({
        status,
        headers: { "x-request-id": "req_7", "retry-after": "2.5" },
        body: WireBuilder.error({ message: "no", type: "some_error", param: "metadata", code: "some_code" })
      })
      assert.strictEqual(error._tag, "EvalsError")
      assert.strictEqual(error.method, "retrieveEval")
      assert.strictEqual(error.reason._tag, tag)
      assert.strictEqual(error.status, status)
      assert.strictEqual(error.requestId, "req_7")
      assert.deepStrictEqual(error.retryAfter, Duration.millis(2500))
      assert.strictEqual(error.isRetryable, retryable)
      assert.strictEqual(field(error, "code"), "some_code")
      assert.strictEqual(field(error, "param"), "metadata")
      assert.strictEqual(field(error, "type"), "some_error")
      assert.isUndefined(field(error, "body"))
    })
  )

  it.effect.each([
    [401, {}, "retrieveEval: 401 no (check the API key (option apiKey, or OPENAI_API_KEY))"],
    [404, {}, "retrieveEval: 404 no (check the id, and that it belongs to the project of the key)"],
    [429, { "retry-after": "90" }, "retrieveEval: 429 no (try again in 1m 30s)"],
    [429, {}, "retrieveEval: 429 no (send fewer requests, or check the quota)"],
    [500, { "x-request-id": "req_7" }, "retrieveEval: 500 no (the host failed; try again later) [request req_7]"],
    [503, { "x-should-retry": "false" }, "retrieveEval: 503 no"],
    [
      429,
      { "x-should-retry": "false", "retry-after": "90" },
      "retrieveEval: 429 no (send fewer requests, or check the quota)"
    ],
    [400, { "x-request-id": "req_7" }, "retrieveEval: 400 no [request req_7]"]
  ] as const)("says what to do about status %d", ([status, headers, message]) =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status, headers, body: WireBuilder.error({ message: "no" }) }, keyed)
      assert.strictEqual(error.message, message)
    })
  )

  it.effect("has its detail and its advice as fields of the reason", () =>
    Effect.gen(function* () {
      const headers = { "x-request-id": "req_7" }
      const advised = yield* errorFor({ status: 500, headers, body: WireBuilder.error({ message: "no" }) })
      assert.deepStrictEqual([advised.reason.detail, advised.reason.advice], ["no", "the host failed; try again later"])
      const bare = yield* errorFor({ status: 400, headers, body: WireBuilder.error({ message: "no" }) })
      assert.strictEqual(bare.reason.detail, "no")
      assert.notProperty(bare.reason, "advice")
    })
  )

  it.effect("says nothing of a key to a client that sends none", () =>
    Effect.gen(function* () {
      const said = (status: number, options: EvalsClient.Options = {}) =>
        Effect.map(errorFor({ status, body: "no" }, options), ({ message }) => message)
      assert.strictEqual(yield* said(403), "retrieveEval: 403 no")
      assert.strictEqual(yield* said(404), "retrieveEval: 404 no (check the id)")
      assert.match(yield* said(401), /check the API key/)
      for (const options of [
        keyed,
        { ...keyed, azure: {} },
        { headers: { Authorization: Redacted.make("Basic dXNlcjpwYXNz") } }
      ]) {
        assert.match(yield* said(404, options), /the project of the key/)
      }
    })
  )

  it.effect("says of a 403 that the hosted service takes no writes", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 403, body: WireBuilder.error({ message: "no" }) }, keyed)
      assert.match(error.message, /took no writes to evals after 2026-10-31/)
    })
  )

  it.effect("has the request's id from Azure's headers too", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* errorFor({ status: 400, headers: { "apim-request-id": "a" } })).requestId, "a")
      assert.strictEqual((yield* errorFor({ status: 400, headers: { "x-ms-request-id": "b" } })).requestId, "b")
      assert.isUndefined((yield* errorFor({ status: 400 })).requestId)
    })
  )
})

describe("the forms of an error's body", () => {
  it.effect("OpenAI's, with fields that are null", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 404, body: WireBuilder.error({ message: "no such eval" }) })
      assert.include(error.message, "404 no such eval")
      assert.isUndefined(field(error, "code"))
      assert.isUndefined(field(error, "param"))
    })
  )

  it.effect("Azure's, without the wrapper and with a number for a code", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 404, body: { code: 404, message: "Resource not found" } })
      assert.include(error.message, "404 Resource not found")
      assert.strictEqual(field(error, "code"), "404")
      assert.isUndefined(field(error, "body"))
    })
  )

  it.effect("a plain text for the error", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 400, body: { error: "unknown model" } })
      assert.include(error.message, "400 unknown model")
    })
  )

  it.effect.each([
    ["a list", [1, 2], "[1,2]"],
    ["null", "null", "null"],
    ["an object of another form", { detail: "Not Found" }, '{"detail":"Not Found"}'],
    ["an error without a message", { error: { code: "x" } }, '{"error":{"code":"x"}}'],
    ["an empty message", { error: { message: "" } }, '{"error":{"message":""}}'],
    ["plain text", "upstream connect error", "upstream connect error"]
  ] as const)("%s is shown as it is, and kept", ([, body, text]) =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 400, body })
      assert.strictEqual(error.message, `retrieveEval: 400 ${text}`)
      assert.strictEqual(field(error, "body"), text)
    })
  )

  it.effect("a page of a proxy is readable, and kept", () =>
    Effect.gen(function* () {
      const html = `<!doctype html><html><head><title>502</title><style>p { color: red }</style></head>
        <body><h1>Bad Gateway</h1><p>The proxy got no answer.</p><script>track()</script></body></html>`
      const error = yield* errorFor({ status: 502, body: html })
      assert.match(error.message, /^retrieveEval: 502 Bad Gateway The proxy got no answer\. \(/)
      assert.strictEqual(field(error, "body"), html)
    })
  )

  it.effect("a long body is cut: in the message, and at 16 KiB where it is kept", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 502, body: "word ".repeat(20_000) })
      assert.isBelow(error.message.length, 300)
      assert.strictEqual(String(field(error, "body")).length, 16 * 1024)
    })
  )

  it.effect("no body at all is said to be none", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ status: 400 })
      assert.strictEqual(error.message, "retrieveEval: 400 no further words")
      assert.strictEqual(field(error, "body"), "")
    })
  )
})

describe("a success that cannot be read", () => {
  it.effect("no JSON: a DecodeError with the body, and a hint at the address", () =>
    Effect.gen(function* () {
      const error = yield* errorFor({ headers: { "x-request-id": "req_7" }, body: "<html>sign in</html>" })
      assert.strictEqual(error.reason._tag, "DecodeError")
      assert.strictEqual(error.status, 200)
      assert.strictEqual(error.requestId, "req_7")
      assert.isUndefined(field(error, "path"))
      assert.strictEqual(field(error, "body"), "<html>sign in</html>")
      assert.match(
        error.message,
        /it is no JSON .* \(check that baseUrl is the address of an Evals API\) \[request req_7\]$/
      )
    })
  )

  it.effect("an empty body, or half of one, is no JSON", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* errorFor({ status: 200 })).reason._tag, "DecodeError")
      const half = JSON.stringify(WireBuilder.evaluation()).slice(0, 100)
      assert.strictEqual((yield* errorFor({ body: half })).reason._tag, "DecodeError")
    })
  )

  it.effect.each([
    ["a wrong type", { ...WireBuilder.evaluation(), created_at: "yesterday" }, "created_at"],
    ["a wrong type deep inside", { ...WireBuilder.evaluation(), metadata: { team: 7 } }, "metadata.team"],
    ["a missing field", { id: "eval_1", object: "eval" }, "name"],
    ["another object", WireBuilder.run(), "object"],
    ["a list", [], ""]
  ] as const)("%s: a DecodeError with the path, the request's id and the body", ([, body, path]) =>
    Effect.gen(function* () {
      const error = yield* errorFor({ headers: { "x-request-id": "req_7" }, body })
      assert.strictEqual(error.reason._tag, "DecodeError")
      assert.strictEqual(field(error, "path"), path)
      assert.strictEqual(error.requestId, "req_7")
      assert.strictEqual(field(error, "body"), JSON.stringify(body))
      assert.include(error.message, path)
    })
  )

  it.effect("in a list: the path names the item, and the body is cut at 16 KiB", () =>
    Effect.gen(function* () {
      const broken = { ...WireBuilder.evaluation(), created_at: null }
      const page = WireBuilder.page([...Array.from({ length: 40 }, () => WireBuilder.evaluation()), broken])
      const error = yield* failure(listEvalsPage()).pipe(Effect.provide(client([{ body: page }])))
      assert.strictEqual(error.method, "listEvalsPage")
      assert.strictEqual(field(error, "path"), "data[40].created_at")
      assert.strictEqual(String(field(error, "body")).length, 16 * 1024)
    })
  )
})

describe("no answer", () => {
  it.effect.each([
    ["ECONNREFUSED", true],
    ["ENOTFOUND", true],
    ["EAI_AGAIN", true],
    ["UND_ERR_CONNECT_TIMEOUT", true],
    ["ECONNRESET", false],
    ["EPIPE", false],
    ["UND_ERR_SOCKET", false]
  ] as const)("%s is a ConnectionError that says whether anything was sent", ([code, beforeSending]) =>
    Effect.gen(function* () {
      const error = yield* errorFor({ failure: code })
      assert.strictEqual(error.reason._tag, "ConnectionError")
      assert.strictEqual(field(error, "code"), code)
      assert.strictEqual(field(error, "beforeSending"), beforeSending)
      assert.strictEqual(error.message, `retrieveEval: cannot reach http://host: ${code}`)
      assert.isTrue(error.isRetryable)
      assert.isUndefined(error.status)
    })
  )
})

describe("what a transport says of a failure", () => {
  const system = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:4100`), { code })
  const refused = system("ECONNREFUSED")
  it.effect.each([
    ["bare", refused],
    ["as fetch has it", new TypeError("fetch failed", { cause: refused })],
    [
      "as Node has it for a name with two addresses",
      new TypeError("fetch failed", { cause: new AggregateError([refused]) })
    ]
  ])("is looked through for the system's code and words: %s", ([, cause]) =>
    Effect.gen(function* () {
      const transport = HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
        )
      )
      const service = yield* EvalsClient.make({ baseUrl: "http://host/v1", retry: false }).pipe(
        Effect.provideService(HttpClient.HttpClient, transport)
      )
      const error = yield* failure(retrieveEval(evalId).pipe(Effect.provideService(EvalsClient.EvalsClient, service)))
      assert.strictEqual(field(error, "code"), "ECONNREFUSED")
      assert.strictEqual(field(error, "beforeSending"), true)
      assert.match(
        error.message,
        /^retrieveEval: cannot reach http:\/\/host: .*connect ECONNREFUSED 127\.0\.0\.1:4100$/
      )
    })
  )
})

describe("handling errors", () => {
  it.effect("by their reason", () =>
    Effect.gen(function* () {
      const none = yield* retrieveEval(evalId).pipe(
        Effect.asSome,
        Effect.catchReason("EvalsError", "NotFoundError", (reason) => {
          assert.strictEqual(reason.status, 404)
          return Effect.succeedNone
        })
      )
      assert.isTrue(Option.isNone(none))
    }).pipe(Effect.provide(client([{ status: 404 }])))
  )

  it.effect("another reason goes past", () =>
    Effect.gen(function* () {
      const error = yield* retrieveRun(evalId, runId).pipe(
        Effect.catchReason("EvalsError", "NotFoundError", () => Effect.succeed(undefined)),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "AuthenticationError")
    }).pipe(Effect.provide(client([{ status: 401 }])))
  )

  const replies: ReadonlyArray<ScriptedHttp.Reply> = [
    { status: 400 },
    { status: 401 },
    { status: 402, body: "pay" },
    { status: 403 },
    { status: 404, body: WireBuilder.error({ message: "no", code: "c", param: "p" }) },
    { status: 409 },
    { status: 422 },
    { status: 429, headers: { "retry-after": "7", "x-should-retry": "false", "x-request-id": "req_7" } },
    { status: 500 },
    { failure: "ECONNRESET" },
    { delay: "3 minutes" },
    { body: "<html>" },
    { body: { ...WireBuilder.evaluation(), name: 1 } }
  ]
  it.effect.each(replies)("the error of %j survives its schema as JSON", (reply) =>
    Effect.gen(function* () {
      const codec = Schema.toCodecJson(EvalsError.EvalsError)
      const error = yield* errorFor(reply)
      const wire = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(wire))
      assert.deepStrictEqual(back, error)
      assert.strictEqual(back.message, error.message)
      assert.strictEqual(back.isRetryable, error.isRetryable)
    })
  )

  it.effect("an EncodeError survives it too", () =>
    Effect.gen(function* () {
      const error = yield* failure(retrieveEval(EvalId.make("")))
      const wire = yield* Schema.encodeEffect(EvalsError.EvalsError)(error)
      assert.deepStrictEqual(yield* Schema.decodeEffect(EvalsError.EvalsError)(wire), error)
    }).pipe(Effect.provide(client([])))
  )
})

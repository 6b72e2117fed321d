import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { Headers } from "effect/http"
import { isError, readError } from "../../../src/engine/models/readError.ts"

const read = (status: number, body: unknown, headers: { readonly [name: string]: string } = {}) =>
  readError({
    status,
    headers: Headers.fromInput(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
    now: Date.parse("2026-11-01T00:00:00Z")
  })

const openai = (fields: object) => ({ error: { message: "No.", type: null, param: null, code: null, ...fields } })

describe("the reason of an error", () => {
  const cases: ReadonlyArray<readonly [string, string, number, unknown]> = [
    ["a wrong key", "KeyRefused", 401, openai({ code: "invalid_api_key" })],
    ["a key without the right", "KeyRefused", 403, openai({})],
    ["no quota", "QuotaExceeded", 429, openai({ code: "insufficient_quota", type: "insufficient_quota" })],
    ["a limit of the bill", "QuotaExceeded", 400, openai({ code: "billing_hard_limit_reached" })],
    ["no credits at a gateway", "QuotaExceeded", 402, { error: { code: 402, message: "Insufficient credits" } }],
    ["an unknown model", "UnknownModel", 404, openai({ code: "model_not_found" })],
    ["an unknown deployment", "UnknownModel", 404, openai({ code: "DeploymentNotFound" })],
    [
      "an unknown model of Ollama",
      "UnknownModel",
      404,
      openai({ message: 'model "x" not found, try pulling it first' })
    ],
    [
      "an unknown model of vLLM",
      "UnknownModel",
      404,
      { object: "error", message: "The model `x` does not exist.", code: 404 }
    ],
    ["an unknown model of LiteLLM", "UnknownModel", 400, openai({ message: "Invalid model name passed in model=x" })],
    ["an unknown model of Gemini", "UnknownModel", 404, [{ error: { code: 404, message: "models/x is not found" } }]],
    ["no such path", "WrongAddress", 404, { detail: "Not Found" }],
    ["no such path of OpenAI", "WrongAddress", 404, openai({ message: "Invalid URL (POST /v1/x)" })],
    ["a page", "WrongAddress", 404, "<html><head><title>x</title></head><body><h1>404 page</h1></body></html>"],
    ["a redirect", "WrongAddress", 308, ""],
    ["a file that is missing", "BadRequest", 404, openai({ param: "file_id", message: "No such File object" })],
    ["a request that is wrong", "BadRequest", 400, openai({ param: "temperature", code: "unsupported_value" })],
    [
      "an image that is missing",
      "BadRequest",
      400,
      openai({ message: "The model could not load the image: it does not exist" })
    ],
    ["a prompt that is filtered", "BadRequest", 400, openai({ code: "content_filter" })],
    ["a prompt that a gateway flags", "BadRequest", 403, { error: { code: 403, message: "Your input was flagged" } }],
    ["a request too large", "BadRequest", 413, "Request Entity Too Large"],
    ["too many requests", "RateLimited", 429, openai({ code: "rate_limit_exceeded" })],
    ["a text as error", "Overloaded", 500, { error: "it broke" }],
    ["no capacity", "Overloaded", 503, ""],
    [
      "an overloaded host",
      "Overloaded",
      529,
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    ],
    ["a late error with a number", "Overloaded", 200, { error: { code: 502, message: "Provider returned error" } }],
    [
      "a late refusal by limits",
      "RateLimited",
      200,
      { status: "failed", error: { code: "rate_limit_exceeded", message: "x" } }
    ],
    ["a response that failed", "Overloaded", 200, { status: "failed", error: { code: "server_error", message: "x" } }],
    [
      "an image of a response",
      "BadRequest",
      200,
      { status: "failed", error: { code: "invalid_image_url", message: "x" } }
    ],
    ["an error of a choice", "Overloaded", 200, { choices: [{ error: { code: 500, message: "x" } }] }]
  ]
  for (const [name, tag, status, body] of cases) {
    it(`${name}: ${tag}`, () => {
      assert.strictEqual(read(status, body)._tag, tag)
    })
  }

  it("keeps the host's words, code, type and parameter", () => {
    const fields = { message: "Timeout while downloading.", code: "invalid_image_url", type: "invalid_request_error" }
    assert.deepInclude(read(400, openai({ ...fields, param: "url" }), { "x-request-id": "req_1" }), {
      message: "400 Timeout while downloading.",
      status: 400,
      code: "invalid_image_url",
      type: "invalid_request_error",
      param: "url",
      requestId: "req_1"
    })
    assert.strictEqual(
      read(400, [{ error: { code: 400, message: "Bad", status: "INVALID_ARGUMENT" } }]).message,
      "400 Bad"
    )
    assert.strictEqual(read(503, "<h1>Down</h1> <p>for now").message, "503 Down for now")
    assert.match(read(404, "404 page not found").message, /^404 page not found \(/)
    assert.strictEqual(read(500, "").message, "500 without a message")
  })

  it("is short however long the answer is", () => {
    assert.isBelow(read(400, openai({ message: "model ".repeat(100_000) })).message.length, 1100)
    assert.isBelow(read(502, "<p>model ".repeat(100_000)).message.length, 300)
  })

  it("says where a redirect leads, without its query", () => {
    const { message } = read(302, "", { location: "https://login.host/x?token=abc" })
    assert.include(message, "it leads to https://login.host/x)")
  })

  it("reads the wait that the host asks for", () => {
    const wait = (headers: { readonly [name: string]: string }) => {
      const reason = read(429, "", headers)
      return reason._tag === "RateLimited" && reason.retryAfter !== undefined
        ? Duration.toMillis(reason.retryAfter)
        : undefined
    }
    assert.strictEqual(wait({ "retry-after": "3" }), 3000)
    assert.strictEqual(wait({ "retry-after": "0.25" }), 250)
    assert.strictEqual(wait({ "retry-after-ms": "40", "retry-after": "1" }), 40)
    assert.strictEqual(wait({ "retry-after": "Sun, 01 Nov 2026 00:00:10 GMT" }), 10_000)
    assert.strictEqual(wait({ "retry-after": "soon" }), undefined)
    assert.strictEqual(wait({}), undefined)
  })
})

describe("an error in an answer with status 200", () => {
  it("is recognised, and null is none", () => {
    assert.isTrue(isError({ error: { message: "x" } }))
    assert.isTrue(isError({ error: "x" }))
    assert.isTrue(isError([{ error: { message: "x" } }]))
    assert.isFalse(isError({ error: null, choices: [] }))
    assert.isFalse(isError({ error: {} }))
    assert.isFalse(isError("x"))
  })
})

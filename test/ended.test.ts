/** How OpenAI's own host answers since its Evals API has ended. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { listEvalsPage, listFilesPage, Raw, retrieveEval } from "effect-evals"
import type { ScriptedHttp } from "effect-evals/testing"
import { client, evalId, failure, times } from "./support.ts"

const openAi = { baseUrl: "https://api.openai.com/v1" }

const page = "<!DOCTYPE html><html><head><title>x</title></head><body>Not here</body></html>"

const envelope = (message: string, code: string | null = null) => ({
  error: { message, type: "invalid_request_error", param: null, code }
})

const unknownUrl = envelope("Invalid URL (GET /v1/evals/eval_1)", "unknown_url")

const december = Date.UTC(2026, 11, 1)
const november = december - 60_000

/** The error of an operation at OpenAI's host, and how often it was asked. */
const errorOf = <A, E, R>(
  operation: Effect.Effect<A, E, R>,
  reply: ScriptedHttp.Reply,
  now: number,
  baseUrl = openAi
) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now)
    const error = yield* failure(operation)
    return { error, asked: (yield* times).length }
  }).pipe(Effect.provide(client([reply], baseUrl)))

describe("the Evals API of OpenAI's own host", () => {
  it.effect.each([
    ["404", { status: 404, body: envelope("Not found") }, "NotFoundError"],
    ["410", { status: 410, body: envelope("Gone") }, "StatusError"],
    ["410 without a body", { status: 410, body: "" }, "StatusError"],
    ["a page with 404", { status: 404, body: page }, "NotFoundError"],
    ["a page with 200", { body: page }, "DecodeError"],
    ["the gateway's 502", { status: 502, body: page }, "ServerError"],
    ["the gateway's 503", { status: 503, body: "no healthy upstream" }, "ServerError"]
  ] as const)(
    "has ended where its list is answered with %s: the error says so and what to do, once",
    ([, reply, tag]) =>
      Effect.gen(function* () {
        for (const operation of [listEvalsPage(), Effect.asVoid(Raw.listEvalsPage())]) {
          const { asked, error } = yield* errorOf(operation, reply, december)
          assert.strictEqual(error.reason._tag, tag)
          assert.isTrue(error.hasEnded)
          assert.isFalse(error.isRetryable)
          assert.strictEqual(asked, 1, "nothing is gained by asking again")
          assert.match(
            error.message,
            /OpenAI's hosted Evals API ended on 2026-11-30.*npx effect-evals serve.*If you did not archive/
          )
          assert.notMatch(error.message, /check the id|try again|Check that baseUrl/)
        }
      })
  )

  it.effect(
    "has ended where an eval is answered as a path that nobody knows, but not where the eval is not found",
    () =>
      Effect.gen(function* () {
        const gone = yield* errorOf(retrieveEval(evalId), { status: 404, body: unknownUrl }, december)
        assert.isTrue(gone.error.hasEnded)
        const none = yield* errorOf(retrieveEval(evalId), { status: 404, body: envelope("No eval found.") }, december)
        assert.isFalse(none.error.hasEnded)
        assert.match(none.error.message, /No eval found\. \(check the id/)
      })
  )

  it.effect("is thought to fail for a while where its gateway does before the end", () =>
    Effect.gen(function* () {
      const { asked, error } = yield* errorOf(listEvalsPage(), { status: 502, body: page }, november)
      assert.deepStrictEqual([error.hasEnded, error.isRetryable, asked], [false, true, 3])
      assert.match(error.message, /the host failed; try again later/)
    })
  )

  it.effect("has nothing to do with other answers, other paths and other hosts", () =>
    Effect.gen(function* () {
      for (const status of [400, 401, 403, 429, 500]) {
        const { error } = yield* errorOf(listEvalsPage(), { status, body: envelope("no") }, december)
        assert.isFalse(error.hasEnded, String(status))
      }
      const files = yield* errorOf(listFilesPage(), { status: 404, body: page }, december)
      assert.isFalse(files.error.hasEnded)
      for (const baseUrl of [
        "http://localhost:4100/v1",
        "https://api.openai.com.example/v1",
        "https://x.openai.azure.com/v1"
      ]) {
        const { error } = yield* errorOf(listEvalsPage(), { status: 404, body: page }, december, { baseUrl })
        assert.isFalse(error.hasEnded, baseUrl)
      }
    })
  )

  it.effect("is known by the hosts of its regions too", () =>
    Effect.gen(function* () {
      const { error } = yield* errorOf(listEvalsPage(), { status: 410 }, december, {
        baseUrl: "https://eu.api.openai.com/v1"
      })
      assert.isTrue(error.hasEnded)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { inspect } from "node:util"
import { completion, failure, type Reply } from "../../lib/modelServer.ts"
import { chat, reasonOf, setting } from "./lib/asking.ts"

describe("a key that is refused", () => {
  const key = "sk-proj-SECRET-0123456789"
  const refusing = (authorization: unknown): Reply => ({
    status: 401,
    headers: { "x-request-id": "req_1" },
    body: failure(`Incorrect API key provided: ${String(authorization)} or sk-proj*****6789.`, {
      code: "invalid_api_key"
    })
  })

  it.live("ends all requests with one cause, and appears in none of them", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(({ headers }) => refusing(headers["authorization"]), {
        key: Redacted.make(key),
        headers: { "x-tenant": "tenant-secret-1" }
      })
      const first = yield* Effect.flip(models.ask(chat("1")))
      const second = yield* Effect.flip(models.ask(chat("2")))
      assert.strictEqual(first.reason._tag, "KeyRefused")
      assert.isTrue(first.isFatal)
      assert.strictEqual(second.message, first.message)
      assert.strictEqual(server.requests.length, 1)
      for (const shown of [
        first.message,
        JSON.stringify(first),
        inspect(first, { depth: 9 }),
        JSON.stringify(first.wire)
      ]) {
        assert.notInclude(shown, "SECRET")
        assert.notInclude(shown, "6789")
        assert.notInclude(shown, "tenant-secret-1")
      }
      assert.include(first.message, "check the key of the endpoint")
    })
  )

  it.live("is read again, and the requests under way go on with the new one", () =>
    Effect.gen(function* () {
      let current = "old"
      const { models, server } = yield* setting(
        ({ headers }) => {
          // replaced while the requests with the old one are under way
          current = "new"
          return headers["authorization"] === "Bearer new" ? { body: completion("yes") } : refusing("")
        },
        { key: Effect.sync(() => Redacted.make(current)) }
      )
      const answers = yield* Effect.forEach(["1", "2", "3"], (text) => models.ask(chat(text)), { concurrency: 3 })
      assert.deepStrictEqual(
        answers.map(({ output_text }) => output_text),
        ["yes", "yes", "yes"]
      )
      assert.isAtMost(server.requests.length, 6)
    })
  )

  it.live("and replaced later is used by the next request", () =>
    Effect.gen(function* () {
      let current = "old"
      const { models, server } = yield* setting(
        ({ headers }) => (headers["authorization"] === "Bearer new" ? { body: completion("yes") } : refusing("")),
        { key: Effect.sync(() => Redacted.make(current)) }
      )
      assert.strictEqual((yield* reasonOf(models.ask(chat("1"))))._tag, "KeyRefused")
      assert.strictEqual((yield* reasonOf(models.ask(chat("2"))))._tag, "KeyRefused")
      assert.strictEqual(server.requests.length, 1)
      current = "new"
      assert.strictEqual((yield* models.ask(chat("3"))).output_text, "yes")
    })
  )

  it.live("is asked with again when somebody begins anew", () =>
    Effect.gen(function* () {
      let mended = false
      const { models } = yield* setting(() => (mended ? { body: completion("yes") } : { status: 402 }))
      assert.strictEqual((yield* reasonOf(models.ask(chat("1"))))._tag, "QuotaExceeded")
      mended = true
      assert.strictEqual((yield* reasonOf(models.ask(chat("2"))))._tag, "QuotaExceeded")
      yield* models.reset
      assert.strictEqual((yield* models.ask(chat("3"))).output_text, "yes")
    })
  )

  it.live("that cannot be read sends nothing", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ body: completion("yes") }), {
        key: Effect.fail({ message: "/run/key: NotFound" })
      })
      const reason = yield* reasonOf(models.ask(chat("Hi")))
      assert.strictEqual(reason._tag, "KeyRefused")
      assert.include(reason.message, "/run/key: NotFound")
      assert.strictEqual(server.requests.length, 0)
    })
  )
})

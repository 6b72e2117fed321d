import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Random, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { deleteEval, retrieveEval, Retry, runGrader, cancelRun, updateEval } from "effect-evals"
import { type ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, runId, times, withChance } from "./support.ts"

const evaluation = { body: WireBuilder.evaluation() }

/** Sends a read to a host that answers so once, then well; gives when the requests were sent. */
const sentAt = (first: ScriptedHttp.Reply, options: Parameters<typeof client>[1] = {}) =>
  Effect.gen(function* () {
    yield* elapse(Effect.exit(retrieveEval(evalId)))
    return yield* times
  }).pipe(withChance(0), Effect.provide(client([first, evaluation], options)))

describe("which failures of a read are sent again", () => {
  it.effect.each([408, 409, 429, 500, 502, 503, 504, 529, 599])("status %d is", (status) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ status }), [0, 500])
    })
  )

  it.effect.each([400, 401, 402, 403, 404, 410, 413, 418, 422])("status %d is not", (status) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ status }), [0])
    })
  )

  it.effect.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_SOCKET", "EPIPE"])(
    "connection error %s is",
    (code) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* sentAt({ failure: code }), [0, 500])
      })
  )

  it.effect("an answer that takes too long is", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ ...evaluation, delay: "3 minutes" }), [0, 120_500])
    })
  )

  it.effect("an answer that cannot be read is not", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ body: "<html>" }), [0])
    })
  )

  it.effect.each([
    ["updateEval", Effect.asVoid(updateEval(evalId, { name: "x" }))] as const,
    ["deleteEval", Effect.asVoid(deleteEval(evalId))] as const,
    ["cancelRun", Effect.asVoid(cancelRun(evalId, runId))] as const,
    [
      "runGrader",
      Effect.asVoid(
        runGrader({
          grader: { type: "string_check", name: "n", input: "a", reference: "a", operation: "eq" },
          model_sample: "a"
        })
      )
    ] as const
  ])("%s is treated like a read", ([, operation]) =>
    Effect.gen(function* () {
      const error = yield* failure(operation)
      assert.strictEqual(error.status, 503)
      assert.lengthOf(yield* times, 3)
    }).pipe(Effect.provide(client([{ status: 503 }])))
  )
})

describe("how often and when", () => {
  it.effect("gives up after two retries, with the last error", () =>
    Effect.gen(function* () {
      const error = yield* failure(retrieveEval(evalId))
      assert.strictEqual(error.reason._tag, "ServerError")
      assert.strictEqual(error.status, 503)
      assert.lengthOf(yield* times, 3)
    }).pipe(Effect.provide(client([{ status: 500 }, { status: 502 }, { status: 503 }, evaluation])))
  )

  it.effect("waits 0.5 s and then 1 s at most", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 500, 1500])
    }).pipe(withChance(0), Effect.provide(client([{ status: 500 }])))
  )

  it.effect("waits less by up to a quarter", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 375, 1125])
    }).pipe(withChance(1), Effect.provide(client([{ status: 500 }])))
  )

  it.effect("takes the shortening from the seeded Random", () =>
    Effect.gen(function* () {
      const [one, two] = yield* Effect.all([Random.next, Random.next]).pipe(Random.withSeed("waits"))
      yield* failure(retrieveEval(evalId)).pipe(Random.withSeed("waits"))
      const [, second = Number.NaN, third = Number.NaN] = yield* times
      assert.approximately(second, 500 * (1 - one / 4), 0.001)
      assert.approximately(third - second, 1000 * (1 - two / 4), 0.001)
      assert.isTrue(second >= 375 && second <= 500)
    }).pipe(Effect.provide(client([{ status: 500 }])))
  )

  it.effect("doubles up to 8 s", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      const sent = yield* times
      assert.deepStrictEqual(
        sent.slice(1).map((time, index) => time - (sent[index] ?? 0)),
        [500, 1000, 2000, 4000, 8000, 8000, 8000]
      )
    }).pipe(withChance(0), Effect.provide(client([{ status: 500 }], { retry: Retry.transient({ times: 7 }) })))
  )

  it.effect("begins anew with each call", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      yield* TestClock.setTime(0)
      yield* failure(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 500, 1500, 0, 500, 1500])
    }).pipe(withChance(0), Effect.provide(client([{ status: 500 }])))
  )
})

describe("what the host says of trying again", () => {
  const now = Date.UTC(2026, 10, 2, 9, 0, 0)

  it.effect.each([
    ["retry-after-ms", { "retry-after-ms": "1750" }, 1750],
    ["retry-after-ms of a fraction", { "retry-after-ms": "12.5" }, 12.5],
    ["retry-after-ms before retry-after", { "retry-after-ms": "20", "retry-after": "9" }, 20],
    ["retry-after in seconds", { "retry-after": "7" }, 7000],
    ["retry-after of a fraction", { "retry-after": "1.5" }, 1500],
    ["retry-after of no time", { "retry-after": "0" }, 0],
    ["retry-after of a date", { "retry-after": "Mon, 02 Nov 2026 09:00:40 GMT" }, 40_000],
    ["retry-after of a date gone by", { "retry-after": "Mon, 02 Nov 2026 08:00:00 GMT" }, 0],
    ["a long wait", { "retry-after": "299" }, 299_000],
    ["retry-after-ms without a number, then retry-after", { "retry-after-ms": "soon", "retry-after": "3" }, 3000],
    ["words, which it passes over", { "retry-after": "in a while" }, 500],
    ["a negative wait, which it passes over", { "retry-after": "-5" }, 500],
    ["an empty value, which it passes over", { "retry-after": "" }, 500],
    ["Infinity, which it passes over", { "retry-after": "Infinity" }, 500]
  ] as const)("obeys %s", ([, headers, wait]) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      yield* elapse(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [now, now + wait])
    }).pipe(withChance(0), Effect.provide(client([{ status: 503, headers }, evaluation])))
  )

  it.effect("does not retry where it asks for more than maxRetryAfter, and carries the wait", () =>
    Effect.gen(function* () {
      const error = yield* failure(retrieveEval(evalId))
      assert.strictEqual(error.reason._tag, "RateLimitError")
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(301))
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([{ status: 429, headers: { "retry-after": "301" } }])))
  )

  it.effect("waits longer where maxRetryAfter says so", () =>
    Effect.gen(function* () {
      yield* elapse(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 3_000_000])
    }).pipe(
      Effect.provide(
        client([{ status: 429, headers: { "retry-after": "3000" } }, evaluation], {
          retry: Retry.transient({ maxRetryAfter: "1 hour" })
        })
      )
    )
  )

  it.effect.each([400, 401, 404, 422])("x-should-retry: true outweighs status %d", (status) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ status, headers: { "x-should-retry": "true" } }), [0, 500])
    })
  )

  it.effect.each([408, 409, 429, 500, 503])("x-should-retry: false outweighs status %d", (status) =>
    Effect.gen(function* () {
      const headers = { "x-should-retry": "false", "retry-after": "1" }
      assert.deepStrictEqual(yield* sentAt({ status, headers }), [0])
    })
  )

  it.effect.each([
    { status: 500, sent: [0, 500] },
    { status: 404, sent: [0] }
  ])("x-should-retry with another value leaves status $status to the list", ({ sent, status }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt({ status, headers: { "x-should-retry": "maybe" } }), sent)
    })
  )
})

describe("replacing the policy", () => {
  const everySecond: Retry.Policy = Schedule.upTo(Schedule.spaced("1 second"), { times: 3 })

  it.effect("for one effect", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId).pipe(Retry.withPolicy(everySecond)))
      yield* failure(retrieveEval(evalId))
      assert.lengthOf(yield* times, 4 + 3)
    }).pipe(Effect.provide(client([{ status: 500 }])))
  )

  it.effect("for one client", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 1000, 2000, 3000])
    }).pipe(Effect.provide(client([{ status: 500 }], { retry: everySecond })))
  )

  it.effect("for one call, before the effect's and the client's", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId, { retry: everySecond }).pipe(Retry.withPolicy(Retry.none)))
      assert.deepStrictEqual(yield* times, [0, 1000, 2000, 3000])
    }).pipe(Effect.provide(client([{ status: 500 }], { retry: false })))
  )

  it.effect("for one effect, before the client's", () =>
    Effect.gen(function* () {
      yield* failure(Retry.withPolicy(retrieveEval(evalId), everySecond))
      assert.lengthOf(yield* times, 4)
    }).pipe(Effect.provide(client([{ status: 500 }], { retry: false })))
  )

  it.effect("switches it off for a client, an effect, or a call", () =>
    Effect.gen(function* () {
      const sent = (options: Parameters<typeof client>[1], effect: typeof call) =>
        failure(effect).pipe(Effect.andThen(times), Effect.provide(client([{ status: 500 }], options)))
      const call = retrieveEval(evalId)
      assert.lengthOf(yield* sent({ retry: false }, call), 1)
      assert.lengthOf(yield* sent({ retry: Retry.none }, call), 1)
      assert.lengthOf(yield* sent({}, Retry.withPolicy(call, Retry.none)), 1)
      assert.lengthOf(yield* sent({}, retrieveEval(evalId, { retry: false })), 1)
    })
  )
})

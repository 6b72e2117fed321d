import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { EvalsError } from "effect-evals"
import * as AdaptiveConcurrency from "../../src/archive/AdaptiveConcurrency.ts"

const refusal = (retryAfter?: Duration.Input) =>
  new EvalsError.EvalsError({
    method: "listEvalsPage",
    reason: new EvalsError.RateLimitError({
      detail: "slowly",
      status: 429,
      ...(retryAfter === undefined ? {} : { retryAfter: Duration.fromInputUnsafe(retryAfter) })
    })
  })

/** Requests that take `latency`, and the answer that a host gives to each by its number and time. */
const host = (latency: Duration.Input, answer: (number: number, time: number) => EvalsError.EvalsError | undefined) => {
  const seen = { number: 0, inFlight: 0, sent: new Array<number>(), most: new Array<number>() }
  const request = Effect.gen(function* () {
    const number = seen.number++
    const time = yield* Clock.currentTimeMillis
    seen.sent.push(time)
    seen.inFlight++
    seen.most.push(seen.inFlight)
    yield* Effect.sleep(latency)
    seen.inFlight--
    const error = answer(number, time)
    return error === undefined ? number : yield* error
  })
  return { seen, request }
}

const inParallel = <A, E>(count: number, one: Effect.Effect<A, E>) =>
  Effect.forEach(Array.from({ length: count }), () => one, { concurrency: count })

/** Moves the clock in small steps, as it moves for a program. */
const pass = (duration: Duration.Input) =>
  Effect.repeat(TestClock.adjust("10 millis"), { times: Duration.toMillis(duration) / 10 - 1 })

describe("the limit of concurrent requests", () => {
  it.effect("bounds the concurrent requests", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(4)
      const { request, seen } = host("100 millis", () => undefined)
      const fiber = yield* Effect.forkChild(inParallel(10, requests.run(request)))
      yield* pass("1 second")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).length, 10)
      assert.deepStrictEqual(seen.sent, [0, 0, 0, 0, 100, 100, 100, 100, 200, 200])
    })
  )

  it.effect("halves once after a 429, and pauses as long as the host asks", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(16)
      // all that are in flight hear the same
      const { request, seen } = host("100 millis", (_number, time) => (time < 5000 ? refusal("7 seconds") : undefined))
      const fiber = yield* Effect.forkChild(inParallel(40, requests.run(request)))
      yield* pass("1 second")
      assert.strictEqual(seen.sent.length, 16)
      assert.strictEqual(requests.limit(), 8)
      yield* pass("6 seconds")
      assert.strictEqual(seen.sent.length, 16, "nothing is sent before the time is over")
      yield* pass("60 millis")
      assert.strictEqual(seen.sent.length, 16)
      yield* pass("40 millis")
      assert.strictEqual(seen.inFlight, 8, "then half of them")
      yield* pass("10 seconds")
      assert.strictEqual(Math.max(...seen.most.slice(16)), 8)
      assert.strictEqual((yield* Fiber.join(fiber)).length, 40, "and in the end each has its answer")
    })
  )

  it.effect("grows by one after a series of answers, up to its first value", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(4)
      const { request } = host("10 millis", (number) => (number < 4 ? refusal("10 millis") : undefined))
      const limits = new Set<number>()
      const watched = Effect.tap(requests.run(request), () => Effect.sync(() => limits.add(requests.limit())))
      const fiber = yield* Effect.forkChild(inParallel(200, watched))
      yield* pass("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual([...limits], [2, 3, 4])
    })
  )

  it.effect("falls to one request for a host that accepts no more, and all requests succeed", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(16)
      let busy = 0
      const request = Effect.gen(function* () {
        if (busy > 0) return yield* refusal("100 millis")
        busy++
        yield* Effect.sleep("20 millis")
        busy--
        return "done"
      })
      const fiber = yield* Effect.forkChild(inParallel(16, requests.run(request)))
      yield* pass("5 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).length, 16)
    })
  )

  it.effect("pauses longer after each 429 without retry-after, and finally fails", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(2)
      const { request, seen } = host(0, () => refusal())
      const fiber = yield* Effect.forkChild(Effect.exit(requests.run(request)))
      yield* pass("5 minutes")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(fiber)))
      assert.deepStrictEqual(
        seen.sent.map((time) => Math.round(time / 1000)),
        [0, 1, 3, 7, 15, 31, 61, 91, 121]
      )
    })
  )

  it.effect("does not accept a retry-after of a day", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(2)
      const { request, seen } = host(0, (number) => (number === 0 ? refusal("1 day") : undefined))
      const fiber = yield* Effect.forkChild(Effect.exit(requests.run(request)))
      yield* pass("10 millis")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(fiber)))
      // and does not make the others wait either
      const next = yield* Effect.forkChild(requests.run(request))
      yield* pass("10 millis")
      assert.strictEqual(yield* Fiber.join(next), 1)
      assert.strictEqual(seen.sent.length, 2)
    })
  )

  it.effect("passes other failures on", () =>
    Effect.gen(function* () {
      const requests = yield* AdaptiveConcurrency.make(3)
      const failed = yield* Effect.flip(requests.run(Effect.fail("no")))
      assert.strictEqual(failed, "no")
      assert.strictEqual(requests.limit(), 3)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { Outcome } from "../../../src/engine/models/Outcome.ts"
import * as Pacer from "../../../src/engine/models/Pacer.ts"

const accepted: Outcome = { _tag: "Accepted", headers: {} }

/** An endpoint that answers after so many milliseconds, by the number of the request, and when it was asked. */
const endpoint = (
  millis: number | ((index: number) => number),
  answer: (index: number) => Outcome = () => accepted
) => {
  const asked: Array<number> = []
  const seen = { inFlight: 0, most: 0 }
  const ask = Effect.gen(function* () {
    const index = asked.length
    asked.push(yield* Clock.currentTimeMillis)
    seen.most = Math.max(seen.most, ++seen.inFlight)
    yield* Effect.sleep(typeof millis === "number" ? millis : millis(index))
    return answer(index)
  }).pipe(Effect.ensuring(Effect.sync(() => seen.inFlight--)))
  return { asked, seen, ask }
}

const name = "https://models.test/v1"
const make = (options: Partial<Pacer.Options> = {}) => Pacer.make({ name, ...options })

const times = <A, E>(count: number, one: (index: number) => Effect.Effect<A, E>) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index),
    one,
    { concurrency: "unbounded" }
  )

describe("requests in flight", () => {
  it.effect("2,000 requests of 200 ms take no longer than their 32 rounds with 64 in flight", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 64 } })
      const { ask, seen } = endpoint(200)
      const fiber = yield* Effect.forkChild(times(2000, () => pacer.withPermit({ group: "run" }, ask)))
      yield* TestClock.adjust(6400)
      assert.strictEqual((yield* Fiber.join(fiber)).length, 2000)
      assert.strictEqual(seen.most, 64)
    })
  )

  it.effect("one slow answer holds back nobody", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 2 } })
      const { ask, asked } = endpoint((index) => (index === 0 ? 60_000 : 100))
      yield* Effect.forkChild(times(12, () => pacer.withPermit({ group: "run" }, ask)))
      yield* TestClock.adjust(1100)
      assert.strictEqual(asked.length, 12)
    })
  )

  it.effect("are at most 32 without a word, and 4 on this machine", () =>
    Effect.gen(function* () {
      for (const [loopback, limit] of [
        [false, 32],
        [true, 4]
      ] as const) {
        const pacer = yield* make({ loopback })
        const { ask, seen } = endpoint(1000)
        yield* Effect.forkChild(times(100, () => pacer.withPermit({ group: "run" }, ask)))
        yield* TestClock.adjust(10)
        assert.strictEqual(seen.most, limit)
        assert.deepInclude(pacer.stats(), { inFlight: limit, inFlightLimit: limit, waiting: 100 - limit })
      }
    })
  )

  it.effect("grow on this machine while answers take no longer, up to 32", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ loopback: true })
      const { ask, seen } = endpoint(200)
      yield* Effect.forkChild(times(1000, () => pacer.withPermit({ group: "run" }, ask)))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(seen.most, 32)
    })
  )

  it.effect("stay few for a server that takes one after another, and shrink when requests time out", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ loopback: true })
      let freeAt = 0
      let dead = false
      const ask: Effect.Effect<Outcome> = Effect.gen(function* () {
        if (dead) return yield* Effect.as(Effect.sleep(1000), { _tag: "TimedOut" } as const)
        const now = yield* Clock.currentTimeMillis
        freeAt = Math.max(freeAt, now) + 100
        yield* Effect.sleep(freeAt - now)
        return accepted
      })
      yield* Effect.forkChild(times(2000, () => pacer.withPermit({ group: "run" }, ask)))
      yield* TestClock.adjust("60 seconds")
      const { inFlightLimit } = pacer.stats()
      assert.isAtLeast(inFlightLimit, 4)
      assert.isAtMost(inFlightLimit, 8)
      dead = true
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(pacer.stats().inFlightLimit, 1)
    })
  )
})

describe("an interrupted request", () => {
  it.effect("that waits leaves the queue, and one in flight gives its place to the next", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 1 } })
      const { ask, asked } = endpoint(1000)
      const one = pacer.withPermit({ group: "run" }, ask)
      const first = yield* Effect.forkChild(one)
      const second = yield* Effect.forkChild(one)
      const third = yield* Effect.forkChild(one)
      yield* TestClock.adjust(100)
      assert.deepInclude(pacer.stats(), { inFlight: 1, waiting: 2 })
      yield* Fiber.interrupt(second)
      assert.deepInclude(pacer.stats(), { inFlight: 1, waiting: 1 })
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(asked, [0, 100])
      yield* TestClock.adjust(1000)
      yield* Fiber.join(third)
      assert.deepInclude(pacer.stats(), { inFlight: 0, waiting: 0 })
    })
  )

  it.effect("and one that fails or dies give their places back", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 1 } })
      const failed = yield* Effect.exit(pacer.withPermit({ group: "run" }, Effect.fail("no answer")))
      assert.deepStrictEqual(failed, Exit.fail("no answer"))
      yield* Effect.exit(pacer.withPermit({ group: "run" }, Effect.die("bug")))
      assert.strictEqual(yield* pacer.withPermit({ group: "run" }, Effect.succeed(accepted)), accepted)
    })
  )

  it.effect("many at random leave no place taken", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 3, requestsPerMinute: 1200 } })
      const { ask } = endpoint(70)
      yield* Effect.forkChild(
        times(300, (index) =>
          Effect.timeoutOption(pacer.withPermit({ group: `run ${index % 3}` }, ask), (index * 37) % 4000)
        )
      )
      yield* TestClock.adjust("20 seconds")
      assert.deepInclude(pacer.stats(), { inFlight: 0, waiting: 0 })
    })
  )
})

describe("retry-after", () => {
  it.effect("holds everybody who would ask the endpoint", () =>
    Effect.gen(function* () {
      const pacer = yield* make({ limits: { inFlight: 64 } })
      const limited: Outcome = { _tag: "Limited", headers: { "retry-after": "7" } }
      const { ask, asked } = endpoint(100, (index) => (index === 0 ? limited : accepted))
      yield* pacer.withPermit({ group: "a" }, ask).pipe(Effect.forkChild)
      yield* TestClock.adjust(100)
      yield* Effect.forkChild(times(3, (index) => pacer.withPermit({ group: `run ${index}` }, ask)))
      yield* TestClock.adjust(6999)
      assert.deepStrictEqual(asked, [0])
      assert.deepInclude(pacer.stats(), { limited: 1, waiting: 3 })
      yield* TestClock.adjust(5000)
      assert.strictEqual(asked.length, 4)
      assert.strictEqual(asked[1], 7100)
    })
  )

  it.effect("as a duration, and that of a 503, hold as well", () =>
    Effect.gen(function* () {
      for (const outcome of [
        { _tag: "Limited", headers: {}, retryAfter: Duration.seconds(3) },
        { _tag: "Down", cause: "503", headers: { "retry-after": "3" } }
      ] satisfies ReadonlyArray<Outcome>) {
        const pacer = yield* make()
        yield* pacer.withPermit({ group: "run" }, Effect.succeed(outcome))
        const fiber: Fiber.Fiber<Outcome, unknown> = yield* Effect.forkChild(
          pacer.withPermit({ group: "run" }, Effect.succeed(accepted))
        )
        yield* TestClock.adjust(2999)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(2)
        assert.isDefined(fiber.pollUnsafe())
      }
    })
  )
})

describe("tokens a minute", () => {
  it.effect("are counted as estimated, and corrected by what the answers took", () =>
    Effect.gen(function* () {
      const tokens = { estimated: 1000, used: 1000 }
      const run = (used: number | undefined) =>
        Effect.gen(function* () {
          const pacer = yield* make({ limits: { inFlight: 4, tokensPerMinute: 60_000 } })
          const { ask, asked } = endpoint(100, () => ({ _tag: "Accepted", headers: {}, tokens: used }))
          const from = yield* Clock.currentTimeMillis
          yield* Effect.forkChild(times(200, () => pacer.withPermit({ group: "run", tokens: tokens.estimated }, ask)))
          yield* TestClock.adjust("30 seconds")
          return asked.filter((at) => at - from < 30_000).length
        })
      // 30,000 tokens in half a minute
      const unknown = yield* run(undefined)
      assert.isAtLeast(unknown, 29)
      assert.isAtMost(unknown, 32)
      const half = yield* run(500)
      assert.isAtLeast(half, 57)
      assert.isAtMost(half, 64)
      const double = yield* run(2000)
      assert.isAtLeast(double, 14)
      assert.isAtMost(double, 18)
    })
  )

  it("a request is thought to take a token for four bytes, and what its answer may have", () => {
    assert.strictEqual(Pacer.estimateTokens(401), 101)
    assert.strictEqual(Pacer.estimateTokens(400, 50), 150)
  })
})

describe("an idle pacer", () => {
  it.effect("leaves no timer behind, and its end interrupts who waits", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const pacer = yield* Scope.provide(make({ limits: { requestsPerMinute: 1 } }), scope)
      const one = pacer.withPermit({ group: "run" }, Effect.succeed(accepted))
      yield* one
      const waiting = yield* Effect.forkChild(one)
      yield* TestClock.adjust(1000)
      assert.strictEqual(pacer.stats().waiting, 1)
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
    })
  )
})

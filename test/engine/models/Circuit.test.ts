import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Logger } from "effect"
import { TestClock } from "effect/testing"
import type { Outcome } from "../../../src/engine/models/Outcome.ts"
import * as Pacer from "../../../src/engine/models/Pacer.ts"

const accepted: Outcome = { _tag: "Accepted", headers: {} }
const down: Outcome = { _tag: "Down", cause: "connection refused" }
const name = "https://models.test/v1"

/** An endpoint that is asked until it does not say that it is down, and the lines of the log. */
const setup = (answer: (at: number) => Outcome, options: Partial<Pacer.Options> = {}) =>
  Effect.gen(function* () {
    const pacer = yield* Pacer.make({ name, ...options })
    const asked: Array<number> = []
    const attempt = Effect.gen(function* () {
      asked.push(yield* Clock.currentTimeMillis)
      yield* Effect.sleep(100)
      return answer(yield* Clock.currentTimeMillis)
    })
    const ask = (model?: string) => pacer.withPermit({ group: "run", model }, attempt)
    const untilUp = Effect.repeat(ask(), { until: ({ _tag }) => _tag !== "Down" })
    return { pacer, asked, ask, untilUp }
  })

const lines: Array<string> = []
const logger = Logger.layer([
  Logger.make(({ message }) => {
    lines.push(String(message))
  })
])

const many = <A, E>(count: number, one: Effect.Effect<A, E>) =>
  Effect.forEach(Array.from({ length: count }), () => one, { concurrency: "unbounded" })

describe("an endpoint that is down", () => {
  it.effect("is asked by one at a time, less and less often, while the others wait; it is said once", () =>
    Effect.gen(function* () {
      lines.length = 0
      const { asked, pacer, untilUp } = yield* setup((at) => (at < 60_000 ? down : accepted))
      const fiber = yield* Effect.forkChild(many(50, untilUp))
      yield* TestClock.adjust(59_000)
      // those in flight, two that followed before the third was lost, then after 1, 2, 4, 8 and 16 seconds
      assert.strictEqual(asked.length, 32 + 2 + 5)
      assert.isTrue(pacer.stats().down)
      yield* TestClock.adjust(60_000)
      const outcomes = yield* Fiber.join(fiber)
      assert.strictEqual(outcomes.length, 50)
      assert.isTrue(outcomes.every(({ _tag }) => _tag === "Accepted"))
      assert.isFalse(pacer.stats().down)
      assert.deepStrictEqual(
        lines.map((line) => line.replace(/[\d.]+ s$/, "N s")),
        [`${name} is down, requests wait for it: connection refused`, `${name} answers again, after N s`]
      )
    }).pipe(Effect.provide(logger))
  )

  it.effect("for longer than patience lasts fails all that wait for one cause, and is tried again later", () =>
    Effect.gen(function* () {
      const { asked, ask, untilUp } = yield* setup((at) => (at < 700_000 ? down : accepted))
      const fiber = yield* Effect.forkChild(many(50, Effect.flip(untilUp)))
      yield* TestClock.adjust("9 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("2 minutes")
      const errors = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        new Set(errors.map(({ fatal, message }) => JSON.stringify({ fatal, message }))),
        new Set([JSON.stringify({ fatal: false, message: `${name}: no answer for 10 minutes: connection refused` })])
      )
      const before = asked.length
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(asked.length, before, "nobody waits, so nobody asks")
      const later = yield* Effect.forkChild(ask())
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(later), accepted)
    })
  )

  it.effect("is not meant by a few losses among answers, nor by slow answers", () =>
    Effect.gen(function* () {
      let count = 0
      const { ask, pacer } = yield* setup(() =>
        count++ % 3 < 2 ? down : count % 2 === 0 ? accepted : { _tag: "Other" }
      )
      yield* Effect.forkChild(Effect.repeat(ask(), { times: 29 }))
      yield* TestClock.adjust(3000)
      assert.strictEqual(count, 30)
      assert.isFalse(pacer.stats().down)
      const slow = yield* setup(() => ({ _tag: "TimedOut" }))
      yield* Effect.forkChild(Effect.repeat(slow.ask(), { times: 9 }))
      yield* TestClock.adjust(1000)
      assert.isFalse(slow.pacer.stats().down)
    })
  )

  it.effect("is asked by another request each time, so that one on which it breaks holds up nobody", () =>
    Effect.gen(function* () {
      const pacer = yield* Pacer.make({ name })
      let broken = 0
      const breaks = Effect.sync((): Outcome => {
        broken++
        return down
      })
      yield* Effect.forkChild(
        Effect.andThen(
          Effect.repeat(pacer.withPermit({ group: "run" }, breaks), { times: 2 }),
          Effect.forever(pacer.withPermit({ group: "run", again: true }, breaks))
        )
      )
      yield* TestClock.adjust(100)
      const others = yield* Effect.forkChild(many(5, pacer.withPermit({ group: "run" }, Effect.succeed(accepted))))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(others)).length, 5)
      assert.isBelow(broken, 20)
    })
  )

  it.effect("finds another to ask when the one that asks is interrupted", () =>
    Effect.gen(function* () {
      const { asked, ask, untilUp } = yield* setup((at) => (at < 1000 ? down : accepted))
      yield* Effect.forkChild(Effect.repeat(ask(), { times: 2 }))
      yield* TestClock.adjust(400)
      const first = yield* Effect.forkChild(untilUp)
      const second = yield* Effect.forkChild(untilUp)
      yield* TestClock.adjust(950)
      assert.strictEqual(asked.length, 4)
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust(200)
      assert.deepStrictEqual(yield* Fiber.join(second), accepted)
    })
  )
})

describe("what only a person can mend", () => {
  it.effect("fails all that wait and all that come, until it is reset", () =>
    Effect.gen(function* () {
      let key = "old"
      const { asked, ask, pacer } = yield* setup(
        () => (key === "old" ? { _tag: "Fatal", reason: "the key is refused (401)" } : accepted),
        { limits: { inFlight: 2 } }
      )
      const fiber = yield* Effect.forkChild(many(10, Effect.exit(ask())))
      yield* TestClock.adjust(200)
      yield* Fiber.join(fiber)
      assert.strictEqual(asked.length, 2)
      const error = yield* Effect.flip(ask())
      assert.deepInclude(error, {
        _tag: "EndpointUnavailable",
        fatal: true,
        message: `${name}: the key is refused (401)`
      })
      assert.isUndefined(pacer.stats().pacePerSecond)
      key = "new"
      yield* pacer.reset
      const again = yield* Effect.forkChild(ask())
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(yield* Fiber.join(again), accepted)
    })
  )

  it.effect("about one model does not concern the others", () =>
    Effect.gen(function* () {
      const pacer = yield* Pacer.make({ name })
      const unknown: Outcome = { _tag: "Fatal", reason: "the model gpt-0 does not exist", model: "gpt-0" }
      yield* pacer.withPermit({ group: "run", model: "gpt-0" }, Effect.succeed(unknown))
      const error = yield* Effect.flip(pacer.withPermit({ group: "run", model: "gpt-0" }, Effect.succeed(accepted)))
      assert.strictEqual(error.message, `${name}: the model gpt-0 does not exist`)
      assert.strictEqual(
        yield* pacer.withPermit({ group: "run", model: "gpt-4.1" }, Effect.succeed(accepted)),
        accepted
      )
    })
  )
})

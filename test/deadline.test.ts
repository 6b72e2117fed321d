import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeLimit } from "../src/internal/deadline.ts"
import { turns } from "./support.ts"

/** An effect that never ends, and notes that it is interrupted. */
const endless = (into: Array<string>, name: string) =>
  Effect.onInterrupt(Effect.never, () => Effect.sync(() => into.push(`${name} interrupted`)))

const seconds = (count: number) => Duration.seconds(count)

describe("time limits that share a timer", () => {
  it.effect("end each effect at its own limit, and interrupt it before", () =>
    Effect.gen(function* () {
      const limited = makeLimit()
      const seen: Array<string> = []
      const start = (name: string, limit: number) =>
        limited(endless(seen, name), seconds(limit), () => `${name} late`).pipe(
          Effect.flip,
          Effect.map((error) => seen.push(error)),
          Effect.forkChild({ startImmediately: true })
        )
      yield* start("ten", 10)
      yield* start("twenty", 20)
      // sooner than what the timer waits for
      yield* start("five", 5)
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(seen, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seen, ["five interrupted", "five late"])
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(seen.slice(2), ["ten interrupted", "ten late"])
      yield* start("late", 1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seen.slice(4), ["late interrupted", "late late"])
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(seen.slice(6), ["twenty interrupted", "twenty late"])
    })
  )

  it.effect("leave alone what ends in time, at once or later, with a value or an error", () =>
    Effect.gen(function* () {
      const limited = makeLimit()
      const late = () => "late"
      assert.strictEqual(yield* limited(Effect.succeed(1), seconds(1), late), 1)
      assert.strictEqual(yield* Effect.flip(limited(Effect.fail("no"), seconds(1), late)), "no")
      const slow = yield* Effect.forkChild(limited(Effect.as(Effect.sleep("2 seconds"), 2), seconds(3), late))
      yield* turns
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(slow), 2)
    })
  )

  it.effect("interrupt the effect with the fiber that waits for it", () =>
    Effect.gen(function* () {
      const limited = makeLimit()
      const seen: Array<string> = []
      const fiber = yield* Effect.forkChild(limited(endless(seen, "attempt"), seconds(3), () => "late"))
      yield* turns
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(seen, ["attempt interrupted"])
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )

  it.effect("hold for an effect that its fiber may not interrupt", () =>
    Effect.gen(function* () {
      const limited = makeLimit()
      const seen: Array<string> = []
      const fiber = yield* limited(endless(seen, "creation"), seconds(3), () => "late").pipe(
        Effect.uninterruptible,
        Effect.flip,
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      assert.deepStrictEqual(seen, ["creation interrupted"])
    })
  )

  it.effect("follow the clock of each effect", () =>
    Effect.gen(function* () {
      const limited = makeLimit()
      const outer = yield* limited(Effect.never, seconds(5), () => "outer").pipe(Effect.flip, Effect.forkChild)
      yield* turns
      const inner = Effect.gen(function* () {
        const fiber = yield* limited(Effect.never, seconds(5), () => "inner").pipe(Effect.flip, Effect.forkChild)
        yield* turns
        yield* TestClock.adjust("5 seconds")
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(TestClock.layer()))
      assert.strictEqual(yield* inner, "inner")
      assert.isUndefined(outer.pollUnsafe())
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* Fiber.join(outer), "outer")
    })
  )
})

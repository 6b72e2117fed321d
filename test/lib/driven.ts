/** The test's clock and real sockets together. */
import { type Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

/**
 * Runs an effect to its end over real sockets while the test's clock moves on: it stands still between two looks at the
 * sockets, and then jumps by `step`.
 */
export const driven = <A, E, R>(effect: Effect.Effect<A, E, R>, step: Duration.Input = "100 millis") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      yield* TestClock.adjust(step)
    }
    return yield* Fiber.join(fiber)
  })

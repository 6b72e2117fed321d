import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { Termination, untilTermination } from "../../src/cli/Termination.ts"

const asked = Effect.gen(function* () {
  const request = yield* Deferred.make<void>()
  const started = yield* Deferred.make<void>()
  const closed: Array<string> = []
  const serving = (close: Effect.Effect<unknown>) =>
    Effect.onInterrupt(Effect.andThen(Deferred.succeed(started, undefined), Effect.never), () => close)
  const closing = serving(Effect.sync(() => closed.push("closed")))
  const under = <A, E>(self: Effect.Effect<A, E>) => Effect.provideService(self, Termination, Deferred.await(request))
  return {
    ask: Effect.andThen(Deferred.await(started), Deferred.succeed(request, undefined)),
    closed,
    closing,
    serving,
    started,
    under
  }
})

it.effect("a request to end is a success after all resources are released", () =>
  Effect.gen(function* () {
    const { ask, closed, closing, under } = yield* asked
    const fiber = yield* Effect.forkChild(under(untilTermination(closing)))
    yield* ask
    assert.deepStrictEqual(yield* Fiber.await(fiber), Exit.void)
    assert.deepStrictEqual(closed, ["closed"])
  })
)

it.effect("an error during the release of resources is the error of the command", () =>
  Effect.gen(function* () {
    const { ask, serving, under } = yield* asked
    const broken = serving(Effect.die("the file cannot be closed"))
    const fiber = yield* Effect.forkChild(under(untilTermination(broken)))
    yield* ask
    assert.isTrue(Exit.hasDies(yield* Fiber.await(fiber)))
  })
)

it.effect("without a request an effect ends by itself, and is interrupted with its parent", () =>
  Effect.gen(function* () {
    const { closed, closing, started, under } = yield* asked
    assert.strictEqual(yield* Effect.flip(under(untilTermination(Effect.fail("no port")))), "no port")
    const fiber = yield* Effect.forkChild(under(untilTermination(closing)))
    yield* Deferred.await(started)
    yield* Fiber.interrupt(fiber)
    assert.deepStrictEqual(closed, ["closed"])
  })
)

import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { createRun, EvalsClient, listEvalsPage, retrieveEval, Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { client, elapse, errorOf, evalId, failure, runParams, times, withChance } from "./support.ts"

const slow = (delay: Duration.Input) => ({ delay, body: WireBuilder.evaluation() })

/** The limit that an operation gives up at, after one attempt. */
const limitOf = (operation: typeof call, options: EvalsClient.Options) =>
  Effect.gen(function* () {
    const { reason } = yield* failure(operation)
    return reason._tag === "TimeoutError" ? Duration.format(reason.timeout) : reason._tag
  }).pipe(Effect.provide(client([slow("2 hours")], { ...options, retry: false })))

const call = Effect.asVoid(retrieveEval(evalId))

describe("the limit of an attempt", () => {
  it.effect("is 2 minutes, for an upload 10", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* limitOf(call, {}), "2m")
      const upload = uploadFile({ file: Upload.fromRows([{ item: {} }]), purpose: "evals" })
      assert.strictEqual(yield* limitOf(Effect.asVoid(upload), {}), "10m")
    })
  )

  it.effect("is set by the client, and before it by the call", () =>
    Effect.gen(function* () {
      const upload = uploadFile({ file: Upload.fromRows([{ item: {} }]), purpose: "evals" })
      assert.strictEqual(yield* limitOf(call, { timeout: "5 seconds" }), "5s")
      assert.strictEqual(yield* limitOf(Effect.asVoid(upload), { timeout: "5 seconds" }), "5s")
      const shorter = Effect.asVoid(retrieveEval(evalId, { timeout: "1 second" }))
      assert.strictEqual(yield* limitOf(shorter, { timeout: "5 seconds" }), "1s")
    })
  )

  it.effect("is exact: an answer just before it counts", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(retrieveEval(evalId, { retry: false }))
      yield* TestClock.adjust(119_999)
      assert.deepStrictEqual(fiber.pollUnsafe(), Exit.succeed(WireBuilder.evaluation()))
    }).pipe(Effect.provide(client([slow(119_999)])))
  )

  it.effect("ends the attempt at once when it is reached", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(retrieveEval(evalId, { retry: false }))
      yield* TestClock.adjust(119_999)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(errorOf(fiber)?.reason._tag, "TimeoutError")
    }).pipe(Effect.provide(client([slow("1 hour")])))
  )

  it.effect("starts anew with each attempt", () =>
    Effect.gen(function* () {
      yield* failure(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 10_500, 21_500])
    }).pipe(withChance(0), Effect.provide(client([slow("1 hour")], { timeout: "10 seconds" })))
  )

  it.effect("names the operation, the limit and the option", () =>
    Effect.gen(function* () {
      const error = yield* failure(retrieveEval(evalId))
      assert.strictEqual(error.message, "retrieveEval: no answer within 10s (option timeout sets the limit)")
      assert.isTrue(error.isRetryable)
      assert.isUndefined(error.status)
    }).pipe(Effect.provide(client([slow("1 hour")], { timeout: "10 seconds" })))
  )

  it.effect("may be infinite", () =>
    Effect.gen(function* () {
      yield* elapse(retrieveEval(evalId, { timeout: Duration.infinity }))
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([slow("20 hours")])))
  )
})

describe("the attempt that is given up", () => {
  /** A client whose transport never answers, and says when it was interrupted. */
  const silent = (interrupted: Deferred.Deferred<number>) =>
    EvalsClient.layer({ baseUrl: "http://host/v1", retry: false }).pipe(
      Layer.provide(
        Layer.succeed(
          HttpClient.HttpClient,
          HttpClient.make(() =>
            Effect.onInterrupt(Effect.never, () =>
              Effect.flatMap(
                Effect.clockWith((clock) => clock.currentTimeMillis),
                (now) => Deferred.succeed(interrupted, now)
              )
            )
          )
        )
      )
    )

  it.effect.each([
    ["a read", Effect.asVoid(listEvalsPage())] as const,
    ["a creation, which interruption of the caller does not tear", Effect.asVoid(createRun(evalId, runParams))] as const
  ])("is interrupted at its limit: %s", ([, operation]) =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<number>()
      yield* failure(Effect.provide(operation, silent(interrupted)))
      assert.strictEqual(yield* Deferred.await(interrupted), 120_000)
    })
  )

  it.effect("is interrupted with its caller", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<number>()
      const fiber = yield* Effect.forkChild(Effect.provide(listEvalsPage(), silent(interrupted)))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* Deferred.await(interrupted), 3000)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { awaitRun, cancelRun, createEval, createRun, executeRun, watchRun } from "effect-evals"
import { EvalsClientTest, type ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, lines, runId, runParams, times, withLog } from "./support.ts"

const create = "POST /v1/evals/eval_1/runs"
const retrieve = "GET /v1/evals/eval_1/runs/evalrun_1"
const cancel = "POST /v1/evals/eval_1/runs/evalrun_1/cancel"

interface Host {
  readonly create?: ScriptedHttp.Reply
  readonly retrieve?: ScriptedHttp.Reply
  readonly cancel?: ScriptedHttp.Reply
}

/** A host that creates a run, has it in progress for ever, and cancels it. */
const host = (replies: Host = {}) =>
  client(({ method, path }) => {
    if (method === "GET") return replies.retrieve ?? { body: WireBuilder.run({ status: "in_progress" }) }
    return path.endsWith("/cancel")
      ? (replies.cancel ?? { body: WireBuilder.run({ status: "canceled" }) })
      : (replies.create ?? { body: WireBuilder.run() })
  })

/** Runs an effect, interrupts it after some time, and gives the fiber that waits for it to be gone. */
const interruptAfter = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: "0 seconds" | "3 seconds" | "1 minute") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust(duration)
    return yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
  })

const gone = <A, E>(fiber: Fiber.Fiber<A, E>) => fiber.pollUnsafe() !== undefined

describe("executeRun", () => {
  it.effect("creates a run and gives it when it is completed", () =>
    Effect.gen(function* () {
      const run = yield* elapse(executeRun(evalId, runParams))
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(yield* lines, [create, retrieve])
    }).pipe(Effect.provide(host({ retrieve: { body: WireBuilder.run({ status: "completed" }) } })))
  )

  it.effect("fails with the error of the creation, and waits for nothing", () =>
    Effect.gen(function* () {
      const error = yield* failure(executeRun(evalId, runParams))
      assert.strictEqual("reason" in error ? error.reason._tag : error._tag, "PermissionDeniedError")
      assert.deepStrictEqual(yield* lines, [create])
    }).pipe(Effect.provide(host({ create: { status: 403 } })))
  )

  it.effect("interrupted before it began, sends nothing", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(executeRun(evalId, runParams))
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* lines, [])
    }).pipe(Effect.provide(host()))
  )

  it.effect("interrupted while it waits to send the creation again, cancels nothing", () =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "1 minute")
      yield* TestClock.adjust("1 hour")
      assert.isTrue(gone(interruption))
      assert.deepStrictEqual(yield* lines, [create])
    }).pipe(Effect.provide(host({ create: { status: 429, headers: { "retry-after": "120" } } })))
  )

  it.effect("interrupted while the creation is in flight, carries it through and cancels the run", () =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "3 seconds")
      yield* TestClock.adjust("6 seconds")
      assert.isFalse(gone(interruption))
      assert.deepStrictEqual(yield* lines, [create])
      yield* TestClock.adjust("1 second")
      // the host takes two seconds for the cancellation, and they are waited for
      assert.deepStrictEqual(yield* lines, [create, cancel])
      assert.isFalse(gone(interruption))
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(gone(interruption))
      assert.deepStrictEqual(yield* times, [0, 10_000])
    }).pipe(
      Effect.provide(
        host({
          create: { delay: "10 seconds", body: WireBuilder.run() },
          cancel: { delay: "2 seconds", body: WireBuilder.run() }
        })
      )
    )
  )

  it.effect("interrupted while a creation is in flight that then fails, cancels nothing", () =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "3 seconds")
      yield* TestClock.adjust("7 seconds")
      assert.isTrue(gone(interruption))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* lines, [create])
    }).pipe(Effect.provide(host({ create: { delay: "10 seconds", status: 429 } })))
  )

  it.effect("interrupted while it waits, cancels the run and waits for the answer", () =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "1 minute")
      assert.strictEqual((yield* lines).at(-1), cancel)
      yield* TestClock.adjust("4999 millis")
      assert.isFalse(gone(interruption))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(gone(interruption))
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(
        (yield* lines).filter((line) => line === cancel),
        1
      )
    }).pipe(Effect.provide(host({ cancel: { delay: "5 seconds", body: WireBuilder.run({ status: "canceled" }) } })))
  )

  it.effect("is interrupted, not failed, when it has cancelled the run", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(executeRun(evalId, runParams))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }).pipe(Effect.provide(host()))
  )

  it.effect("waits 30 seconds at most for a host that never answers, and logs the run that goes on", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "1 minute")
      yield* TestClock.adjust("29999 millis")
      assert.isFalse(gone(interruption))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(gone(interruption))
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /level=WARN.*could not cancel evalrun_1, which goes on/i)
    }).pipe(Effect.provide(host({ cancel: { delay: "1 hour" } })), (effect) => withLog(effect, log))
  })

  it.effect("logs the run that goes on where the host refuses to cancel it", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "1 minute")
      yield* TestClock.adjust("1 second")
      assert.isTrue(gone(interruption))
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /level=WARN.*could not cancel evalrun_1, which goes on: cancelRun: 403/i)
    }).pipe(Effect.provide(host({ cancel: { status: 403 } })), (effect) => withLog(effect, log))
  })

  it.effect("tries to cancel again where the host fails for a moment, and logs nothing", () => {
    const log: Array<string> = []
    let refusals = 1
    const script: ScriptedHttp.Script = ({ method, path }) =>
      method === "POST" && path.endsWith("/cancel") && refusals-- > 0
        ? { status: 503 }
        : { body: WireBuilder.run({ status: "in_progress" }) }
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(executeRun(evalId, runParams), "1 minute")
      yield* TestClock.adjust("1 second")
      assert.isTrue(gone(interruption))
      assert.deepStrictEqual((yield* lines).slice(-2), [cancel, cancel])
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(client(script)), (effect) => withLog(effect, log))
  })

  it.effect("cancels through a client of a test's own operations", () =>
    Effect.gen(function* () {
      const cancelled = yield* Deferred.make<string>()
      const operations = EvalsClientTest.layer({
        createRun: () => Effect.succeed(WireBuilder.run()),
        retrieveRun: () => Effect.succeed(WireBuilder.run({ status: "in_progress" })),
        cancelRun: (_, runId) => Effect.as(Deferred.succeed(cancelled, runId), WireBuilder.run({ status: "canceled" }))
      })
      yield* interruptAfter(Effect.provide(executeRun(evalId, runParams), operations), "1 minute")
      assert.strictEqual(yield* Deferred.await(cancelled), "evalrun_1")
    })
  )
})

describe("awaitRun and watchRun", () => {
  it.effect.each([
    ["awaitRun", Effect.asVoid(awaitRun(evalId, runId))] as const,
    ["watchRun", Stream.runDrain(watchRun(evalId, runId))] as const
  ])("%s, interrupted, leaves the run alone", ([, waiting]) =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(waiting, "1 minute")
      yield* TestClock.adjust("1 second")
      assert.isTrue(gone(interruption))
      assert.deepStrictEqual(new Set(yield* lines), new Set([retrieve]))
    }).pipe(Effect.provide(host()))
  )
})

describe("createRun", () => {
  const slow = host({ create: { delay: "10 seconds", body: WireBuilder.run() } })

  it.effect("in flight is carried through when it is interrupted, and the run that nobody learns of is logged", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(createRun(evalId, runParams), "3 seconds")
      yield* TestClock.adjust("6999 millis")
      assert.isFalse(gone(interruption))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(gone(interruption))
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /level=WARN.*createRun was interrupted after evalrun_1 had been created; it stays/i)
    }).pipe(Effect.provide(slow), (effect) => withLog(effect, log))
  })

  it.effect("logs nothing where the creation failed, or was not begun", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(createRun(evalId, runParams), "3 seconds")
      yield* TestClock.adjust("1 minute")
      assert.isTrue(gone(interruption))
      const unbegun = yield* Effect.forkChild(createRun(evalId, runParams))
      yield* Fiber.interrupt(unbegun)
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(host({ create: { delay: "10 seconds", status: 500 } })), (effect) => withLog(effect, log))
  })

  it.effect("as the acquisition of a resource, hands the run over to its release", () => {
    const log: Array<string> = []
    const resource = Effect.acquireRelease(createRun(evalId, runParams), (run) =>
      Effect.ignore(cancelRun(run.eval_id, run.id))
    )
    return Effect.gen(function* () {
      const interruption = yield* interruptAfter(Effect.scoped(Effect.andThen(resource, Effect.never)), "3 seconds")
      yield* TestClock.adjust("7 seconds")
      assert.isTrue(gone(interruption))
      assert.deepStrictEqual(yield* lines, [create, cancel])
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(slow), (effect) => withLog(effect, log))
  })

  it.effect("gives up with its time limit even so", () =>
    Effect.gen(function* () {
      const interruption = yield* interruptAfter(createRun(evalId, runParams, { timeout: "5 seconds" }), "3 seconds")
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(gone(interruption))
    }).pipe(Effect.provide(slow))
  )
})

describe("createEval", () => {
  it.effect("in flight is carried through when it is interrupted", () =>
    Effect.gen(function* () {
      const creation = createEval({
        data_source_config: { type: "custom", item_schema: { type: "object" } },
        testing_criteria: []
      })
      const interruption = yield* interruptAfter(creation, "3 seconds")
      yield* TestClock.adjust("6999 millis")
      assert.isFalse(gone(interruption))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(gone(interruption))
    }).pipe(Effect.provide(client([{ delay: "10 seconds", body: WireBuilder.evaluation() }])))
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import { awaitRun, type EvalsClient, executeRun, Polling, type Run, RunTimedOut, watchRun } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, lines, runId, runParams, times, withChance } from "./support.ts"

const runs = (...statuses: ReadonlyArray<Run.RunStatus>): ReadonlyArray<ScriptedHttp.Answer> =>
  statuses.map((status) => ({ body: WireBuilder.run({ status }) }))

/** A client with no retries of its own, so that each request in a test is a poll. */
const polled = (script: ScriptedHttp.Script, options: EvalsClient.Options = {}) =>
  client(script, { retry: false, ...options })

describe("awaitRun", () => {
  it.effect("gives the completed run", () =>
    Effect.gen(function* () {
      const run = yield* elapse(awaitRun(evalId, runId))
      assert.deepStrictEqual(run, WireBuilder.run({ status: "completed" }))
      assert.deepStrictEqual(new Set(yield* lines), new Set(["GET /v1/evals/eval_1/runs/evalrun_1"]))
    }).pipe(Effect.provide(polled(runs("queued", "in_progress", "completed"))))
  )

  it.effect("asks at once, and is done with a run that has ended", () =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId))
      assert.deepStrictEqual(yield* times, [0])
    }).pipe(Effect.provide(polled(runs("completed"))))
  )

  it.effect("carries a failed run, and says why it failed", () =>
    Effect.gen(function* () {
      const run = WireBuilder.run({ status: "failed", error: { code: "quota", message: "the quota is used up" } })
      const error = yield* failure(awaitRun(evalId, runId)).pipe(Effect.provide(polled([{ body: run }])))
      assert.strictEqual(error._tag, "RunFailed")
      assert.deepStrictEqual("run" in error ? error.run : undefined, run)
      assert.strictEqual(error.message, "run evalrun_1 failed: the quota is used up (quota)")
    })
  )

  it.effect("says so when a failed run has no reason", () =>
    Effect.gen(function* () {
      const error = yield* failure(awaitRun(evalId, runId))
      assert.strictEqual(error.message, "run evalrun_1 failed: the host gave no reason")
    }).pipe(Effect.provide(polled(runs("failed"))))
  )

  it.effect("carries a canceled run", () =>
    Effect.gen(function* () {
      const error = yield* failure(awaitRun(evalId, runId))
      assert.strictEqual(error._tag, "RunCanceled")
      assert.strictEqual(error.message, "run evalrun_1 was canceled")
      assert.deepStrictEqual("run" in error ? error.run : undefined, WireBuilder.run({ status: "canceled" }))
    }).pipe(Effect.provide(polled(runs("in_progress", "canceled"))))
  )

  it.effect("goes on polling in a status that it does not know", () =>
    Effect.gen(function* () {
      const run = yield* elapse(awaitRun(evalId, runId))
      assert.strictEqual(run.status, "completed")
      assert.lengthOf(yield* times, 4)
    }).pipe(Effect.provide(polled(runs("paused", "paused", "validating", "completed"))))
  )
})

describe("when it asks", () => {
  it.effect("after 1 s, then half as long again each time, up to 15 s", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(awaitRun(evalId, runId))
      yield* TestClock.adjust("77 seconds")
      yield* Fiber.interrupt(fiber)
      const sent = yield* times
      assert.deepStrictEqual(
        sent.slice(1).map((time, index) => time - (sent[index] ?? 0)),
        [1000, 1500, 2250, 3375, 5062.5, 7593.75, 11_390.625, 15_000, 15_000]
      )
    }).pipe(withChance(0.5), Effect.provide(polled(runs("queued"))))
  )

  it.effect.each([
    [0, 800],
    [1, 1200]
  ] as const)("varies each wait by a fifth (chance %d)", ([chance, wait]) =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId))
      assert.deepStrictEqual(yield* times, [0, wait])
    }).pipe(withChance(chance), Effect.provide(polled(runs("queued", "completed"))))
  )

  it.effect("by a schedule of the call, before one of the effect", () =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId, { schedule: Schedule.spaced("3 seconds") }))
      yield* elapse(awaitRun(evalId, runId)).pipe(Polling.withPolicy(Schedule.spaced("7 seconds")))
      const [start = 0, ...rest] = (yield* times).slice(3)
      assert.deepStrictEqual((yield* times).slice(0, 3), [0, 3000, 6000])
      assert.deepStrictEqual(
        rest.map((time) => time - start),
        [7000, 14_000]
      )
    }).pipe(Effect.provide(polled((_, index) => runs(index % 3 === 2 ? "completed" : "queued")[0] ?? {})))
  )

  it.effect("a schedule is shown what came, a run or the error instead", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const schedule: Polling.Policy = Schedule.spaced("1 second").pipe(
        Schedule.setInputType<Polling.Observation>(),
        Schedule.tap(({ input }) =>
          Effect.sync(() => {
            seen.push("status" in input && "id" in input ? `run ${input.status}` : "error")
          })
        )
      )
      yield* elapse(awaitRun(evalId, runId, { schedule }))
      assert.deepStrictEqual(seen, ["run queued", "error", "run in_progress"])
    }).pipe(Effect.provide(polled([...runs("queued"), { status: 500 }, ...runs("in_progress"), ...runs("completed")])))
  )
})

describe("errors while polling", () => {
  const transient: ReadonlyArray<ScriptedHttp.Reply> = [
    { status: 500 },
    { status: 408 },
    { status: 429 },
    { failure: "ECONNRESET" },
    { failure: "ECONNREFUSED" },
    { delay: "3 minutes" }
  ]
  it.effect.each(transient)("%j does not end the wait", (reply) =>
    Effect.gen(function* () {
      const run = yield* elapse(awaitRun(evalId, runId))
      assert.strictEqual(run.status, "completed")
      assert.lengthOf(yield* times, 4)
    }).pipe(Effect.provide(polled([...runs("queued"), reply, reply, ...runs("completed")])))
  )

  it.effect("a host that is down for an hour does not end the wait", () =>
    Effect.gen(function* () {
      const run = yield* elapse(awaitRun(evalId, runId))
      assert.strictEqual(run.status, "completed")
    }).pipe(
      Effect.provide(
        polled(({ time }) => (time < 3_600_000 ? { failure: "ECONNREFUSED" } : (runs("completed")[0] ?? {})), {
          retry: undefined
        })
      )
    )
  )

  it.effect("a wait that the host asks for comes before the schedule's", () =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId, { schedule: Schedule.spaced("2 seconds") }))
      assert.deepStrictEqual(yield* times, [0, 602_000])
    }).pipe(Effect.provide(polled([{ status: 429, headers: { "retry-after": "600" } }, ...runs("completed")])))
  )

  it.effect.each([400, 401, 403, 404])("status %d ends it", (status) =>
    Effect.gen(function* () {
      const error = yield* failure(awaitRun(evalId, runId))
      assert.strictEqual(error._tag, "EvalsError")
      assert.strictEqual("status" in error ? error.status : undefined, status)
      assert.lengthOf(yield* times, 2)
    }).pipe(Effect.provide(polled([...runs("queued"), { status }])))
  )

  it.effect("an answer that is no run ends it", () =>
    Effect.gen(function* () {
      const error = yield* failure(awaitRun(evalId, runId))
      assert.strictEqual("reason" in error ? error.reason._tag : error._tag, "DecodeError")
    }).pipe(Effect.provide(polled([{ body: "<html>sign in</html>" }])))
  )
})

describe("a wait that ends before the run does", () => {
  it.effect("fails after 24 hours with the run as it was last seen", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(awaitRun(evalId, runId)))
      yield* TestClock.adjust("1439 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      assert.instanceOf(error, RunTimedOut)
      assert.deepStrictEqual(error.run, WireBuilder.run({ status: "in_progress" }))
      assert.include(error.message, "its last status is in_progress")
    }).pipe(Effect.provide(polled(runs("queued", "in_progress"))))
  )

  it.effect("fails after a timeout of one's own, and names the run though it was never seen", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(awaitRun(evalId, runId, { timeout: "90 seconds" })))
      yield* TestClock.adjust("90 seconds")
      const error = yield* Fiber.join(fiber)
      assert.instanceOf(error, RunTimedOut)
      assert.isFalse("run" in error)
      assert.deepStrictEqual([error.evalId, error.runId], [evalId, runId])
      assert.include(error.message, "it was never seen")
    }).pipe(Effect.provide(client([{ status: 500 }])))
  )

  it.effect("fails when a schedule ends, at once", () =>
    Effect.gen(function* () {
      const schedule = Schedule.upTo(Schedule.spaced("1 second"), { times: 2 })
      const error = yield* failure(awaitRun(evalId, runId, { schedule }))
      assert.instanceOf(error, RunTimedOut)
      assert.strictEqual(error.run?.status, "queued")
      assert.deepStrictEqual(yield* times, [0, 1000, 2000])
    }).pipe(Effect.provide(polled(runs("queued"))))
  )

  it.effect("leaves the run of executeRun alone too", () =>
    Effect.gen(function* () {
      const error = yield* failure(executeRun(evalId, runParams, { timeout: "2 seconds" }))
      assert.instanceOf(error, RunTimedOut)
      assert.notInclude(yield* lines, "POST /v1/evals/eval_1/runs/evalrun_1/cancel")
    }).pipe(Effect.provide(polled(runs("queued"))))
  )
})

describe("watchRun", () => {
  const counts = (passed: number) =>
    WireBuilder.run({
      status: "in_progress",
      result_counts: { total: passed, errored: 0, failed: 0, passed }
    })

  it.effect("gives the run as it stands, then each change, and ends with the run", () =>
    Effect.gen(function* () {
      const seen = yield* elapse(Stream.runCollect(watchRun(evalId, runId)))
      assert.deepStrictEqual(
        seen.map((run) => [run.status, run.result_counts.passed]),
        [
          ["queued", 0],
          ["in_progress", 1],
          ["in_progress", 2],
          ["canceled", 0]
        ]
      )
      assert.lengthOf(yield* times, 8)
    }).pipe(
      Effect.provide(
        polled([
          ...runs("queued", "queued"),
          { body: counts(1) },
          { body: counts(1) },
          { status: 500 },
          { body: counts(1) },
          { body: counts(2) },
          ...runs("canceled", "completed")
        ])
      )
    )
  )

  it.effect("ends with its schedule", () =>
    Effect.gen(function* () {
      const schedule = Schedule.upTo(Schedule.spaced("1 second"), { times: 4 })
      const seen = yield* elapse(Stream.runCollect(watchRun(evalId, runId, { schedule })))
      assert.deepStrictEqual(
        seen.map((run) => run.status),
        ["queued"]
      )
      assert.lengthOf(yield* times, 5)
    }).pipe(Effect.provide(polled(runs("queued"))))
  )

  it.effect("asks no further once nobody listens", () =>
    Effect.gen(function* () {
      yield* elapse(Stream.runCollect(Stream.take(watchRun(evalId, runId), 1)))
      assert.deepStrictEqual(yield* times, [0])
    }).pipe(Effect.provide(polled(runs("queued", "in_progress"))))
  )

  it.effect("passes an error on that will not go away", () =>
    Effect.gen(function* () {
      const error = yield* failure(Stream.runCollect(watchRun(evalId, runId)))
      assert.strictEqual(error.reason._tag, "NotFoundError")
    }).pipe(Effect.provide(polled([...runs("queued"), { status: 404 }])))
  )

  it.effect("passes the options of each request on", () =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId, { request: { headers: { "x-team": "quality" } } }))
      const requests = yield* ScriptedHttp.requests
      assert.deepStrictEqual(
        requests.map((request) => request.headers["x-team"]),
        ["quality", "quality"]
      )
    }).pipe(Effect.provide(polled(runs("queued", "completed"))))
  )
})

/** How a waiting operation is told which run is meant, and how its requests are sent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import { awaitRun, type AwaitOptions, EvalsClient, executeRun, watchRun } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, lines, runId, runParams, times } from "./support.ts"

const queued: ScriptedHttp.Answer = { body: WireBuilder.run({ status: "queued" }) }
const completed: ScriptedHttp.Answer = { body: WireBuilder.run({ status: "completed" }) }
const script = [queued, completed]

const headersOf = (name: string) =>
  Effect.map(ScriptedHttp.requests, (requests) => requests.map((request) => request.headers[name]))

const waits = {
  awaitRun: (options: AwaitOptions) => Effect.asVoid(awaitRun(evalId, runId, options)),
  executeRun: (options: AwaitOptions) => Effect.asVoid(executeRun(evalId, runParams, options)),
  watchRun: (options: AwaitOptions) => Stream.runDrain(watchRun(evalId, runId, options))
}

describe.each(Object.entries(waits))("%s", (_, wait) => {
  it.effect("sends its headers with each request", () =>
    Effect.gen(function* () {
      yield* elapse(wait({ headers: { "x-team": "quality" } }))
      assert.deepStrictEqual(yield* headersOf("x-team"), ["quality", "quality"])
    }).pipe(Effect.provide(client(script)))
  )

  it.effect("prefers its own headers and policy to those of the option request, and keeps the rest of that", () =>
    Effect.gen(function* () {
      const request = { headers: { "X-Team": "other", "x-user": "ada" }, retry: Schedule.recurs(9) }
      yield* Effect.exit(elapse(wait({ headers: { "x-team": "quality" }, retry: false, request })))
      assert.deepStrictEqual((yield* headersOf("x-team")).slice(0, 1), ["quality"])
      assert.deepStrictEqual((yield* headersOf("x-user")).slice(0, 1), ["ada"])
      // the policy of `request` would send again at once
      const [first, second] = yield* times
      assert.notStrictEqual(second, first)
    }).pipe(Effect.provide(client([{ status: 429, headers: { "retry-after-ms": "0" } }, queued, completed])))
  )
})

describe("the policy of a wait's requests", () => {
  const hour = Schedule.spaced("1 hour")

  it.effect("holds for each poll", () =>
    Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId, { retry: Schedule.spaced("3 seconds"), schedule: hour }))
      assert.deepStrictEqual(yield* times, [0, 3000, 6000])
    }).pipe(Effect.provide(client([{ status: 500 }, { status: 500 }, completed])))
  )

  it.effect("holds for the creation and for the cancellation", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(
        executeRun(evalId, runParams, { headers: { "x-team": "quality" }, retry: Schedule.spaced("3 seconds") })
      )
      yield* TestClock.adjust("4 seconds")
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(interruption)
      const [created, again] = yield* times
      assert.deepStrictEqual([created, again], [0, 3000])
      assert.deepStrictEqual((yield* lines).slice(-2), [
        "POST /v1/evals/eval_1/runs/evalrun_1/cancel",
        "POST /v1/evals/eval_1/runs/evalrun_1/cancel"
      ])
      assert.deepStrictEqual(new Set(yield* headersOf("x-team")), new Set(["quality"]))
    }).pipe(
      Effect.provide(
        client(({ method, path, time }) => {
          if (path.endsWith("/cancel")) return time < 5000 ? { status: 500 } : { body: WireBuilder.run() }
          return method === "POST" && time === 0 ? { status: 429 } : { body: WireBuilder.run({ status: "queued" }) }
        })
      )
    )
  )
})

describe("a run in place of its ids", () => {
  const run = WireBuilder.run({ id: runId, eval_id: evalId })
  const path = "GET /v1/evals/eval_1/runs/evalrun_1"

  it.effect("is awaited, with options or without", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* elapse(awaitRun(run))).status, "completed")
      const error = yield* failure(awaitRun(run, { timeout: "1 second", schedule: Schedule.spaced("1 hour") })).pipe(
        Effect.provide(client([queued]))
      )
      assert.strictEqual(error._tag, "RunTimedOut")
      assert.deepStrictEqual("runId" in error && [error.evalId, error.runId], [evalId, runId])
      assert.deepStrictEqual(yield* lines, [path, path])
    }).pipe(Effect.provide(client(script)))
  )

  it.effect("is watched, with options or without", () =>
    Effect.gen(function* () {
      const statuses = (options?: AwaitOptions) =>
        elapse(Stream.runCollect(watchRun(run, options))).pipe(
          Effect.map((seen) => seen.map(({ status }) => status)),
          Effect.andThen((seen) => Effect.map(lines, (sent) => [seen, sent])),
          Effect.provide(client(script))
        )
      for (const options of [undefined, {}, { schedule: Schedule.spaced("1 second") }]) {
        assert.deepStrictEqual(yield* statuses(options), [
          ["queued", "completed"],
          [path, path]
        ])
      }
    })
  )

  it.effect("is taken by the bound operations too", () =>
    Effect.gen(function* () {
      const evals = yield* EvalsClient.operations
      assert.strictEqual((yield* elapse(evals.awaitRun(run))).status, "completed")
      assert.lengthOf(yield* elapse(Stream.runCollect(evals.watchRun(run, {}))), 1)
    }).pipe(Effect.provide(client(script)))
  )
})

/**
 * What a program does not see by itself: runs that go on without it, hosts that
 * never end a list, keys that cannot be sent, rows that are no rows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"
import { awaitRun, createEval, executeRun, listRuns, retrieveRun, RunId, Upload, uploadFile } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, lines, runId, runParams, turns, withLog } from "./support.ts"

const queued = { body: WireBuilder.run() }

const interruptedAfter = <A, E, R>(effect: Effect.Effect<A, E, R>, wait: "1 second" | "1 minute") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* turns
    yield* TestClock.adjust(wait)
    yield* elapse(Fiber.interrupt(fiber), "1 minute")
  })

describe("a run that goes on", () => {
  it.effect("is cancelled with the headers of the call that created it", () =>
    Effect.gen(function* () {
      const headers = { authorization: Redacted.make("Bearer tenant"), "x-tenant": "a" }
      yield* interruptedAfter(executeRun(evalId, runParams, { request: { headers } }), "1 minute")
      const cancel = (yield* ScriptedHttp.requests).at(-1)
      assert.strictEqual(cancel?.path, "/v1/evals/eval_1/runs/evalrun_1/cancel")
      assert.strictEqual(cancel?.headers["authorization"], "Bearer tenant")
      assert.strictEqual(cancel?.headers["x-tenant"], "a")
    }).pipe(Effect.provide(client([queued], { apiKey: Redacted.make("client-key") })))
  )

  it.effect("is named in the log when executeRun fails before it ends", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      const error = yield* failure(executeRun(evalId, runParams))
      assert.strictEqual(error._tag === "EvalsError" ? error.reason._tag : "", "AuthenticationError")
      assert.match(log.join("\n"), /WARN.*executeRun ended before evalrun_1 of eval_1 did; the run goes on/)
    }).pipe(Effect.provide(client([queued, { status: 401 }])), (effect) => withLog(effect, log))
  })

  it.effect("is waited for aloud while its host cannot be reached", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* elapse(awaitRun(evalId, runId))
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /WARN.*still waiting for evalrun_1.*cannot reach http:\/\/host/)
    }).pipe(
      Effect.provide(
        client((_, index) =>
          index < 9 ? { failure: "ECONNREFUSED" } : { body: WireBuilder.run({ status: "completed" }) }
        )
      ),
      (effect) => withLog(effect, log)
    )
  })
})

it.effect("an eval that was created for nobody is named in the log", () => {
  const log: Array<string> = []
  return Effect.gen(function* () {
    const creation = createEval({ data_source_config: { type: "logs" }, testing_criteria: [] })
    yield* interruptedAfter(creation, "1 second")
    assert.match(log.join("\n"), /WARN.*createEval was interrupted after eval_1 had been created; it stays/)
  }).pipe(Effect.provide(client([{ delay: "10 seconds", body: WireBuilder.evaluation() }])), (effect) =>
    withLog(effect, log)
  )
})

it.effect("a list that goes in a circle ends in an error", () =>
  Effect.gen(function* () {
    const error = yield* failure(Stream.runDrain(listRuns(evalId)))
    assert.strictEqual(error.reason._tag, "DecodeError")
    assert.lengthOf(yield* lines, 3)
  }).pipe(
    Effect.provide(
      client((_, index) => ({
        body: WireBuilder.page([WireBuilder.run({ id: RunId.make(`evalrun_${index % 2}`) })], true)
      }))
    )
  )
)

describe("a key", () => {
  it.effect("is sent without the line break that a file ends in", () =>
    Effect.gen(function* () {
      yield* retrieveRun(evalId, runId)
      assert.strictEqual((yield* ScriptedHttp.requests)[0]?.headers["authorization"], "Bearer sk-abc")
    }).pipe(Effect.provide(client([queued], { apiKey: Redacted.make("sk-abc\n") })))
  )
})

describe("rows", () => {
  it.effect("that can be read once are sent once", () =>
    Effect.gen(function* () {
      const rows = Stream.fromIterable([{ item: { n: 1 } }])
      const error = yield* failure(uploadFile({ file: Upload.fromRows(rows), purpose: "evals" }))
      assert.strictEqual(error.reason._tag, "RateLimitError")
      assert.lengthOf(yield* lines, 1)
    }).pipe(Effect.provide(client([{ status: 429 }, { body: WireBuilder.file() }])))
  )

  it.effect("that are said to be the same each time are sent again", () =>
    Effect.gen(function* () {
      const rows = Stream.fromIterable([{ item: { n: 1 } }])
      yield* elapse(uploadFile({ file: Upload.fromRows(rows, { replayable: true }), purpose: "evals" }))
      const [first, second] = yield* ScriptedHttp.requests
      assert.include(first?.body, '{"item":{"n":1}}\n')
      assert.include(second?.body, '{"item":{"n":1}}\n')
    }).pipe(Effect.provide(client([{ status: 429 }, { body: WireBuilder.file() }])))
  )

  it.effect("that are no rows end the upload, and are named", () =>
    Effect.gen(function* () {
      const rows = JSON.parse('[{"item":{}},{"nope":1}]')
      const error = yield* failure(uploadFile({ file: Upload.fromRows(rows), purpose: "evals" }))
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.include(error.message, "row 1: item: is missing")
    }).pipe(Effect.provide(client([{ body: WireBuilder.file() }])))
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Stream } from "effect"
import {
  awaitRun,
  createRun,
  deleteFile,
  downloadFile,
  EvalsClient,
  EvalsError,
  executeRun,
  listEvals,
  listRuns,
  retrieveEval,
  retrieveRun,
  RunId,
  runGrader,
  type Run,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { EvalsClientTest, WireBuilder } from "effect-evals/testing"
import { elapse, evalId, failure, fileId, runId, runParams } from "../support.ts"

/** The defect that an effect dies of, in words. */
const defect = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(effect), (exit) =>
    Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? Cause.pretty(exit.cause) : "no defect"
  )

describe("a client with some operations", () => {
  it.effect("returns their results, and passes their arguments", () =>
    Effect.gen(function* () {
      const calls: Array<unknown> = []
      const layer = EvalsClientTest.layer({
        createRun: (...args) => Effect.sync(() => (calls.push(args), WireBuilder.run({ name: args[1].name ?? null })))
      })
      const options = { timeout: "1 second" } as const
      const run = yield* createRun(evalId, { ...runParams, name: "x" }, options).pipe(Effect.provide(layer))
      assert.strictEqual(run.name, "x")
      assert.deepStrictEqual(calls, [[evalId, { ...runParams, name: "x" }, options]])
    })
  )

  it.effect("fails with their errors", () =>
    Effect.gen(function* () {
      const refused = new EvalsError.EvalsError({
        method: "retrieveRun",
        reason: new EvalsError.RateLimitError({ detail: "slowly", status: 429, retryAfter: Duration.seconds(1) })
      })
      const layer = EvalsClientTest.layer({ retrieveRun: () => Effect.fail(refused) })
      assert.strictEqual(yield* failure(retrieveRun(evalId, runId).pipe(Effect.provide(layer))), refused)
    })
  )

  it.effect("dies of a missing operation, with its name", () =>
    Effect.gen(function* () {
      const layer = EvalsClientTest.layer({ retrieveRun: () => Effect.succeed(WireBuilder.run()) })
      const grader = { type: "string_check", name: "n", input: "a", reference: "a", operation: "eq" } as const
      const missing: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, EvalsClient.EvalsClient>]> = [
        ["retrieveEval", retrieveEval(evalId)],
        ["createRun", createRun(evalId, runParams)],
        ["listEvalsPage", Stream.runCollect(listEvals())],
        ["uploadFile", uploadFile({ file: Upload.fromRows([]), purpose: "evals" })],
        ["deleteFile", deleteFile(fileId)],
        ["downloadFile", Stream.runDrain(downloadFile(fileId))],
        ["runGrader", runGrader({ grader, model_sample: "a" })]
      ]
      for (const [name, operation] of missing) {
        assert.include(yield* defect(operation.pipe(Effect.provide(layer))), `the test asks for ${name},`)
      }
    })
  )

  it.effect("lists through their pages", () =>
    Effect.gen(function* () {
      const asked: Array<Run.ListParams> = []
      const layer = EvalsClientTest.layer({
        listRunsPage: (_, params) =>
          Effect.sync(() => {
            asked.push(params)
            const number = asked.length
            return WireBuilder.page([WireBuilder.run({ id: RunId.make(`evalrun_${number}`) })], number < 3)
          })
      })
      const runs = yield* Stream.runCollect(listRuns(evalId, { status: "failed" })).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        runs.map((run) => run.id),
        ["evalrun_1", "evalrun_2", "evalrun_3"].map((id) => RunId.make(id))
      )
      assert.deepStrictEqual(asked, [
        { status: "failed" },
        { status: "failed", after: RunId.make("evalrun_1") },
        { status: "failed", after: RunId.make("evalrun_2") }
      ])
    })
  )

  it.effect("awaits a run through their answers", () =>
    Effect.gen(function* () {
      const statuses: ReadonlyArray<Run.RunStatus> = ["queued", "in_progress", "completed"]
      let polls = 0
      const layer = EvalsClientTest.layer({
        createRun: () => Effect.succeed(WireBuilder.run()),
        retrieveRun: () => Effect.sync(() => WireBuilder.run({ status: statuses[polls++ % 3] ?? "queued" }))
      })
      const program = Effect.gen(function* () {
        assert.strictEqual((yield* awaitRun(evalId, runId)).status, "completed")
        assert.strictEqual((yield* executeRun(evalId, runParams)).status, "completed")
        const seen = yield* Stream.runCollect(watchRun(evalId, runId))
        assert.deepStrictEqual(
          seen.map((run) => run.status),
          statuses
        )
      })
      yield* elapse(program.pipe(Effect.provide(layer)))
      assert.strictEqual(polls, 9)
    })
  )

  it.effect("downloads their stream", () =>
    Effect.gen(function* () {
      const bytes = new TextEncoder().encode("{}\n")
      const layer = EvalsClientTest.layer({ downloadFile: () => Stream.succeed(bytes) })
      const got = yield* Stream.runCollect(downloadFile(fileId)).pipe(Effect.provide(layer))
      assert.deepStrictEqual(got, [bytes])
    })
  )

  it.effect("has no network behind its transport", () =>
    Effect.gen(function* () {
      const { client } = yield* EvalsClient.EvalsClient
      const error = yield* Effect.flip(client.get("/models"))
      assert.include(error.message, "EvalsClientTest has no network")
    }).pipe(Effect.provide(EvalsClientTest.layer({})))
  )
})

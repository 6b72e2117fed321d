import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Stream } from "effect"
import * as all from "effect-evals"
import { EvalsClient, type EvalsError, type Run, Upload } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, fileId, itemId, lines, runId, runParams } from "./support.ts"

const emptyPage = { object: "list", data: [], first_id: null, last_id: null, has_more: false }

/** A service of an application, over operations that it holds. */
class Nightly extends Context.Service<
  Nightly,
  {
    readonly execute: Effect.Effect<number, EvalsError.EvalsError>
    readonly runs: Stream.Stream<Run.Run, EvalsError.EvalsError>
  }
>()("app/Nightly") {
  static readonly layer = Layer.effect(
    Nightly,
    Effect.map(EvalsClient.operations, (evals) => ({
      execute: evals.executeRun(evalId, runParams).pipe(
        Effect.catchTag(["RunFailed", "RunCanceled", "RunTimedOut"], (error) => Effect.die(error)),
        Effect.map((run) => run.result_counts.passed)
      ),
      runs: evals.listRuns(evalId)
    }))
  )
}

describe("operations as a value", () => {
  it.effect("are all that the package exports, under their own names", () =>
    Effect.gen(function* () {
      const operations = yield* EvalsClient.operations
      const functions = Object.entries(all).flatMap(([name, value]) =>
        typeof value === "function" && /^[a-z]/.test(name) && name !== "lintEval" ? [name] : []
      )
      assert.deepStrictEqual(Object.keys(operations).toSorted(), functions.toSorted())
    }).pipe(Effect.provide(client([])))
  )

  it.effect("send the same requests, and need no client any more", () =>
    Effect.gen(function* () {
      const operations = yield* EvalsClient.operations
      const send = (name: string, effect: Effect.Effect<unknown, unknown>) =>
        Effect.map(Effect.exit(effect), () => name)
      yield* send("pages", operations.listEvalsPage())
      yield* send("lists", Stream.runDrain(operations.listOutputItems(evalId, runId, { status: "fail" })))
      yield* send("items", operations.retrieveOutputItem(evalId, runId, itemId))
      yield* send("files", operations.uploadFile({ file: Upload.fromRows([]), purpose: "evals" }))
      yield* send("downloads", Stream.runDrain(operations.downloadFile(fileId)))
      yield* send("watching", Stream.runDrain(operations.watchRun(evalId, runId)))
      yield* send("waiting", operations.awaitRun(evalId, runId))
      const sent = yield* ScriptedHttp.requests
      assert.isTrue(sent.every((request) => request.headers["authorization"] === "Bearer the-key"))
      assert.deepStrictEqual(yield* lines, [
        "GET /v1/evals",
        "GET /v1/evals/eval_1/runs/evalrun_1/output_items?status=fail",
        "GET /v1/evals/eval_1/runs/evalrun_1/output_items/outputitem_1",
        "POST /v1/files",
        "GET /v1/files/file-1/content",
        "GET /v1/evals/eval_1/runs/evalrun_1",
        "GET /v1/evals/eval_1/runs/evalrun_1"
      ])
    }).pipe(Effect.provide(client([{ status: 400 }], { apiKey: Redacted.make("the-key") })))
  )

  it.effect("make a service of an application whose methods require nothing", () =>
    Effect.gen(function* () {
      const nightly = yield* Nightly
      assert.strictEqual(yield* elapse(nightly.execute), 3)
      assert.deepStrictEqual(yield* Stream.runCollect(nightly.runs), [])
    }).pipe(
      Effect.provide(
        Nightly.layer.pipe(
          Layer.provide(
            client(({ path }, index) => ({
              body:
                path.includes("?") || index > 1
                  ? emptyPage
                  : WireBuilder.run({
                      status: "completed",
                      result_counts: { total: 3, errored: 0, failed: 0, passed: 3 }
                    })
            }))
          )
        )
      )
    )
  )

  it.effect("of two clients go to their own addresses, whatever client is in the context", () =>
    Effect.gen(function* () {
      const one = yield* EvalsClient.operations.pipe(
        Effect.provideServiceEffect(EvalsClient.EvalsClient, EvalsClient.make({ baseUrl: "http://host/one" }))
      )
      const two = yield* EvalsClient.operations
      yield* one.retrieveEval(evalId)
      yield* two.retrieveEval(evalId)
      assert.deepStrictEqual(yield* lines, ["GET /one/evals/eval_1", "GET /v1/evals/eval_1"])
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }])))
  )
})

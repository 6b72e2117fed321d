import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import {
  cancelRun,
  createRun,
  deleteRun,
  type EvalId,
  type EvalsClient,
  executeRun,
  type FileId,
  listRuns,
  retrieveRun,
  type RunId
} from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { join } from "node:path"
import { laborious } from "../../../behaviour/lib/engine.ts"
import { count as executions, layerFile, layerMemory, until } from "../../../server/lib/parts.ts"
import { folder, noExecutions, rows } from "./lib/servers.ts"
import { itemsOf, over, prepare } from "./lib/toil.ts"

const count = 4000

/** Rows that take four milliseconds each: the whole takes many seconds, which nobody waits for. */
const long = Effect.suspend(() => prepare(count, laborious(3000)))

const untilBegun = (evalId: EvalId, runId: RunId) =>
  until(retrieveRun(evalId, runId), ({ result_counts }) => result_counts.total > 0)

/** A run of which some items are stored, and most are not. */
const begun = (evalId: EvalId, fileId: FileId) =>
  Effect.gen(function* () {
    const { id } = yield* createRun(evalId, over(fileId))
    yield* untilBegun(evalId, id)
    return id
  })

/** What is stored of a run that was canceled, which must be what it counts. */
const assertCanceled = (evalId: EvalId, runId: RunId) =>
  Effect.gen(function* () {
    const run = yield* retrieveRun(evalId, runId)
    const items = yield* itemsOf(evalId, runId)
    const { failed, passed, total } = run.result_counts
    assert.strictEqual(run.status, "canceled")
    assert.isTrue(total > 0 && total < count, `${total} items`)
    assert.deepStrictEqual(
      items.map((item) => item.datasource_item_id),
      Array.from({ length: total }, (_, index) => index)
    )
    assert.strictEqual(items.filter(({ status }) => status === "pass").length, passed)
    assert.strictEqual(items.filter(({ status }) => status === "fail").length, failed)
    for (const [index, of] of (run.per_testing_criteria_results ?? []).entries()) {
      assert.strictEqual(items.filter(({ results }) => results[index]?.passed === true).length, of.passed)
      assert.strictEqual(of.passed + of.failed, total)
    }
    assert.strictEqual(run.per_testing_criteria_results?.length, 3)
    return run
  })

/** Waits until an engine has forgotten whatever it was at. */
const idle = until(executions("run_executions"), (n) => n === 0)

const places = [
  { name: "in memory", engine: () => layerMemory },
  { name: "in a file", engine: layerFile }
]

describe.each(places)("a run $name", ({ engine, name: place }) => {
  /** The body is given the file of the engine's database, if it has one. */
  const test = (
    name: string,
    body: (
      evalId: EvalId,
      fileId: FileId,
      file?: string
    ) => Effect.Effect<void, unknown, EvalsClient.EvalsClient | SqlClient.SqlClient>
  ) =>
    it.live(name, () =>
      Effect.gen(function* () {
        const filename = join(yield* folder, "evals.db")
        yield* Effect.gen(function* () {
          const { evalId, fileId } = yield* long
          yield* place === "in memory" ? body(evalId, fileId) : body(evalId, fileId, filename)
        }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provideMerge(engine(filename)))))
      })
    )

  test("is canceled at once, and keeps what was stored by then and counts it", (evalId, fileId, file) =>
    Effect.gen(function* () {
      const runId = yield* begun(evalId, fileId)
      const answer = yield* cancelRun(evalId, runId)
      assert.strictEqual(answer.status, "canceled")
      // the run's own pace is the clock: whoever waited for it would see most of it
      assert.isBelow(answer.result_counts.total, count / 4)
      const canceled = yield* assertCanceled(evalId, runId)
      assert.deepStrictEqual(canceled, answer)
      yield* idle
      assert.deepStrictEqual(yield* assertCanceled(evalId, runId), answer)
      if (file !== undefined) yield* noExecutions(file)
    }))

  test("is canceled when whoever waits for it is interrupted", (evalId, fileId) =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(executeRun(evalId, over(fileId)))
      const [first] = yield* until(Stream.runCollect(listRuns(evalId)), ({ length }) => length > 0)
      const runId = first?.id
      assert.isDefined(runId)
      yield* untilBegun(evalId, runId)
      yield* Fiber.interrupt(waiting)
      const canceled = yield* assertCanceled(evalId, runId)
      yield* idle
      assert.deepStrictEqual(yield* assertCanceled(evalId, runId), canceled)
    }))

  test("that is deleted leaves nothing", (evalId, fileId, file) =>
    Effect.gen(function* () {
      const runId = yield* begun(evalId, fileId)
      assert.deepStrictEqual(yield* deleteRun(evalId, runId), {
        object: "eval.run.deleted",
        deleted: true,
        run_id: runId
      })
      const gone = Effect.flip(retrieveRun(evalId, runId))
      assert.strictEqual((yield* gone).reason._tag, "NotFoundError")
      assert.deepStrictEqual(yield* Stream.runCollect(listRuns(evalId)), [])
      assert.strictEqual((yield* Effect.flip(itemsOf(evalId, runId))).reason._tag, "NotFoundError")
      if (file === undefined) return
      const left = Effect.sync(() =>
        ["output_items", "run_batches", "removals"].map((table) => rows(file, `SELECT * FROM ${table}`).length)
      )
      yield* until(left, (counts) => counts.every((n) => n === 0))
      yield* noExecutions(file)
    }))
})

/** What the engine makes of runs: their items, their counts and their ends. */
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  deleteEval,
  deleteFile,
  deleteRun,
  listOutputItems,
  retrieveRun,
  type Run,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, evaluated, label, laborious, over, row, send } from "./lib/engine.ts"

const many = Array.from({ length: 6000 }, (_, index) => row(index % 2 === 0, { n: index }))

/** A run that some rows are judged of, and more are not: each takes the longer, the more words are compared. */
const begun = (params: Run.CreateParams, words: number) =>
  Effect.gen(function* () {
    const { id } = yield* createEval(definition(laborious(words)))
    const created = yield* createRun(id, params)
    yield* Effect.repeat(Effect.andThen(Effect.yieldNow, retrieveRun(id, created.id)), {
      until: ({ result_counts }) => result_counts.total > 0
    })
    return { evalId: id, runId: created.id }
  })

const cancels = (suffix: string) =>
  Effect.gen(function* () {
    const { evalId, runId } = yield* begun(over(many), 2000)
    const canceled = yield* send("POST", `/evals/${evalId}/runs/${runId}${suffix}`)
    assert.strictEqual(canceled.status, 200)
    assert.strictEqual(at(canceled.json, "status"), "canceled")
    const counted = at(canceled.json, "result_counts", "total")
    assert.isTrue(typeof counted === "number" && counted > 0 && counted < many.length, String(counted))
    assert.strictEqual(yield* Stream.runCount(listOutputItems(evalId, runId, { limit: 100 })), counted)
    assert.deepStrictEqual((yield* retrieveRun(evalId, runId)).result_counts, at(canceled.json, "result_counts"))
  })

layer(EvalsTest.layer)("running", (it) => {
  it.effect("counts an item as passed when every criterion passes, and each criterion by its id", () =>
    Effect.gen(function* () {
      const also = { ...label, name: "also", operation: "like" as const, reference: "o" }
      const { made, run } = yield* evaluated([row(true), row(false), row(false)], label, also)
      assert.deepStrictEqual(run.result_counts, { total: 3, errored: 0, failed: 3, passed: 0 })
      const [first, second] = made.testing_criteria.map((criterion) => String(at(criterion, "id")))
      assert.deepStrictEqual(run.per_testing_criteria_results, [
        { testing_criteria: String(first), testing_criteria_id: String(first), passed: 1, failed: 2 },
        { testing_criteria: String(second), testing_criteria_id: String(second), passed: 2, failed: 1 }
      ])
    })
  )

  it.effect("fails a criterion with 0 where a variable is missing, and shows the sample beside it", () =>
    Effect.gen(function* () {
      const city = { ...label, name: "city", input: "{{ sample.output_json.city }}" }
      const { evalId, run } = yield* evaluated(
        [{ item: { label: "Rome" }, sample: { output_text: '\n{"city":"Rome"}\n' } }],
        city
      )
      assert.deepStrictEqual(run.result_counts, { total: 1, errored: 0, failed: 1, passed: 0 })
      const [item] = yield* Stream.runCollect(listOutputItems(evalId, run.id))
      assert.strictEqual(item?.status, "fail")
      const [result] = item?.results ?? []
      assert.deepStrictEqual([result?.passed, result?.score], [false, 0])
      assert.deepStrictEqual(at(result, "sample"), item?.sample)
    })
  )

  it.effect("numbers items by their rows from 0, lists them in that order, and reads failed as fail", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated(Array.from({ length: 250 }, (_, index) => row(index % 5 !== 0)))
      const items = yield* Stream.runCollect(listOutputItems(evalId, run.id, { limit: 100 }))
      assert.deepStrictEqual(
        items.map(({ datasource_item_id }) => datasource_item_id),
        Array.from({ length: 250 }, (_, index) => index)
      )
      const down = yield* Stream.runCollect(Stream.take(listOutputItems(evalId, run.id, { order: "desc" }), 2))
      assert.deepStrictEqual(
        down.map(({ datasource_item_id }) => datasource_item_id),
        [249, 248]
      )
      const path = `/evals/${evalId}/runs/${run.id}/output_items?limit=100&status=`
      const [fail, failed] = yield* Effect.all([send("GET", `${path}fail`), send("GET", `${path}failed`)])
      assert.strictEqual([at(fail.json, "data")].flat().length, 50)
      assert.deepStrictEqual(failed.json, fail.json)
    })
  )

  it.effect("has all items readable as soon as a run is completed", () =>
    Effect.gen(function* () {
      const { id } = yield* createEval(definition())
      const created = yield* createRun(id, over(many))
      const last = yield* watchRun(id, created.id).pipe(
        Stream.filter(({ status }) => status === "completed"),
        Stream.mapEffect((run) =>
          Effect.map(Stream.runCount(listOutputItems(id, run.id, { limit: 100 })), (count) => [
            count,
            run.result_counts.total
          ])
        ),
        Stream.runCollect
      )
      assert.deepStrictEqual(last, [[6000, 6000]])
    })
  )

  it.effect("cancels at …/runs/{run_id}/cancel: what is judged stays and is counted, and nothing follows", () =>
    cancels("/cancel")
  )

  it.effect("cancels at …/runs/{run_id} too, where clients older than October 2026 ask for it", () => cancels(""))

  it.effect("leaves a run that has ended as it is when it is canceled", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      assert.deepStrictEqual(yield* cancelRun(evalId, run.id), run)
    })
  )

  it.effect("deletes with an eval its runs and their items", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      const going = yield* createRun(evalId, over(many))
      assert.deepStrictEqual(yield* deleteEval(evalId), { object: "eval.deleted", deleted: true, eval_id: evalId })
      for (const gone of [run.id, going.id]) {
        const answer = yield* send("GET", `/evals/${evalId}/runs/${gone}/output_items`)
        assert.deepStrictEqual([answer.status, at(answer.json, "error", "code")], [404, "not_found"])
      }
    })
  )

  it.effect("cancels a run in progress that is deleted: whoever waits for it is told", () =>
    Effect.gen(function* () {
      const { id } = yield* createEval(definition())
      const created = yield* createRun(id, over(many))
      assert.deepStrictEqual(yield* deleteRun(id, created.id), {
        object: "eval.run.deleted",
        deleted: true,
        run_id: created.id
      })
      const waited = yield* Effect.flip(awaitRun(id, created.id))
      assert.strictEqual(waited._tag === "EvalsError" ? waited.reason._tag : waited._tag, "NotFoundError")
    })
  )

  it.effect("fails a run that cannot go on, since the file of its rows is gone; what is judged stays", () =>
    Effect.gen(function* () {
      // of several pieces, of which most are still to be read: about a fifth of a second goes by with each
      const text = "x".repeat(3000)
      const large = Array.from({ length: 3000 }, (_, n) => row(true, { n, text }))
      const file = yield* uploadFile({ file: Upload.fromRows(large), purpose: "evals" })
      const source = { type: "file_id", id: file.id } as const
      const { evalId, runId } = yield* begun({ data_source: { type: "jsonl", source } }, 2000)
      yield* deleteFile(file.id)
      const ended = yield* Effect.flip(awaitRun(evalId, runId))
      if (ended._tag !== "RunFailed") return assert.fail(ended._tag)
      const { error, result_counts } = yield* retrieveRun(evalId, runId)
      assert.strictEqual(error?.code, "file_not_found")
      assert.isTrue(result_counts.total > 0 && result_counts.total < large.length, String(result_counts.total))
      assert.strictEqual(yield* Stream.runCount(listOutputItems(evalId, runId, { limit: 100 })), result_counts.total)
    })
  )
})

/**
 * What becomes of a row that cannot be judged: here one whose texts take longer to compare than a row may, and one
 * whose sample could not be taken.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { type Grader, listOutputItems } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import * as Engine from "../../src/engine/Engine.ts"
import * as Workers from "../../src/engine/work/Workers.ts"
import { migrate, newest } from "../../src/store/migrations.ts"
import * as Sqlite from "../../src/store/Sqlite.ts"
import { at, evaluated, label, row, send } from "./lib/engine.ts"

const database = Layer.provideMerge(Layer.effectDiscard(migrate), Sqlite.layer({ filename: ":memory:" }, newest))

/** An engine as ever, but for the time that a row may take. */
const impatient = EvalsEngine.layerClient().pipe(
  Layer.provideMerge(Engine.layer({ workers: Workers.layer({ size: 1, gradeMillis: 1500 }) })),
  Layer.provide(database)
)

const similar: Grader.TestingCriterion = {
  type: "text_similarity",
  name: "similar",
  input: "{{ item.a }}",
  reference: "{{ item.b }}",
  evaluation_metric: "fuzzy_match"
}

/** Two of them take many seconds to compare. */
const long = (characters: string): string =>
  Array.from({ length: 400_000 }, (_, at) => characters[(at * at) % 7]).join("")

layer(impatient)("errored", (it) => {
  it.effect("are all rows of a run that fails for one reason", () =>
    Effect.gen(function* () {
      const because = (...codes: ReadonlyArray<string>) =>
        Effect.flip(
          evaluated(codes.map((code) => ({ item: {}, sample: { error: { code, message: `says ${code}` } } })))
        )
      // more than are judged together
      const many = 200
      const failed = yield* because(...Array.from({ length: many }, () => "invalid_api_key"))
      if (failed._tag !== "RunFailed") return assert.fail(failed._tag)
      assert.deepStrictEqual(failed.run.error, {
        code: "invalid_api_key",
        message: "Every row is errored: says invalid_api_key"
      })
      assert.deepStrictEqual(failed.run.result_counts, { total: many, errored: many, failed: 0, passed: 0 })
      assert.strictEqual(yield* Stream.runCount(listOutputItems(failed.run.eval_id, failed.run.id)), many)
      const silent = yield* Effect.flip(evaluated([{ item: {}, sample: { error: { message: "no code" } } }]))
      if (silent._tag !== "RunFailed") return assert.fail(silent._tag)
      assert.deepStrictEqual(silent.run.error, { code: "rows_errored", message: "Every row is errored: no code" })
      const { run } = yield* evaluated(
        ["a", "b"].map((code) => ({ item: {}, sample: { error: { code, message: "m" } } }))
      )
      assert.strictEqual(run.status, "completed")
    })
  )

  it.effect("is the status of a row whose sampling failed: no criterion is run, and the item has the reason", () =>
    Effect.gen(function* () {
      const error = {
        message: "Timeout while downloading https://example.com/a.png.",
        code: "invalid_image_url",
        type: "invalid_request_error"
      }
      // its text is the label, and would pass
      const unsampled = { item: { label: "" }, sample: { output_text: "", error } }
      const { evalId, run } = yield* evaluated([row(true), unsampled, row(false)])
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.result_counts, { total: 3, errored: 1, failed: 1, passed: 1 })
      assert.deepStrictEqual(
        run.per_testing_criteria_results?.map(({ failed, passed }) => [passed, failed]),
        [[1, 1]]
      )
      const items = yield* Stream.runCollect(listOutputItems(evalId, run.id))
      assert.deepStrictEqual(
        items.map(({ results, sample, status }) => [status, results.length, sample?.error]),
        [
          ["pass", 1, null],
          ["error", 0, error],
          ["fail", 1, null]
        ]
      )
    })
  )

  it.effect("is the status of a row that exceeds the time limit: it is counted as errored, and the run goes on", () =>
    Effect.gen(function* () {
      const slow = { item: { label: "yes", a: long("abcdefg"), b: long("gfedcba") }, sample: { output_text: "yes" } }
      const { evalId, run } = yield* evaluated(
        [row(true, { a: "x", b: "x" }), slow, row(false, { a: "x", b: "x" })],
        label,
        similar
      )
      assert.deepStrictEqual(run.result_counts, { total: 3, errored: 1, failed: 1, passed: 1 })
      assert.deepStrictEqual(
        run.per_testing_criteria_results?.map(({ failed, passed }) => [passed, failed]),
        [
          [1, 1],
          [2, 0]
        ]
      )
      const items = yield* Stream.runCollect(listOutputItems(evalId, run.id))
      assert.deepStrictEqual(
        items.map(({ status }) => status),
        ["pass", "error", "fail"]
      )
      assert.deepStrictEqual(
        items[1]?.results.map((result) => [result.passed, result.score, at(result, "sample", "error")]),
        Array.from({ length: 2 }, () => [
          false,
          0,
          { code: "grader_timeout", message: "The criteria took longer than 1.5 s to judge this row." }
        ])
      )
      for (const [status, rows] of [
        ["pass", [0]],
        ["fail", [2]]
      ] as const) {
        const listed = yield* send("GET", `/evals/${evalId}/runs/${run.id}/output_items?status=${status}`)
        assert.deepStrictEqual(
          [at(listed.json, "data")].flat().map((item) => at(item, "datasource_item_id")),
          [...rows]
        )
      }
    })
  )
})

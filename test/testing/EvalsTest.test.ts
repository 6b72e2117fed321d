import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { awaitRun, createEval, createRun, executeRun, listOutputItems, type Run, watchRun } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"

const made = createEval({
  name: "labels",
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: [
    { type: "string_check", name: "label", input: "{{ item.said }}", reference: "{{ item.label }}", operation: "eq" }
  ]
})

const rows = (count: number): Run.CreateParams => ({
  data_source: {
    type: "jsonl",
    source: {
      type: "file_content",
      content: Array.from({ length: count }, (_, index) => ({
        item: { said: "yes", label: index % 3 === 0 ? "no" : "yes" }
      }))
    }
  }
})

describe("EvalsTest.layer, without moving the clock", () => {
  it.effect("executes a run and awaits it", () =>
    Effect.gen(function* () {
      const { id } = yield* made
      const run = yield* executeRun(id, rows(10))
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.result_counts, { total: 10, errored: 0, failed: 4, passed: 6 })
      assert.strictEqual(run.created_at, 0)
    }).pipe(Effect.provide(EvalsTest.layer))
  )

  it.effect("awaits a run that was created before, and one that has ended", () =>
    Effect.gen(function* () {
      const { id } = yield* made
      const created = yield* createRun(id, rows(3))
      assert.strictEqual(created.status, "queued")
      const first = yield* awaitRun(id, created.id)
      const again = yield* awaitRun(id, created.id)
      assert.deepStrictEqual(again, first)
    }).pipe(Effect.provide(EvalsTest.layer))
  )

  it.effect("watches a run from start to end, with the number of its rows", () =>
    Effect.gen(function* () {
      const { id } = yield* made
      const created = yield* createRun(id, rows(5000))
      const seen = yield* Stream.runCollect(watchRun(id, created.id))
      assert.isAbove(seen.length, 1)
      assert.strictEqual(seen.at(-1)?.status, "completed")
      const totals = seen.map((run) => run.result_counts.total)
      assert.deepStrictEqual(
        totals,
        totals.toSorted((a, b) => a - b)
      )
      for (const run of seen) {
        const source = run.data_source?.type === "jsonl" ? run.data_source.source : undefined
        assert.strictEqual(source?.type === "file_content" ? source.content.length : 0, 5000)
      }
    }).pipe(Effect.provide(EvalsTest.layer))
  )

  const ids = Effect.gen(function* () {
    const { id, testing_criteria } = yield* made
    const run = yield* executeRun(id, rows(3))
    const items = yield* Stream.runCollect(listOutputItems(id, run.id))
    return [
      id,
      ...testing_criteria.map((grader) => ("id" in grader ? grader.id : undefined)),
      run.id,
      ...items.map((item) => item.id)
    ]
  })

  it.effect("makes the same ids each time, and other ids with another seed", () =>
    Effect.gen(function* () {
      const first = yield* Effect.provide(ids, EvalsTest.layer)
      const second = yield* Effect.provide(ids, EvalsTest.layer)
      const other = yield* Effect.provide(ids, EvalsTest.layerWith({ seed: 7 }))
      assert.deepStrictEqual(second, first)
      assert.notDeepEqual(other, first)
      assert.strictEqual(new Set(first).size, first.length)
    })
  )
})

/** The rows of a run: how many there are and how many were judged, and rows without a sample. */
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  type Eval,
  retrieveRun,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, label, laborious, over, row, send } from "./lib/engine.ts"

const withSample = (...criteria: Eval.CreateParams["testing_criteria"]): Eval.CreateParams => ({
  data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
  testing_criteria: criteria
})

const rows = (count: number) => Array.from({ length: count }, (_, n) => row(true, { n }))

layer(EvalsTest.layer)("the rows of a run", (it) => {
  it.effect("are counted in evals_rows from the creation on, in the run and in each of its events", () =>
    Effect.gen(function* () {
      const one = yield* createEval(definition(laborious(500)))
      const created = yield* createRun(one.id, over(rows(3000)))
      assert.deepStrictEqual(created.evals_rows, { total: 3000, not_judged: 3000 })
      const seen = yield* Stream.runCollect(watchRun(one.id, created.id))
      for (const { evals_rows, result_counts } of seen) {
        assert.deepStrictEqual(evals_rows, { total: 3000, not_judged: 3000 - result_counts.total })
      }
      const ended = yield* retrieveRun(one.id, created.id)
      assert.deepStrictEqual(ended.evals_rows, { total: 3000, not_judged: 0 })
    })
  )

  it.effect("are counted without blank lines where a file has them, and rows that errored are judged", () =>
    Effect.gen(function* () {
      const one = yield* createEval(definition())
      const text = [row(true), { item: {}, sample: { error: { message: "no" } } }, row(false)]
        .map((each) => JSON.stringify(each))
        .join("\n\n")
      const file = yield* uploadFile({
        file: Upload.fromBlob(new Blob([text]), { filename: "rows.jsonl" }),
        purpose: "evals"
      })
      const created = yield* createRun(one.id, {
        data_source: { type: "jsonl", source: { type: "file_id", id: file.id } }
      })
      assert.deepStrictEqual(created.evals_rows, { total: 3, not_judged: 3 })
      const ended = yield* awaitRun(one.id, created.id)
      assert.deepStrictEqual(ended.evals_rows, { total: 3, not_judged: 0 })
      assert.strictEqual(ended.result_counts.errored, 1)
    })
  )

  it.effect("that were not judged are counted in a run that was canceled", () =>
    Effect.gen(function* () {
      const one = yield* createEval(definition(laborious(2000)))
      const created = yield* createRun(one.id, over(rows(6000)))
      const { evals_rows, result_counts } = yield* cancelRun(one.id, created.id)
      assert.deepStrictEqual(evals_rows, { total: 6000, not_judged: 6000 - result_counts.total })
      assert.isBelow(result_counts.total, 6000)
      const page = yield* send("GET", `/evals/${one.id}/runs`)
      assert.deepStrictEqual(at(page.json, "data", 0, "evals_rows"), evals_rows)
    })
  )

  it.effect("may be without a sample where no criterion reads one, though the eval includes its schema", () =>
    Effect.gen(function* () {
      const one = yield* createEval(
        withSample(
          { ...label, input: "{{ item.label }}", reference: "yes" },
          { ...label, name: "b", input: "sample", reference: "{sample}", operation: "ne" }
        )
      )
      const created = yield* createRun(one.id, over([{ item: { label: "yes" } }, { item: { label: "no" } }]))
      const ended = yield* awaitRun(one.id, created.id)
      assert.deepStrictEqual(ended.result_counts, { total: 2, passed: 1, failed: 1, errored: 0 })
    })
  )

  it.effect("are refused without a sample where a criterion reads one, and the answer says what to do", () =>
    Effect.gen(function* () {
      for (const input of ["{{ sample.output_text }}", "{{sample}}", "a {{ sample.choices[0].message.content }}"]) {
        const one = yield* createEval(
          withSample({ ...label, input: "{{ item.label }}" }, { ...label, name: "b", input })
        )
        const refused = yield* send("POST", `/evals/${one.id}/runs`, over([row(true), { item: { label: "yes" } }]))
        assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [400, "invalid_row"])
        assert.strictEqual(
          at(refused.json, "error", "message"),
          "data_source.source.content[1].sample: is missing; criteria read it, and the eval asks for one in each row " +
            '(include_sample_schema). Put the answer there: "sample": {"output_text": "…"}'
        )
      }
    })
  )
})

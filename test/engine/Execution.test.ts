import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createEval, executeRun, uploadFile, Upload } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { rowsOfActivity } from "../../src/engine/RunWorkflow.ts"

const made = createEval({
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: [
    { type: "string_check", name: "even", input: "{{ item.parity }}", reference: "0", operation: "eq" }
  ]
})

const executed = (text: string) =>
  Effect.gen(function* () {
    const { id } = yield* made
    const file = yield* uploadFile({
      purpose: "evals",
      file: Upload.fromBlob(new Blob([text]), { filename: "rows.jsonl" })
    })
    const run = yield* executeRun(id, { data_source: { type: "jsonl", source: { type: "file_id", id: file.id } } })
    return run.result_counts
  }).pipe(Effect.provide(EvalsTest.layer))

const lines = (count: number) => Array.from({ length: count }, (_, row) => `{"item":{"parity":${row % 2}}}`)

describe("a run of more rows than an activity works on", () => {
  for (const [ends, count] of [
    ["within its third", rowsOfActivity * 2 + 500],
    ["with its second", rowsOfActivity * 2]
  ] as const) {
    it.effect(`has each row once, where the file ends ${ends}`, () =>
      Effect.gen(function* () {
        const counts = yield* executed(lines(count).join("\n"))
        assert.deepStrictEqual(counts, { total: count, errored: 0, failed: count / 2, passed: count / 2 })
      })
    )
  }

  it.effect("counts no blank line, and takes lines that end as on Windows", () =>
    Effect.gen(function* () {
      const counts = yield* executed(`\r\n${lines(rowsOfActivity + 10).join("\r\n\r\n")}\r\n\r\n\n`)
      const half = (rowsOfActivity + 10) / 2
      assert.deepStrictEqual(counts, { total: rowsOfActivity + 10, errored: 0, failed: half, passed: half })
    })
  )
})

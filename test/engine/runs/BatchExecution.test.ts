import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createEval, executeRun, uploadFile, Upload } from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { rowsPerTurn } from "../../../src/engine/runs/Executor.ts"

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

const refused = (text: string) =>
  Effect.map(Effect.flip(executed(text)), (error) => (error._tag === "EvalsError" ? error.reason.message : error._tag))

describe("a file that begins with a byte order mark", () => {
  it.effect("is read as if it had none", () =>
    Effect.gen(function* () {
      const counts = yield* executed(`\u{feff}${lines(2000).join("\n")}`)
      assert.deepStrictEqual(counts, { total: 2000, errored: 0, failed: 1000, passed: 1000 })
    })
  )

  for (const text of ["\u{feff}", "\u{feff}\n"]) {
    it.effect(`has no rows where nothing follows: ${JSON.stringify(text)}`, () =>
      Effect.gen(function* () {
        assert.include(yield* refused(text), "the data source has no rows")
      })
    )
  }

  it.effect("refuses a second mark before a row", () =>
    Effect.gen(function* () {
      const counts = yield* executed(`${lines(64).join("\n")}\n\u{feff}`)
      assert.strictEqual(counts.total, 64)
      const marked = `${lines(1000).join("\n")}\n\u{feff}${lines(1).join("\n")}`
      assert.match(yield* refused(marked), /line 1001 .*found U\+FEFF/)
    })
  )
})

describe("a file without line feeds", () => {
  it.effect("is refused if it is longer than a row may be", () =>
    Effect.gen(function* () {
      const error = yield* refused(`{"item":{"text":"${"x".repeat(20 * 1024 * 1024)}"}}`)
      assert.match(error, /^400 line 1 of file-[0-9a-f]+: longer than 16 MiB, the limit of a row/)
    })
  )
})

describe("a run of more rows than one turn judges", () => {
  for (const [ends, count] of [
    ["within its third", rowsPerTurn * 2 + 500],
    ["with its second", rowsPerTurn * 2]
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
      const counts = yield* executed(`\r\n${lines(rowsPerTurn + 10).join("\r\n\r\n")}\r\n\r\n\n`)
      const half = (rowsPerTurn + 10) / 2
      assert.deepStrictEqual(counts, { total: rowsPerTurn + 10, errored: 0, failed: half, passed: half })
    })
  )

  it.effect("ends even if a turn has only blank lines", () =>
    Effect.gen(function* () {
      const blank = "\n".repeat(2 * rowsPerTurn + 10)
      const counts = yield* executed(`${blank}${lines(10).join("\n")}\n${blank}${lines(10).join("\n")}\n${blank}`)
      assert.deepStrictEqual(counts, { total: 20, errored: 0, failed: 10, passed: 10 })
    })
  )
})

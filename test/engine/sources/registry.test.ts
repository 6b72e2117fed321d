/** The types of data sources that the engine runs, and the refusals of the others. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { DataSource } from "effect-evals"
import { bringsSamples, type Need } from "../../../src/engine/sources/DataSourceType.ts"
import { dataSourceTypes, runnable, supported } from "../../../src/engine/sources/registry.ts"
import { dataSourceType } from "../../../src/schema/dataSources/registry.ts"

const file = { type: "file_id", id: "file-1" } as const
const input = { type: "item_reference", item_reference: "item.input" } as const
const model: ReadonlySet<Need> = new Set(["model"])

/** The type that runs, or the refusal as its code, its field and its message. */
const outcome = (dataSource: DataSource.DataSourceParam, met?: ReadonlySet<Need>) =>
  Result.match(supported(dataSource, met), {
    onSuccess: ({ type }) => type,
    onFailure: ({ code, message, param }) => [code, param, message]
  })

describe("supported", () => {
  it("accepts jsonl, from a file and from the request", () => {
    assert.strictEqual(outcome({ type: "jsonl", source: file }), "jsonl")
    assert.strictEqual(outcome({ type: "jsonl", source: { type: "file_content", content: [] } }), "jsonl")
  })

  it("refuses a type that needs a model, and lists the types that run", () => {
    for (const type of ["completions", "responses"] as const) {
      assert.deepStrictEqual(outcome({ type, source: file, model: "m", input_messages: input }), [
        "unsupported_data_source",
        "data_source.type",
        `data_source.type: this engine grades rows that are complete ("jsonl"); it cannot sample a model yet, which ` +
          `"${type}" asks for. Sample first, and put each answer in its row as "sample".`
      ])
    }
  })

  it("accepts each type where there is a model", () => {
    for (const type of ["completions", "responses"] as const) {
      assert.strictEqual(outcome({ type, source: file, model: "m", input_messages: input }, model), type)
    }
    assert.deepStrictEqual(runnable(model), dataSourceTypes)
  })

  it("refuses stored completions as a source of rows", () => {
    assert.deepStrictEqual(outcome({ type: "completions", source: { type: "stored_completions" } }, model), [
      "unsupported_data_source",
      "data_source.source.type",
      'data_source.source.type: rows of a "completions" data source are read from "file_content" and "file_id"; ' +
        'this engine cannot read "stored_completions" yet'
    ])
  })

  it("refuses a data source without a field that its type requires", () => {
    assert.deepStrictEqual(outcome({ type: "responses", source: file, model: null, input_messages: input }, model), [
      null,
      "data_source.model",
      'data_source.model: missing; a "responses" data source requires it'
    ])
    assert.deepStrictEqual(outcome({ type: "completions", source: file, model: "m" }, model), [
      null,
      "data_source.input_messages",
      'data_source.input_messages: missing; a "completions" data source requires it'
    ])
  })
})

describe("dataSourceTypes", () => {
  it("takes samples from a model where the client says so, and from the rows otherwise", () => {
    for (const type of dataSourceTypes) {
      assert.strictEqual(dataSourceType(type.type)?.samplesModel, !bringsSamples(type), type.type)
    }
  })
})

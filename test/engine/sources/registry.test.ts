/** The types of data sources that the engine runs, and the refusals of the others. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { DataSource } from "effect-evals"
import { bringsSamples } from "../../../src/engine/sources/DataSourceType.ts"
import { dataSourceTypes, supported } from "../../../src/engine/sources/registry.ts"
import { dataSourceType } from "../../../src/schema/dataSources/registry.ts"

const file = { type: "file_id", id: "file-1" } as const
const input = { type: "item_reference", item_reference: "item.input" } as const

/** The type that runs, or the refusal as its code, its field and its message. */
const outcome = (dataSource: DataSource.DataSourceParam) =>
  Result.match(supported(dataSource), {
    onSuccess: ({ type }) => type,
    onFailure: ({ code, message, param }) => [code, param, message]
  })

describe("supported", () => {
  it("accepts jsonl, from a file and from the request", () => {
    assert.strictEqual(outcome({ type: "jsonl", source: file }), "jsonl")
    assert.strictEqual(outcome({ type: "jsonl", source: { type: "file_content", content: [] } }), "jsonl")
  })

  it("accepts the types that sample a model", () => {
    for (const type of ["completions", "responses"] as const) {
      assert.strictEqual(outcome({ type, source: file, model: "m", input_messages: input }), type)
    }
  })

  it("refuses stored completions as a source of rows", () => {
    assert.deepStrictEqual(outcome({ type: "completions", source: { type: "stored_completions" } }), [
      "unsupported_data_source",
      "data_source.source.type",
      'data_source.source.type: rows of a "completions" data source are read from "file_content" and "file_id"; ' +
        'this engine cannot read "stored_completions" yet'
    ])
  })

  it("refuses a data source without a field that its type requires", () => {
    assert.deepStrictEqual(outcome({ type: "responses", source: file, model: null, input_messages: input }), [
      null,
      "data_source.model",
      'data_source.model: missing; a "responses" data source requires it'
    ])
    assert.deepStrictEqual(outcome({ type: "completions", source: file, model: "m" }), [
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

import { assert, describe, it } from "@effect/vitest"
import { DateTime, Result, Schema } from "effect"
import { DataSource, Eval, Grader, Run } from "effect-evals"
import { encoder } from "../../src/internal/codec.ts"
import { formatPath } from "../../src/schema/issues.ts"
import { schemas, type WireSchema } from "./catalog.ts"
import { mixed } from "./json.ts"

const requests = new Set([
  "Eval.CreateParams",
  "Eval.UpdateParams",
  "Run.CreateParams",
  "Grader.RunParams",
  "Grader.ValidateParams",
  "EvalsFile.UploadFields"
])

describe("a request with arbitrary content", () => {
  for (const { check, name, schema } of schemas.filter((entry) => requests.has(entry.name))) {
    it.prop(
      `${name}: is sent unchanged, or is refused with a path`,
      mixed(schema),
      (values) => {
        const encode = encoder(schema)
        const sent = Result.getOrThrow(encode(values.valid))
        assert.deepStrictEqual(sent.unknownKeys, [])
        for (const value of Object.values(values)) {
          const encoded = encode(value)
          if (Result.isSuccess(encoded)) {
            assert.strictEqual(encoded.success.json, JSON.stringify(value))
            assert.isTrue(encoded.success.unknownKeys.every((place) => place.unexpected))
          } else {
            assert.isAbove(encoded.failure.length, 0)
            assert.isTrue(encoded.failure.every((place) => !place.unexpected && place.message !== ""))
          }
        }
      },
      check
    )
  }
})

// for values that the types refuse
const untyped = (schema: Schema.Constraint) => encoder(Schema.make<WireSchema>(schema.ast))

const criterion = { type: "string_check", name: "a", input: "x", reference: "x", operation: "eq" } as const

describe("an unknown key of a request", () => {
  it("is sent, and reported with its path", () => {
    const params = {
      data_source_config: { type: "logs", later: 1 } as const,
      testing_criteria: [{ ...criterion, threshold: 1 }],
      "": null
    }
    const { json, unknownKeys } = Result.getOrThrow(encoder(Eval.CreateParams)(params))
    assert.strictEqual(json, JSON.stringify(params))
    assert.sameMembers(
      unknownKeys.map((place) => formatPath(place.path)),
      ["data_source_config.later", "testing_criteria[0].threshold", '[""]']
    )
  })

  it("does not hide other problems", () => {
    const encoded = untyped(Run.CreateParams)({
      data_source: { type: "jsonl", source: { type: "file_id", id: "file-1" } },
      metadata: { long: "x".repeat(513) },
      later: 1
    })
    assert.deepStrictEqual(Result.isFailure(encoded) ? encoded.failure.map((place) => formatPath(place.path)) : [], [
      "metadata.long"
    ])
  })

  it("is not reported in free JSON: rows, schemas, and tools that the host runs", () => {
    const rows = { type: "file_content", content: [{ item: { any: { thing: [1] } } }] } as const
    const tool = { type: "web_search", later: { a: 1 } } as const
    const encoded = encoder(DataSource.DataSourceParam)({
      type: "responses",
      source: rows,
      sampling_params: { tools: [tool] }
    })
    assert.deepStrictEqual(Result.getOrThrow(encoded).unknownKeys, [])
  })
})

/** A ticket of an application. */
interface Ticket {
  readonly subject: string
  readonly team?: string | undefined
}

class Case extends Schema.Class<Case>("Case")({
  question: Schema.String,
  asked: Schema.DateTimeUtc,
  hint: Schema.optional(Schema.String)
}) {}

class Holder {
  readonly odd: unknown
  constructor(odd: unknown) {
    this.odd = odd
  }
}

describe("a row of an application's own type", () => {
  const sent = (item: DataSource.RowParam["item"]) => {
    const { json, unknownKeys } = Result.getOrThrow(encoder(DataSource.RowParam)({ item, sample: item }))
    assert.deepStrictEqual(unknownKeys, [])
    const row: unknown = JSON.parse(json)
    return row
  }

  it("is sent without fields that hold undefined", () => {
    const ticket: Ticket = { subject: "It hums", team: undefined }
    assert.deepStrictEqual(sent(ticket), { item: { subject: "It hums" }, sample: { subject: "It hums" } })
    const record: Record<string, unknown> = { nested: { list: [{ a: undefined, b: null }] }, none: undefined }
    const plain = { nested: { list: [{ b: null }] } }
    assert.deepStrictEqual(sent(record), { item: plain, sample: plain })
    const bare = Object.assign(Object.create(null), { a: 1 })
    assert.deepStrictEqual(sent(bare), { item: { a: 1 }, sample: { a: 1 } })
  })

  it("may be an instance of a class, at any depth, and hold dates", () => {
    const one = new Case({ question: "2 + 2", asked: DateTime.makeUnsafe(0), hint: undefined })
    const plain = { question: "2 + 2", asked: "1970-01-01T00:00:00.000Z" }
    assert.deepStrictEqual(sent(one), { item: plain, sample: plain })
    const around = { list: [one], at: new Date(0), url: new URL("https://host.example/a") }
    const item = { list: [plain], at: "1970-01-01T00:00:00.000Z", url: "https://host.example/a" }
    assert.deepStrictEqual(sent(around), { item, sample: item })
  })

  it("is replaced by the result of toJSON, which is called once", () => {
    class Amount {
      readonly cents = 5
      toJSON() {
        return this
      }
    }
    assert.deepStrictEqual(sent({ paid: new Amount() }), {
      item: { paid: { cents: 5 } },
      sample: { paid: { cents: 5 } }
    })
  })

  it("is refused if JSON would drop or change a value", () => {
    for (const [odd, message] of [
      [new Map([["a", 1]]), "a value of kind Map"],
      [new Set([1]), "a value of kind Set"],
      [new Uint8Array(2), "a value of kind Uint8Array"],
      [new Date(Number.NaN), "a value of kind Date"],
      [/a/, "a value of kind RegExp"],
      [() => 1, "a function"],
      [Symbol("a"), "a symbol"],
      [1n, "a bigint"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      [[undefined], "undefined"]
    ] as const) {
      const encoded = encoder(DataSource.RowParam)({ item: new Holder(odd) })
      const path = Array.isArray(odd) ? ["item", "odd", 0] : ["item", "odd"]
      assert.deepStrictEqual(Result.isFailure(encoded) ? encoded.failure : undefined, [
        { path, message: `expected a JSON value, got ${message}`, unexpected: false }
      ])
    }
  })
})

describe("a value that JSON cannot hold", () => {
  it("is left out if it is undefined", () => {
    // a program in JavaScript, or without exactOptionalPropertyTypes, writes it so
    assert.deepStrictEqual(Result.getOrThrow(untyped(Eval.UpdateParams)({ name: undefined, metadata: { a: "b" } })), {
      json: '{"metadata":{"a":"b"}}',
      unknownKeys: []
    })
    assert.isTrue(Result.isFailure(untyped(Grader.RunParams)({ grader: criterion, model_sample: undefined })))
  })

  it("is refused with its path otherwise", () => {
    const circular: Record<string, unknown> = {}
    circular["self"] = circular
    for (const [odd, path] of [
      [Number.NaN, "item.a"],
      [Number.POSITIVE_INFINITY, "item.a"],
      [1n, "item.a"],
      [Symbol("a"), "item.a"],
      [() => 1, "item.a"],
      [circular, ""]
    ] as const) {
      const encoded = untyped(Grader.RunParams)({ grader: criterion, model_sample: "", item: { a: odd } })
      assert.isTrue(Result.isFailure(encoded), String(odd))
      if (Result.isFailure(encoded)) {
        assert.isTrue(encoded.failure[0] !== undefined && formatPath(encoded.failure[0].path).startsWith(path))
      }
    }
  })
})

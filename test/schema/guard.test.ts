import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { guard } from "../../src/schema/guard.ts"
import { type Entry, schemas } from "./catalog.ts"
import { mixed } from "./json.ts"

// The compiled predicate decides alone what is an answer of the host: where it and the schema disagreed, a value
// would be returned that is not of its type, or one refused without a place to name.
describe("the compiled predicate agrees with the schema's own decoder", () => {
  const agree = ({ check, name, schema }: Entry) => {
    const open = { compiled: guard(schema), interpreted: Schema.is(schema) }
    const closed = { compiled: guard(schema, "closed"), interpreted: Schema.decodeUnknownResult(schema) }

    it.prop(
      name,
      mixed(schema),
      (values) => {
        assert.isTrue(open.compiled(values.valid))
        for (const value of Object.values(values)) {
          assert.strictEqual(open.compiled(value), open.interpreted(value), JSON.stringify(value))
          assert.strictEqual(
            closed.compiled(value),
            Result.isSuccess(closed.interpreted(value, { onExcessProperty: "error" })),
            `closed: ${JSON.stringify(value)}`
          )
        }
      },
      check
    )
  }

  for (const entry of schemas) agree(entry)
})

describe("the compiled predicate", () => {
  it("treats a field that holds undefined as absent, since JSON has no undefined", () => {
    const accepts = guard(Schema.Struct({ needed: Schema.String, left: Schema.optionalKey(Schema.String) }), "closed")
    assert.isTrue(accepts({ needed: "a", left: undefined }))
    assert.isFalse(accepts({ needed: undefined, left: "a" }))
  })

  it("uses the schema for parts that it cannot compile", () => {
    const accepts = guard(Schema.Struct({ range: Schema.Tuple([Schema.Finite, Schema.Finite]) }))
    assert.isTrue(accepts({ range: [0, 1] }))
    assert.isFalse(accepts({ range: [0] }))
    assert.isFalse(accepts({ range: [0, 1, 2] }))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseExact, printExact } from "../../src/schema/exactJson.ts"

describe("exact JSON", () => {
  it("keeps the digits of numbers", () => {
    for (const text of ["1.0", "0.10", "1e22", "12345678901234567890", "1e400", "-0", '{"a":[1.50,2]}']) {
      assert.strictEqual(printExact(parseExact(text)), text)
    }
  })

  it("prints compact JSON", () => {
    assert.strictEqual(printExact(parseExact('{ "a" : [ 1.0, null ],\n "b" : "x" }')), '{"a":[1.0,null],"b":"x"}')
  })

  it("is undefined for other texts", () => {
    assert.strictEqual(parseExact("{"), undefined)
  })

  it.prop("prints any value as JSON.stringify does", { value: Schema.Json }, ({ value }) => {
    const text = JSON.stringify(value)
    assert.strictEqual(printExact(parseExact(text)), text)
  })
})

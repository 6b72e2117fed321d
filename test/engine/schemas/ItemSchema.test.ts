import { assert, describe, it } from "@effect/vitest"
import { maxSchemaLength } from "../../../src/engine/schemas/ItemSchema.ts"
import { check, json, problem } from "./lib/itemSchemas.ts"

describe("item schemas as people write them", () => {
  it("name a dialect, an older one, or none", () => {
    const tuple = (schema: string | undefined, more: object) => ({
      ...(schema === undefined ? {} : { $schema: schema }),
      properties: { a: { ...more, minItems: 1 } }
    })
    const old = { items: [{ type: "string" }], additionalItems: { type: "number" } }
    const now = { prefixItems: [{ type: "string" }], items: { type: "number" } }
    const dialects = [
      ["https://json-schema.org/draft/2020-12/schema", now],
      ["https://json-schema.org/draft/2019-09/schema", old],
      ["http://json-schema.org/draft-07/schema#", old],
      ["http://json-schema.org/draft-06/schema#", old],
      ["http://json-schema.org/draft-04/schema#", old],
      ["https://example.org/my-own-dialect", now],
      [undefined, now],
      [undefined, old]
    ] as const
    for (const [dialect, more] of dialects) {
      assert.isUndefined(check(tuple(dialect, more), { a: ["x", 1, 2] }), dialect)
      assert.strictEqual(
        check(tuple(dialect, more), { a: ["x", 1, "y"] }),
        'item.a[2]: expected a number, got "y"',
        dialect
      )
    }
  })

  it("take draft 4's and OpenAPI's ways", () => {
    const schema = {
      id: "http://example.org/row.json#",
      definitions: { name: { id: "#name", type: "string" } },
      properties: {
        above: { minimum: 3, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false },
        name: { nullable: true, allOf: [{ $ref: "#/definitions/name" }] },
        maybe: { type: "string", nullable: true, example: "x", discriminator: { propertyName: "x" } },
        never: { type: ["string", "null"], nullable: false },
        // fields of an item whose names are keywords
        id: { type: "integer" },
        nullable: { type: "boolean" },
        $ref: { type: "string" }
      }
    }
    assert.isUndefined(
      check(schema, { above: 5, name: "x", maybe: null, never: null, id: 1, nullable: true, $ref: "x" })
    )
    assert.strictEqual(check(schema, { above: 3 }), "item.above: expected a number > 3, got 3")
    assert.strictEqual(check(schema, { name: 1 }), "item.name: expected a string, got 1")
    assert.strictEqual(check(schema, { id: "x" }), 'item.id: expected a whole number, got "x"')
    assert.strictEqual(check(schema, { nullable: "x" }), 'item.nullable: expected true or false, got "x"')
  })

  it("may have any name, or the same", () => {
    const named = (id: string, type: string) => ({ $id: id, properties: { a: { type } } })
    for (const id of ["https://example.org/row.json", "Row", "My Row", "constructor", "__proto__", "#"]) {
      assert.strictEqual(check(named(id, "string"), { a: 1 }), "item.a: expected a string, got 1", id)
      assert.strictEqual(check(named(id, "number"), { a: "" }), 'item.a: expected a number, got ""', id)
    }
    const parts = {
      $id: "https://example.org/row.json",
      $defs: { part: { $id: "part.json", type: "string" } },
      properties: { a: { $ref: "part.json" }, b: { $ref: "https://example.org/part.json" } }
    }
    assert.strictEqual(check(parts, { a: 1 }), "item.a: expected a string, got 1")
    assert.strictEqual(check(parts, { b: 1 }), "item.b: expected a string, got 1")
  })

  it("ignore unknown keywords", () => {
    const schema = {
      "x-own": { type: 3 },
      properties: { a: { type: "string", format: "ssn", widget: "textarea" } },
      unknownKeyword: []
    }
    assert.isUndefined(check(schema, { a: "x" }))
    assert.isUndefined(check({ $async: true, type: "object" }, {}))
    assert.isUndefined(check(true, {}))
    assert.strictEqual(check(false, {}), "item: is not allowed (its schema is false)")
  })

  it("compare decimals as decimals", () => {
    const schema = { properties: { price: { multipleOf: 0.01 } } }
    for (const price of [19.99, 0.07, 1.1, 1234567.89, 0, -4.35]) assert.isUndefined(check(schema, { price }))
    assert.strictEqual(check(schema, { price: 0.005 }), "item.price: expected a multiple of 0.01, got 0.005")
  })

  it("have patterns with and without the flag u", () => {
    assert.isUndefined(check({ properties: { a: { pattern: "^\\p{L}.$" } } }, { a: "ä😀" }))
    assert.isUndefined(check({ properties: { a: { pattern: "^a\\-\\_\\@$" } } }, { a: "a-_@" }))
    assert.isUndefined(check({ patternProperties: { "^x\\-": { type: "string" } } }, { "x-a": "" }))
    assert.strictEqual(
      check({ patternProperties: { "^x\\-": { type: "string" } } }, { "x-a": 1 }),
      "item.x-a: expected a string, got 1"
    )
  })

  it("name keys that every object inherits", () => {
    const schema = {
      properties: { constructor: { type: "string" }, toString: { type: "number" } },
      required: ["constructor", "__proto__"]
    }
    assert.strictEqual(check(schema, {}), "item.constructor: is missing")
    assert.strictEqual(check(schema, { constructor: "McLaren" }), "item.__proto__: is missing")
    assert.isUndefined(check(schema, json('{"constructor":"McLaren","__proto__":{"a":1}}')))
    assert.isUndefined(check({ properties: { toString: { type: "number" } } }, {}))
    const hostile = json(
      '{"properties":{"__proto__":{"type":"string"},"a":{"type":"string"}},"__proto__":{"type":"null"}}'
    )
    assert.strictEqual(check(hostile, { a: 1 }), "item.a: expected a string, got 1")
    assert.strictEqual(
      check({ properties: { a: {} }, additionalProperties: false }, json('{"__proto__":{"a":1}}')),
      "item.__proto__: is not known to the schema (additionalProperties)"
    )
    assert.isFalse("type" in {})
  })
})

describe("messages", () => {
  it("describe the other rules", () => {
    const messages = [
      [{ maxLength: 2 }, "😀😀😀", "expected at most 2 characters, got 3"],
      [{ minItems: 1 }, [], "expected at least 1 entry, got 0"],
      [{ uniqueItems: true }, [1, 2, 1], "the entries 0 and 2 are equal (uniqueItems)"],
      [{ contains: { const: 1 } }, [2], "expected at least 1 of the entries to match contains"],
      [
        { contains: { const: 1 }, minContains: 1, maxContains: 2 },
        [1, 1, 1],
        "expected 1 to 2 of the entries to match contains"
      ],
      [{ prefixItems: [{}], items: false }, [1, 2], "expected at most 1 entry, got 2 (items)"],
      [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], "expected at most 1 entry, got 2 (unevaluatedItems)"],
      [{ minProperties: 2 }, { a: 1 }, "expected at least 2 keys, got 1"],
      [{ maxProperties: 0 }, { a: 1 }, "expected at most 0 keys, got 1"],
      [{ exclusiveMaximum: 3 }, 3, "expected a number < 3, got 3"],
      [{ const: { a: 1 } }, 3, "expected an object, got 3"],
      [{ not: { type: "string" } }, "x", 'is excluded by the schema (not), got "x"'],
      [{ oneOf: [{ type: "number" }, { minimum: 3 }] }, 5, "fits more than one of the alternatives of oneOf"],
      [
        { enum: Array.from({ length: 20 }, (_, i) => i) },
        -1,
        "expected 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or another of 20, got -1"
      ],
      [{ type: "number" }, "x".repeat(100), `expected a number, got "${"x".repeat(80)}…"`],
      [{ type: "number" }, [1, 2], "expected a number, got a list of 2"],
      [
        { anyOf: [{ minimum: 5 }, { multipleOf: 7 }] },
        3,
        "expected a number >= 5, got 3 (the closest alternative of anyOf)"
      ]
    ] as const
    assert.deepStrictEqual(
      messages.map(([schema, value]) => check({ properties: { a: schema } }, { a: value })),
      messages.map(([, , message]) => `item.a: ${message}`)
    )
  })

  it("describe the rule of a condition", () => {
    const schema = json(`{
      "if": { "properties": { "kind": { "const": "a" } } },
      "then": { "required": ["a"] },
      "else": { "properties": { "b": { "type": "string" } } },
      "dependentRequired": { "x": ["y"] },
      "unevaluatedProperties": false,
      "properties": { "kind": {}, "a": {}, "x": {}, "y": {} }
    }`)
    assert.strictEqual(check(schema, { kind: "a" }), "item.a: is missing")
    assert.strictEqual(check(schema, { kind: "b", b: 1 }), "item.b: expected a string, got 1")
    assert.strictEqual(check(schema, { kind: "b", x: 1 }), 'item.y: is missing, which "x" asks for (dependentRequired)')
    assert.strictEqual(check(schema, { kind: "b", z: 1 }), "item.z: is not known to the schema (unevaluatedProperties)")
  })

  it("choose the alternative that comes closest", () => {
    const leaf = { type: "object", properties: { v: { type: "number" } }, required: ["v"] }
    const schema = {
      properties: { a: { anyOf: [{ type: "string" }, { type: "array", items: { anyOf: [leaf, { type: "null" }] } }] } }
    }
    assert.strictEqual(check(schema, { a: 1 }), "item.a: expected a string or a list, got 1")
    assert.strictEqual(check(schema, { a: [null, 1] }), "item.a[1]: expected an object or null, got 1")
    assert.strictEqual(check(schema, { a: [{ v: 1 }, {}] }), "item.a[1].v: is missing")
    assert.strictEqual(check(schema, { a: [{ v: "x" }] }), 'item.a[0].v: expected a number, got "x"')
  })
})

describe("item schemas that are none", () => {
  it("are refused in words, with the place", () => {
    const kinds = '"array", "boolean", "integer", "null", "number", "object", "string" or a list'
    const messages = [
      ["{", "item_schema: expected a JSON Schema, which is an object, got no JSON"],
      [[1], "item_schema: expected a JSON Schema, which is an object, got a list of 1"],
      ["null", "item_schema: expected a JSON Schema, which is an object, got null"],
      [{ type: "strin" }, `item_schema.type: expected ${kinds}, got "strin"`],
      [{ properties: { a: { type: "text" } } }, `item_schema.properties.a.type: expected ${kinds}, got "text"`],
      [{ properties: { a: 3 } }, "item_schema.properties.a: expected an object or true or false, got 3"],
      [{ required: "a" }, 'item_schema.required: expected a list, got "a"'],
      [{ minLength: -1 }, "item_schema.minLength: expected a number >= 0, got -1"],
      [{ $defs: { a: { minimum: "3" } } }, 'item_schema.$defs.a.minimum: expected a number, got "3"'],
      [{ enum: [] }, "item_schema: cannot be read: enum must have non-empty array"],
      [
        { properties: { a: { $ref: "#/$defs/b" } } },
        'item_schema.properties.a.$ref: "#/$defs/b" refers to nothing in the schema'
      ],
      [
        { items: { $ref: "https://example.org/row.json" } },
        'item_schema.items.$ref: "https://example.org/row.json" refers to another schema, which is not fetched; put it below "$defs"'
      ],
      [
        { items: [{ $ref: "row.json#/a" }] },
        'item_schema.prefixItems[0].$ref: "row.json#/a" refers to another schema, which is not fetched; put it below "$defs"'
      ],
      [
        { properties: { "a b": { pattern: "[" } } },
        'item_schema.properties["a b"].pattern: "[" is not a regular expression: Unterminated character class'
      ],
      [
        { patternProperties: { "(": {} } },
        'item_schema.patternProperties["("]: "(" is not a regular expression: Unterminated group'
      ],
      [
        { properties: { a: { pattern: "^(?P<x>a)$" } } },
        'item_schema.properties.a.pattern: "^(?P<x>a)$" is not a regular expression: Invalid group'
      ],
      [
        { properties: { a: { pattern: "a\\Z" } } },
        'item_schema.properties.a.pattern: "a\\\\Z" is not a regular expression: \\Z is no anchor in JSON Schema, write ^ or $'
      ],
      [{ $ref: "#" }, "item_schema: it is too large, or refers to itself without end"]
    ] as const
    assert.deepStrictEqual(
      messages.map(([schema]) => problem(schema)),
      messages.map(([, message]) => message)
    )
  })

  it("are refused when they are nested too deeply, or too long", () => {
    const nested = (levels: number) => `${'{"not":'.repeat(levels)}{}${"}".repeat(levels)}`
    assert.isUndefined(problem(nested(255)))
    assert.strictEqual(problem(nested(256)), "item_schema: nested deeper than 256 levels")
    assert.strictEqual(problem(nested(100_000)), "item_schema: nested deeper than 256 levels")
    assert.strictEqual(
      problem(JSON.stringify({ description: "x".repeat(maxSchemaLength) })),
      "item_schema: longer than 1048576 characters"
    )
  })

  it("are found by the first row if they recurse without end for some rows only", () => {
    const schema = {
      properties: { a: { allOf: [{ $ref: "#/$defs/b" }] } },
      $defs: { b: { allOf: [{ $ref: "#/$defs/b" }] } }
    }
    assert.isUndefined(check(schema, {}))
    assert.strictEqual(
      check(schema, { a: 1 }),
      "item: cannot be checked by the item schema: it is too large, or refers to itself without end"
    )
  })
})

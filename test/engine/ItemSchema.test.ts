import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { compile, maxSchemaLength } from "../../src/engine/ItemSchema.ts"

/** What a schema says of an item: `path: message`, or nothing where it fits. */
const check = (schema: unknown, item: unknown): string | undefined => {
  const validate = Result.getOrThrow(Result.mapError(compile(JSON.stringify(schema)), ({ message }) => message))
  const finding = validate(item)
  return finding === undefined ? undefined : `${finding.path}: ${finding.message}`
}

/** What is wrong with a schema. */
const problem = (schema: unknown): string | undefined =>
  Result.match(compile(typeof schema === "string" ? schema : JSON.stringify(schema)), {
    onFailure: ({ message, path }) => `${path}: ${message}`,
    onSuccess: () => undefined
  })

const json = (text: string): unknown => JSON.parse(text)

// what `z.toJSONSchema` of zod 4.6 gives for an object with the parts that people use
const zod4 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    question: { type: "string", minLength: 1 },
    price: { type: "number", minimum: 0, multipleOf: 0.01 },
    count: { type: "integer", minimum: -9007199254740991, maximum: 10 },
    tags: { maxItems: 3, type: "array", items: { type: "string" } },
    kind: { type: "string", enum: ["a", "b"] },
    email: {
      type: "string",
      format: "email",
      pattern:
        "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$"
    },
    id: { type: "string", format: "uuid" },
    site: { type: "string", format: "uri" },
    home: { anyOf: [{ $ref: "#/$defs/Address" }, { type: "null" }] },
    work: { $ref: "#/$defs/Address" },
    pair: {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "number" }],
      items: false,
      minItems: 2,
      maxItems: 2
    },
    rec: { type: "object", propertyNames: { type: "string", maxLength: 3 }, additionalProperties: { type: "number" } },
    answer: {
      oneOf: [
        {
          type: "object",
          properties: { type: { type: "string", const: "text" }, text: { type: "string" } },
          required: ["type", "text"],
          additionalProperties: false
        },
        {
          type: "object",
          properties: { type: { type: "string", const: "score" }, score: { type: "number" } },
          required: ["type", "score"],
          additionalProperties: false
        }
      ]
    },
    tree: { $ref: "#/$defs/__schema0" },
    lit: {
      anyOf: [
        { type: "string", const: "x" },
        { type: "number", const: 3 }
      ]
    },
    b64: { type: "string", format: "base64", contentEncoding: "base64" }
  },
  required: ["question", "price", "count", "tags", "kind", "home", "answer"],
  additionalProperties: false,
  $defs: {
    Address: {
      id: "Address",
      type: "object",
      properties: { street: { type: "string" }, zip: { type: "string", pattern: "^\\d{5}$" } },
      required: ["street", "zip"],
      additionalProperties: false
    },
    __schema0: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/__schema0" } } },
      required: ["name"],
      additionalProperties: false
    }
  }
}

// what `zodToJsonSchema(schema, "Row")` gives
const zodToJsonSchema = {
  $ref: "#/definitions/Row",
  definitions: {
    Row: {
      type: "object",
      properties: {
        question: { type: "string" },
        best: { $ref: "#/definitions/Row/properties/question" },
        pair: {
          type: "array",
          minItems: 2,
          maxItems: 2,
          items: [{ type: "string" }, { type: "number" }]
        },
        level: { type: ["string", "null"], enum: ["low", "high", null] },
        score: { type: "number", exclusiveMinimum: 0 },
        when: { type: "string", format: "date-time" }
      },
      required: ["question"],
      additionalProperties: false
    }
  },
  $schema: "http://json-schema.org/draft-07/schema#"
}

// what `Row.model_json_schema()` of pydantic 2 gives; it names no dialect
const pydantic = {
  $defs: {
    Cat: {
      properties: {
        kind: { const: "cat", title: "Kind", type: "string" },
        lives: { maximum: 9, title: "Lives", type: "integer" }
      },
      required: ["kind", "lives"],
      title: "Cat",
      type: "object"
    },
    Dog: {
      properties: {
        kind: { const: "dog", title: "Kind", type: "string" },
        owner: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Owner" }
      },
      required: ["kind"],
      title: "Dog",
      type: "object"
    },
    Level: { enum: ["low", "high"], title: "Level", type: "string" }
  },
  properties: {
    question: { examples: ["why?"], minLength: 3, title: "Question", type: "string" },
    code: { pattern: "^[A-Z]{2}\\_\\d+$", title: "Code", type: "string" },
    pet: {
      discriminator: { mapping: { cat: "#/$defs/Cat", dog: "#/$defs/Dog" }, propertyName: "kind" },
      oneOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }],
      title: "Pet"
    },
    level: { anyOf: [{ $ref: "#/$defs/Level" }, { type: "null" }], default: null },
    at: { format: "date-time", title: "At", type: "string" },
    took: { format: "duration", title: "Took", type: "string" },
    scores: {
      additionalProperties: { anyOf: [{ type: "integer" }, { type: "string" }] },
      title: "Scores",
      type: "object"
    },
    pair: {
      default: ["a", 1],
      maxItems: 2,
      minItems: 2,
      prefixItems: [{ type: "string" }, { type: "integer" }],
      title: "Pair",
      type: "array"
    }
  },
  required: ["question"],
  title: "Row",
  type: "object"
}

describe("item schemas that tools write", () => {
  const good = {
    question: "why?",
    price: 19.99,
    count: 1,
    tags: ["x"],
    kind: "a",
    home: null,
    answer: { type: "text", text: "so" }
  }

  it("zod 4: take what fits", () => {
    assert.isUndefined(check(zod4, good))
    const full = {
      ...good,
      home: { street: "s", zip: "12345" },
      answer: { type: "score", score: 0.5 },
      tree: { name: "a", children: [{ name: "b", children: [] }] },
      pair: ["a", 1],
      rec: { a: 1 },
      lit: 3,
      email: "a.b@example.org",
      site: "https://example.org/a?b#c",
      id: "123e4567-e89b-42d3-a456-426614174000",
      b64: "no base64, but nobody knows the format"
    }
    assert.isUndefined(check(zod4, full))
  })

  it("zod 4: say which rule is broken, and where", () => {
    const messages = [
      [{ price: "3" }, 'item.price: expected a number, got "3"'],
      [{ price: 19.999 }, "item.price: expected a multiple of 0.01, got 19.999"],
      [{ price: -1 }, "item.price: expected a number >= 0, got -1"],
      [{ count: 1.5 }, "item.count: expected a whole number, got 1.5"],
      [{ count: 11 }, "item.count: expected a number <= 10, got 11"],
      [{ question: "" }, "item.question: expected at least 1 character, got 0"],
      [{ question: null }, "item.question: expected a string, got null"],
      [{ tags: ["a", 1] }, "item.tags[1]: expected a string, got 1"],
      [{ tags: ["a", "b", "c", "d"] }, "item.tags: expected at most 3 entries, got 4 (maxItems)"],
      [{ kind: "c" }, 'item.kind: expected "a" or "b", got "c"'],
      [{ id: "x" }, 'item.id: is no uuid (format), got "x"'],
      [{ site: "x y" }, 'item.site: is no uri (format), got "x y"'],
      [{ home: 3 }, "item.home: expected an object or null, got 3"],
      [{ home: { street: "s" } }, "item.home.zip: is missing"],
      [{ home: { street: "s", zip: "1" } }, 'item.home.zip: does not match the pattern ^\\d{5}$, got "1"'],
      [
        { work: { street: "s", zip: "12345", no: 1 } },
        "item.work.no: is not known to the schema (additionalProperties)"
      ],
      [{ extra: 1 }, "item.extra: is not known to the schema (additionalProperties)"],
      [{ "unit price": 1 }, 'item["unit price"]: is not known to the schema (additionalProperties)'],
      [{ pair: ["a", 1, 2] }, "item.pair: expected at most 2 entries, got 3 (maxItems)"],
      [{ pair: [1, 1] }, "item.pair[0]: expected a string, got 1"],
      [{ rec: { a: "x" } }, 'item.rec.a: expected a number, got "x"'],
      [
        { rec: { long: 1 } },
        'item.rec: the key "long" is not allowed (propertyNames): expected at most 3 characters, got 4'
      ],
      [{ answer: { type: "score", score: "x" } }, 'item.answer.score: expected a number, got "x"'],
      [{ answer: { type: "nope" } }, 'item.answer.type: expected "text" or "score", got "nope"'],
      [{ answer: [] }, "item.answer: expected an object, got an empty list"],
      [{ lit: 4 }, 'item.lit: expected "x" or 3, got 4'],
      [{ tree: { name: "a", children: [{ name: 3 }] } }, "item.tree.children[0].name: expected a string, got 3"]
    ] as const
    assert.deepStrictEqual(
      messages.map(([change]) => check(zod4, { ...good, ...change })),
      messages.map(([, message]) => message)
    )
    const { question: _, ...without } = good
    assert.strictEqual(check(zod4, without), "item.question: is missing")
  })

  it("zod-to-json-schema: draft 7, with definitions and tuples of its time", () => {
    assert.isUndefined(
      check(zodToJsonSchema, {
        question: "q",
        best: "x",
        pair: ["a", 1],
        level: null,
        score: 0.1,
        when: "2024-01-01T00:00:00Z"
      })
    )
    const messages = [
      [{ best: 1 }, "item.best: expected a string, got 1"],
      [{ pair: ["a", "b"] }, 'item.pair[1]: expected a number, got "b"'],
      [{ level: "mid" }, 'item.level: expected "low", "high" or null, got "mid"'],
      [{ score: 0 }, "item.score: expected a number > 0, got 0"],
      [{ when: "yesterday" }, 'item.when: is no date-time (format), got "yesterday"'],
      [{ other: 1 }, "item.other: is not known to the schema (additionalProperties)"]
    ] as const
    assert.deepStrictEqual(
      messages.map(([change]) => check(zodToJsonSchema, { question: "q", ...change })),
      messages.map(([, message]) => message)
    )
  })

  it("pydantic 2: discriminators, optional fields, times without a zone, escapes that need none", () => {
    assert.isUndefined(
      check(pydantic, {
        question: "why?",
        code: "AB_12",
        pet: { kind: "dog", owner: null },
        level: null,
        at: "2024-01-01T10:00:00.123",
        took: "PT0.5S",
        scores: { a: 1, b: "x" },
        pair: ["a", 1],
        unknown: true
      })
    )
    assert.isUndefined(check(pydantic, { question: "why?", level: "low", took: "-P1DT2H" }))
    const messages = [
      [{ question: "?" }, "item.question: expected at least 3 characters, got 1"],
      [{ code: "AB-12" }, 'item.code: does not match the pattern ^[A-Z]{2}\\_\\d+$, got "AB-12"'],
      [{ pet: { kind: "cat", lives: 10 } }, "item.pet.lives: expected a number <= 9, got 10"],
      [{ pet: { kind: "dog", owner: 1 } }, "item.pet.owner: expected a string or null, got 1"],
      [{ pet: { kind: "cow" } }, 'item.pet.kind: expected "cat" or "dog", got "cow"'],
      [{ level: "mid" }, 'item.level: expected "low", "high" or null, got "mid"'],
      [{ at: "2024-13-01T10:00:00" }, 'item.at: is no date-time (format), got "2024-13-01T10:00:00"'],
      [{ took: "5 s" }, 'item.took: is no duration (format), got "5 s"'],
      [{ scores: { a: null } }, "item.scores.a: expected a whole number or a string, got null"]
    ] as const
    assert.deepStrictEqual(
      messages.map(([change]) => check(pydantic, { question: "why?", ...change })),
      messages.map(([, message]) => message)
    )
  })

  it("Effect Schema: what toJsonSchemaDocument gives, as one schema", () => {
    class Address extends Schema.Class<Address>("Address")({ street: Schema.String, zip: Schema.String }) {}
    const { definitions, schema } = Schema.toJsonSchemaDocument(
      Schema.Struct({
        question: Schema.NonEmptyString,
        n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
        kind: Schema.Literals(["a", "b"]),
        home: Schema.NullOr(Address),
        tags: Schema.optionalKey(Schema.Array(Schema.String)),
        rec: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
      })
    )
    const whole = { ...schema, $defs: definitions }
    const item = { question: "q", n: 3, kind: "a", home: { street: "s", zip: "z" }, tags: [], rec: { a: 1 } }
    assert.isUndefined(check(whole, item))
    assert.strictEqual(check(whole, { ...item, n: 11 }), "item.n: expected a number <= 10, got 11")
    assert.strictEqual(check(whole, { ...item, home: { street: "s" } }), "item.home.zip: is missing")
    assert.strictEqual(check(whole, { ...item, question: "" }), "item.question: expected at least 1 character, got 0")
    assert.strictEqual(check(whole, { ...item, tags: [1] }), "item.tags[0]: expected a string, got 1")
  })
})

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

  it("let through what is not known", () => {
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
  it("say what the other rules ask for", () => {
    const messages = [
      [{ maxLength: 2 }, "😀😀😀", "expected at most 2 characters, got 3"],
      [{ minItems: 1 }, [], "expected at least 1 entry, got 0"],
      [{ uniqueItems: true }, [1, 2, 1], "the entries 0 and 2 are equal (uniqueItems)"],
      [{ contains: { const: 1 } }, [2], "expected at least 1 of the entries to be what contains asks for"],
      [
        { contains: { const: 1 }, minContains: 1, maxContains: 2 },
        [1, 1, 1],
        "expected 1 to 2 of the entries to be what contains asks for"
      ],
      [{ prefixItems: [{}], items: false }, [1, 2], "expected at most 1 entry, got 2 (items)"],
      [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], "expected at most 1 entry, got 2 (unevaluatedItems)"],
      [{ minProperties: 2 }, { a: 1 }, "expected at least 2 keys, got 1"],
      [{ maxProperties: 0 }, { a: 1 }, "expected at most 0 keys, got 1"],
      [{ exclusiveMaximum: 3 }, 3, "expected a number < 3, got 3"],
      [{ const: { a: 1 } }, 3, "expected an object, got 3"],
      [{ not: { type: "string" } }, "x", 'is what the schema rules out (not), got "x"'],
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

  it("say it of the part that a condition asks for", () => {
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
        'item_schema.items.$ref: "https://example.org/row.json" refers to another schema, and none is fetched; put it below "$defs"'
      ],
      [
        { items: [{ $ref: "row.json#/a" }] },
        'item_schema.prefixItems[0].$ref: "row.json#/a" refers to another schema, and none is fetched; put it below "$defs"'
      ],
      [
        { properties: { "a b": { pattern: "[" } } },
        'item_schema.properties["a b"].pattern: "[" is no regular expression: Unterminated character class'
      ],
      [
        { patternProperties: { "(": {} } },
        'item_schema.patternProperties["("]: "(" is no regular expression: Unterminated group'
      ],
      [
        { properties: { a: { pattern: "^(?P<x>a)$" } } },
        'item_schema.properties.a.pattern: "^(?P<x>a)$" is no regular expression: Invalid group'
      ],
      [
        { properties: { a: { pattern: "a\\Z" } } },
        'item_schema.properties.a.pattern: "a\\\\Z" is no regular expression: \\Z is no anchor in JSON Schema, write ^ or $'
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

  it("are found out by the first row, where they end for some rows only", () => {
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

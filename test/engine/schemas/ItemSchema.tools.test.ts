import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { check } from "./lib/itemSchemas.ts"

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
      [{ id: "x" }, 'item.id: is not a valid uuid (format), got "x"'],
      [{ site: "x y" }, 'item.site: is not a valid uri (format), got "x y"'],
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
      [{ when: "yesterday" }, 'item.when: is not a valid date-time (format), got "yesterday"'],
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
      [{ at: "2024-13-01T10:00:00" }, 'item.at: is not a valid date-time (format), got "2024-13-01T10:00:00"'],
      [{ took: "5 s" }, 'item.took: is not a valid duration (format), got "5 s"'],
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

import { assert, describe, it } from "@effect/vitest"
import { evalOf, found, itemSchema, onlyMessage, runOf, stringCheck } from "./fixtures/lint.ts"

const at = "testing_criteria[0].reference"

/** What is found of a path to the row, `item` left out, under a schema. */
const path = (keys: string, item_schema: object = itemSchema) =>
  found(evalOf([stringCheck({ reference: `{{ item${keys} }}` })], { item_schema }))

const message = (keys: string, item_schema: object = itemSchema) =>
  onlyMessage(evalOf([stringCheck({ reference: `{{ item${keys} }}` })], { item_schema }))

const silent: ReadonlyArray<string> = []
const unknown = [`error unknown-item-field ${at}`]
const undeclared = [`warning unknown-item-field ${at}`]

const object = (properties: object, rest: object = {}) => ({ type: "object", properties, ...rest })

describe("lintEval on paths into a row", () => {
  it("reports a field that the schema forbids, and suggests a similar one", () => {
    assert.deepStrictEqual(path(".lable"), unknown)
    assert.include(message(".lable"), "did you mean {{ item.label }}?")
    assert.include(message(".Question"), "did you mean {{ item.question }}?")
    assert.include(message(".customer.nmae"), "item.customer has no")
    assert.include(message(".customer.nmae"), "did you mean {{ item.customer.name }}?")
    assert.include(message(".zzz"), "known are question, label, price")
    assert.deepStrictEqual(path(".constructor"), unknown)
    for (const keys of ["", ".label", ".customer.name", ".orders", ".orders[3].id", ".extra.any[0].thing"]) {
      assert.deepStrictEqual(path(keys), silent, keys)
    }
  })

  it("only warns if the schema allows more fields", () => {
    assert.deepStrictEqual(path(".lable", object({ label: {} })), undeclared)
    assert.include(message(".orders[0].idd"), "did you mean {{ item.orders[0].id }}?")
    assert.deepStrictEqual(path(".orders[0].idd"), undeclared)
  })

  it("reports a field of a list or a number, and an index of an object", () => {
    assert.deepStrictEqual(path(".orders.id"), unknown)
    assert.include(message(".orders.id"), "whose entries have an index: [0]")
    assert.deepStrictEqual(path(".price.currency"), unknown)
    assert.include(message(".price.currency"), 'item.price is declared as "number"')
    assert.deepStrictEqual(path(".customer[0]"), unknown)
    // text may hold JSON, which a path goes on in
    assert.deepStrictEqual(path(".question.part[0]"), silent)
  })

  it("finds nothing if the schema leaves the field open", () => {
    for (const schema of [
      {},
      { type: "object" },
      object({ a: {} }, { additionalProperties: true }),
      object({ a: {} }, { additionalProperties: { type: "string" } }),
      object({ a: {} }, { patternProperties: { "^la": {} } }),
      object({ a: {} }, { if: {}, else: { properties: { label: {} } } }),
      object({ a: {} }, { $ref: "https://example.com/other.json" }),
      object({ a: {} }, { allOf: [{ additionalProperties: true }] }),
      { type: "object", anyOf: [object({ a: {} }), { type: "object" }] }
    ]) {
      assert.deepStrictEqual(path(".label", schema), silent, JSON.stringify(schema))
    }
    assert.deepStrictEqual(path(".label.x", object({ a: {} }, { additionalProperties: { type: "integer" } })), unknown)
    assert.deepStrictEqual(path(".label", object({ a: {} }, { patternProperties: { "^x-": {} } })), undeclared)
  })

  it("follows references within the schema, circular ones too", () => {
    const tree = object(
      { root: { $ref: "#/$defs/a~1node" } },
      { $defs: { "a/node": object({ value: {}, next: { $ref: "#/$defs/a~1node" } }, { additionalProperties: false }) } }
    )
    assert.deepStrictEqual(path(".root.next.next.value", tree), silent)
    assert.deepStrictEqual(path(".root.next.next.valeu", tree), unknown)
    assert.deepStrictEqual(path(".root.child", object({ root: { $ref: "#" } })), undeclared)
    assert.deepStrictEqual(path(".label", { type: "object", $ref: "#" }), silent)
    assert.deepStrictEqual(path(".b", object({ a: {} }, { allOf: [{ $ref: "#" }] })), undeclared)
  })

  it("joins the declarations of several schemas", () => {
    const parts = { type: "object", allOf: [object({ a: object({ x: {} }) }), object({ b: {}, a: object({ y: {} }) })] }
    for (const keys of [".a", ".b", ".a.x", ".a.y"]) assert.deepStrictEqual(path(keys, parts), silent, keys)
    assert.deepStrictEqual(path(".c", parts), undeclared)
    assert.deepStrictEqual(path(".a.z", parts), undeclared)
    for (const keyword of ["anyOf", "oneOf"]) {
      const one = object({ v: { [keyword]: [{ type: "null" }, object({ a: {} }, { additionalProperties: false })] } })
      assert.deepStrictEqual(path(".v.a", one), silent)
      assert.deepStrictEqual(path(".v.b", one), unknown)
    }
    const choice = object({ v: { anyOf: [object({ a: {} }), object({ b: {} })] } })
    assert.deepStrictEqual(path(".v.b", choice), silent)
    assert.deepStrictEqual(path(".v.c", choice), undeclared)
    // members that only say what is required declare nothing
    assert.deepStrictEqual(path(".c", object({ a: {}, b: {} }, { anyOf: [{ required: ["a"] }] })), undeclared)
  })

  it("knows the entries of tuples", () => {
    const tuple = object({
      pair: { type: "array", prefixItems: [object({ a: {} }), { type: "number" }], items: false }
    })
    assert.deepStrictEqual(path(".pair[0].a", tuple), silent)
    assert.deepStrictEqual(path(".pair[1].a", tuple), unknown)
    assert.deepStrictEqual(path(".pair[2]", tuple), unknown)
    assert.include(message(".pair[2]", tuple), "has 2 entries")
  })

  it("ends for schemas whose parts refer to each other", () => {
    const names = Array.from({ length: 14 }, (_, index) => `part${index}`)
    const anyOf = names.map((name) => ({ $ref: `#/$defs/${name}` }))
    const schema = { type: "object", anyOf, $defs: Object.fromEntries(names.map((name) => [name, { anyOf }])) }
    // every order would be looked at in some hours
    assert.deepStrictEqual(path(".label.length", schema), silent)
  })
})

const schemaAt = "data_source_config.item_schema"

/** What is found of a schema, by places inside it. */
const ofSchema = (item_schema: object) =>
  found(evalOf([stringCheck({ reference: "fixed" })], { item_schema })).map((line) => line.replace(schemaAt, "…"))

describe("lintEval on item schemas", () => {
  it("reports a schema that does not describe an object", () => {
    assert.deepStrictEqual(ofSchema({ type: "array", items: {} }), ["error item-schema ….type"])
    assert.deepStrictEqual(ofSchema({ type: ["object", "null"] }), [])
    // nothing is said of paths into what is no row
    assert.deepStrictEqual(path(".label", { type: "string" }).length, 1)
  })

  it("reports fields outside of `properties`", () => {
    for (const schema of [
      { question: { type: "string" } },
      { question: "string" },
      { type: "object", question: { type: "string" }, required: ["question"] }
    ]) {
      assert.deepStrictEqual(ofSchema(schema), ["error item-schema …"])
    }
    assert.include(message(".question", { question: {} }), '"properties": { "question": … }')
    for (const schema of [{}, { title: "row" }, { type: "object", "x-owner": { a: 1 }, $comment: "c" }]) {
      assert.deepStrictEqual(ofSchema(schema), [])
    }
  })

  it("reports required fields that are not declared", () => {
    const params = evalOf([stringCheck()], { item_schema: object({ label: {} }, { required: ["label", "lables"] }) })
    assert.deepStrictEqual(found(params), [`warning item-schema ${schemaAt}.required[1]`])
    assert.include(onlyMessage(params), 'did you mean "label"?')
    assert.deepStrictEqual(ofSchema(object({ a: {} }, { required: ["b"], additionalProperties: false })), [
      "error item-schema ….required[0]"
    ])
    assert.deepStrictEqual(ofSchema(object({ a: object({ b: {} }, { required: ["c"] }) })), [
      "warning item-schema ….properties.a.required[0]"
    ])
    for (const schema of [
      { type: "object", required: ["a"] },
      object({ a: {} }, { required: ["x1"], patternProperties: { "^x": {} } }),
      object({ a: {} }, { required: ["b"], allOf: [object({ b: {} })] }),
      object({ a: {}, b: {} }, { oneOf: [{ properties: { a: { const: 1 } }, required: ["b"] }] })
    ]) {
      assert.deepStrictEqual(ofSchema(schema), [], JSON.stringify(schema))
    }
  })

  it("reports keywords with impossible values", () => {
    assert.deepStrictEqual(ofSchema(object({ a: { type: "str" } })), ["error item-schema ….properties.a.type"])
    assert.deepStrictEqual(ofSchema(object({ a: "string" })), ["error item-schema ….properties.a"])
    assert.deepStrictEqual(ofSchema(object({ a: { type: "string", required: true } })), [
      "error item-schema ….properties.a.required"
    ])
    assert.deepStrictEqual(ofSchema({ type: "object", properties: ["a"] }), ["error item-schema ….properties"])
    assert.deepStrictEqual(ofSchema(object({ a: { items: { $ref: "#/$defs/missing" } } })), [
      "error item-schema ….properties.a.items.$ref"
    ])
    const fine = object({ a: { type: ["string", "null"], enum: ["type", null], default: { type: "str" } }, b: true })
    assert.deepStrictEqual(ofSchema(fine), [])
  })
})

describe("lintEval on runs", () => {
  const params = evalOf([stringCheck()])
  const template = (content: unknown) => runOf({ type: "template", template: [{ role: "user", content }] })
  const reference = (item_reference: string) => runOf({ type: "item_reference", item_reference })
  const referenceAt = "run.data_source.input_messages.item_reference"

  it("reports templates of input messages that have no value", () => {
    const content = [{ type: "input_image", image_url: "{{ item.image }}" }, "{{ item.question }", "{{ item.label }}"]
    assert.deepStrictEqual(found(params, template(content)), [
      "error unknown-item-field run.data_source.input_messages.template[0].content[0].image_url",
      "error malformed-template run.data_source.input_messages.template[0].content[1]"
    ])
  })

  it("reports item references with braces, and those that name no field of the row", () => {
    for (const text of ["{{ item.extra }}", "{item.extra}", "extra", "item", "sample.output_text", "item.extra "]) {
      assert.deepStrictEqual(found(params, reference(text)), [`error item-reference ${referenceAt}`], text)
    }
    assert.include(onlyMessage(params, reference("{{ item.extra }}")), 'write "item.extra"')
    assert.deepStrictEqual(found(params, reference("item.extar")), [`error unknown-item-field ${referenceAt}`])
    assert.include(onlyMessage(params, reference("item.extar")), "did you mean item.extra?")
    assert.deepStrictEqual(found(params, reference("item.orders[0]")), [])
  })

  it("reports inline rows without a required field, or with one of another type", () => {
    const rows = (...items: ReadonlyArray<object>) => {
      const source = { type: "file_content", content: items.map((item) => ({ item })) }
      return runOf({ type: "template", template: [] }, { source })
    }
    const row = { question: "?", label: "a" }
    const place = "run.data_source.source.content"
    assert.deepStrictEqual(
      found(params, rows(row, { question: "?" }, { ...row, price: "3", orders: {}, customer: null, extra: 1 })),
      [
        `error row-mismatch ${place}[1].item`,
        `error row-mismatch ${place}[2].item.price`,
        `error row-mismatch ${place}[2].item.orders`
      ]
    )
    assert.include(onlyMessage(params, rows({ question: "?" })), '"label" is missing')
    assert.include(onlyMessage(params, rows({ ...row, price: "3" })), 'is "3", where item_schema wants "number"')
    const whole = evalOf([stringCheck({ reference: "1" })], { item_schema: object({ n: { type: "integer" } }) })
    assert.deepStrictEqual(found(whole, rows({ n: 1 }, { n: 1.5 }, {})), [`error row-mismatch ${place}[1].item.n`])
  })
})

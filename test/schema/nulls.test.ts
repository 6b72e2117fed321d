/** Null in a request means that the field is left out, wherever a field may be left out. */
import { assert, describe, it } from "@effect/vitest"
import { Schema, SchemaAST } from "effect"
import { Eval, EvalsFile, Grader, OutputItem, Run } from "effect-evals"
import { guard } from "../../src/schema/guard.ts"
import { withoutNulls } from "../../src/schema/withoutNulls.ts"

const requests: Readonly<Record<string, Schema.Constraint>> = {
  "Eval.CreateParams": Eval.CreateParams,
  "Eval.UpdateParams": Eval.UpdateParams,
  "Eval.ListParams": Eval.ListParams,
  "Run.CreateParams": Run.CreateParams,
  "Run.ListParams": Run.ListParams,
  "OutputItem.ListParams": OutputItem.ListParams,
  "EvalsFile.ListParams": EvalsFile.ListParams,
  "EvalsFile.UploadFields": EvalsFile.UploadFields,
  "Grader.RunParams": Grader.RunParams,
  "Grader.ValidateParams": Grader.ValidateParams
}

interface Field {
  readonly path: string
  readonly type: SchemaAST.AST
}

/** Every field below a schema that may be left out; free JSON has none. */
const optionalFields = (ast: SchemaAST.AST, path: string): ReadonlyArray<Field> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap((type) => optionalFields(type, path))
  if (SchemaAST.isArrays(ast)) return ast.rest.flatMap((type) => optionalFields(type, `${path}[]`))
  if (!SchemaAST.isObjects(ast)) return []
  return [
    ...ast.propertySignatures.flatMap(({ name, type }) => {
      const inner = `${path}.${String(name)}`
      return [...(SchemaAST.isOptional(type) ? [{ path: inner, type }] : []), ...optionalFields(type, inner)]
    }),
    ...ast.indexSignatures.flatMap(({ type }) => optionalFields(type, `${path}.*`))
  ]
}

describe("null in a request", () => {
  for (const [name, schema] of Object.entries(requests)) {
    it(`is accepted in every optional field of ${name}`, () => {
      const fields = optionalFields(schema.ast, name)
      const refused = fields.filter(({ type }) => !guard(Schema.make(type))(null))
      assert.deepStrictEqual(
        refused.map(({ path }) => path),
        []
      )
    })
  }

  it("is removed from optional fields, at any depth and in every kind of union", () => {
    const strip = withoutNulls(Run.CreateParams)
    const tool = { type: "function", name: "f", description: null, parameters: { default: null }, strict: null }
    const hosted = { type: "web_search", user_location: null }
    const message = { role: "user", content: [{ type: "input_image", image_url: "u", file_id: null }], phase: null }
    assert.deepStrictEqual(
      strip({
        name: null,
        metadata: null,
        data_source: {
          type: "responses",
          model: null,
          source: { type: "responses", limit: null, metadata: { a: null }, model: "m" },
          input_messages: { type: "template", template: [message] },
          sampling_params: { seed: null, text: { format: null }, tools: [tool, hosted] }
        }
      }),
      {
        data_source: {
          type: "responses",
          source: { type: "responses", metadata: { a: null }, model: "m" },
          input_messages: {
            type: "template",
            template: [{ role: "user", content: [{ type: "input_image", image_url: "u" }] }]
          },
          sampling_params: {
            text: {},
            tools: [
              { type: "function", name: "f", parameters: { default: null } },
              { type: "web_search", user_location: null }
            ]
          }
        }
      }
    )
  })

  it("is removed from the graders of a multi grader, in each of their forms", () => {
    const strip = withoutNulls(Grader.ValidateParams)
    const grader = { type: "python", name: "a", source: "", image_tag: null, pass_threshold: null }
    const bare = { type: "python", name: "a", source: "" }
    const multi = (graders: unknown) => ({ grader: { type: "multi", name: "m", graders, calculate_output: "a" } })
    assert.deepStrictEqual(strip(multi(grader)), multi(bare))
    assert.deepStrictEqual(strip(multi([grader])), multi([bare]))
    assert.deepStrictEqual(strip(multi({ a: grader, type: grader })), multi({ a: bare, type: bare }))
  })

  it("stays in required fields, in free JSON, and in values that the schema does not describe", () => {
    const strip = withoutNulls(Eval.CreateParams)
    const params = {
      data_source_config: { type: "custom", item_schema: { default: null, enum: [null] } },
      testing_criteria: [null, { type: "unknown", name: null }, { type: "string_check", name: null }],
      other: null
    }
    assert.strictEqual(strip(params), params)
    for (const value of [null, undefined, 1, "a", []]) assert.strictEqual(strip(value), value)
  })
})

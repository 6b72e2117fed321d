import { assert, describe, it } from "@effect/vitest"
import type { Schema } from "effect"
import { Eval, EvalsFile, Grader, OutputItem, Page, Run } from "effect-evals"
import { readOpenApi } from "./folder.ts"
import { isWithin, ofOpenApi, ofSchema, type Shape } from "./shape.ts"

const api = readOpenApi()

/** A difference that is on purpose, and why. One that no longer occurs fails the test. */
type Known = readonly [difference: RegExp, reason: string]

const only = (fields: Iterable<string>, shape: Shape): ReadonlyArray<string> =>
  [...fields].filter((path) => !shape.fields.has(path) && !isWithin(path, shape.free))

const unexplained = (differences: ReadonlyArray<string>, known: ReadonlyArray<Known>): ReadonlyArray<string> => [
  ...differences.filter((path) => !known.some(([difference]) => difference.test(path))),
  ...known
    .filter(([difference]) => !differences.some((path) => difference.test(path)))
    .map(([, reason]) => `outdated: ${reason}`)
]

/** Values that the document lists for a field and our schema refuses. */
const refusedValues = (document: Shape, ours: Shape): ReadonlyArray<string> =>
  [...document.fields].flatMap(([path, { values }]) => {
    const taken = ours.fields.get(path)?.values
    return taken === undefined
      ? []
      : [...(values ?? [`any`])].filter((value) => !taken.has(value)).map((value) => `${path}: ${String(value)}`)
  })

/** Fields that our schema demands and the document does not. */
const overdemanded = (document: Shape, ours: Shape): ReadonlyArray<string> =>
  [...ours.fields]
    .filter(([path, { required }]) => required && document.fields.get(path)?.required === false)
    .map(([path]) => path)

const endpoints = Object.values(api.paths).flatMap((methods) => Object.values(methods))
const endpoint = (operationId: string) => {
  const found = endpoints.find((each) => each.operationId === operationId)
  if (found === undefined) throw new Error(`the document has no operation ${operationId}`)
  return found
}

// =============================================================================
// requests
// =============================================================================

const files: Known = [
  /\.content(?:\[\])?\[(?:input_file\].*|input_image\]\.(?:file_id|prompt_cache_breakpoint.*))$/,
  "the document gives an easy input message these parts, an eval item only some: one schema serves both"
]
const phase: Known = [/\.phase$/, "a field of easy input messages, which stand where eval items do"]
const bothLimits: Known = [
  /\.sampling_params\.max_completions?_tokens$/,
  "both spellings of the token limit are in use"
]
const graders: ReadonlyArray<Known> = [
  [/^grader\[multi\]\.graders(?:\[\]|\{\})/, "graders of a multi grader: the guide has a map, an example a list"],
  [/^grader(?:\[multi\]\.graders)?\[label_model\]/, "the guide runs label graders too"],
  [/^grader.*\.pass_threshold$/, "criteria of evals have it; one schema serves both"],
  bothLimits,
  files,
  phase
]

const labelSampling: Known = [
  /\[label_model\]\.sampling_params(?:$|\.)/,
  "as a score_model has them; the engine sends them to the judge"
]

const requests: Readonly<Record<string, { readonly schema: Schema.Constraint; readonly extra: ReadonlyArray<Known> }>> =
  {
    createEval: { schema: Eval.CreateParams, extra: [files, phase, bothLimits, labelSampling] },
    updateEval: { schema: Eval.UpdateParams, extra: [] },
    createEvalRun: {
      schema: Run.CreateParams,
      extra: [
        files,
        phase,
        bothLimits,
        [/^data_source\[responses\]\.source\[responses\]\.limit$/, "undocumented, and taken by the hosted service"]
      ]
    },
    runGrader: { schema: Grader.RunParams, extra: graders },
    validateGrader: { schema: Grader.ValidateParams, extra: graders },
    createFile: {
      schema: EvalsFile.UploadFields,
      extra: [[/^filename$/, "the name of the part that the document calls file"]]
    }
  }

const missing: Readonly<Record<string, ReadonlyArray<Known>>> = {
  createFile: [[/^file$/, "the bytes themselves, which no schema checks"]]
}

describe("request bodies of the OpenAPI document", () => {
  it("all have a schema", () => {
    const bodies = endpoints.filter((each) => each.requestBody !== undefined).map((each) => each.operationId)
    assert.deepStrictEqual(Object.keys(requests).toSorted(), bodies.toSorted())
  })

  for (const [operationId, { extra, schema }] of Object.entries(requests)) {
    describe(operationId, () => {
      const [content] = Object.values(endpoint(operationId).requestBody?.content ?? {})
      if (content === undefined) throw new Error(`${operationId} has no content`)
      const document = ofOpenApi(api, content.schema)
      const ours = ofSchema(schema.ast)

      it("names each field of the document", () => {
        assert.isAbove(document.fields.size, 0)
        assert.deepStrictEqual(unexplained(only(document.fields.keys(), ours), missing[operationId] ?? []), [])
      })

      it("names no field that the document has not, but for those that are known", () => {
        assert.deepStrictEqual(unexplained(only(ours.fields.keys(), document), extra), [])
      })

      it("takes each value that the document lists", () => {
        assert.deepStrictEqual(refusedValues(document, ours), [])
      })

      it("demands no field that the document leaves open", () => {
        assert.deepStrictEqual(overdemanded(document, ours), [])
      })
    })
  }
})

// =============================================================================
// queries
// =============================================================================

const queries: Readonly<Record<string, Schema.Constraint>> = {
  listEvals: Eval.ListParams,
  getEvalRuns: Run.ListParams,
  getEvalRunOutputItems: OutputItem.ListParams,
  listFiles: EvalsFile.ListParams
}

describe("queries of the OpenAPI document", () => {
  for (const each of endpoints) {
    const documented = (each.parameters ?? []).filter((parameter) => parameter.in === "query")
    it(each.operationId, () => {
      const ast = queries[each.operationId]?.ast
      const ours = ast === undefined ? undefined : ofSchema(ast)
      assert.deepStrictEqual(
        [...(ours?.fields.keys() ?? [])].toSorted(),
        documented.map((parameter) => parameter.name).toSorted()
      )
      for (const { name, schema } of documented) {
        const document = ofOpenApi(api, { type: "object", properties: { [name]: schema } })
        assert.deepStrictEqual(refusedValues(document, ours ?? document), [])
      }
    })
  }
})

// =============================================================================
// answers
// =============================================================================

const sampling: ReadonlyArray<Known> = [
  [/\.sampling_params\.tools\[\]\[/, "tools are known by their type, the rest is passed on"],
  [/\.sampling_params\.(?:response_format|text\.format)\[/, "formats are known by their type, the rest is passed on"]
]

const responses: Readonly<
  Record<string, { readonly schema: Schema.Constraint; readonly open?: ReadonlyArray<Known> }>
> = {
  listEvals: { schema: Page(Eval.Eval) },
  createEval: { schema: Eval.Eval },
  getEval: { schema: Eval.Eval },
  updateEval: { schema: Eval.Eval },
  deleteEval: { schema: Eval.Deleted },
  getEvalRuns: { schema: Page(Run.Run), open: sampling },
  createEvalRun: { schema: Run.Run, open: sampling },
  getEvalRun: { schema: Run.Run, open: sampling },
  cancelEvalRun: { schema: Run.Run, open: sampling },
  deleteEvalRun: { schema: Run.Deleted },
  getEvalRunOutputItems: { schema: Page(OutputItem.OutputItem) },
  getEvalRunOutputItem: { schema: OutputItem.OutputItem },
  listFiles: { schema: Page(EvalsFile.EvalsFile) },
  createFile: { schema: EvalsFile.EvalsFile },
  retrieveFile: { schema: EvalsFile.EvalsFile },
  deleteFile: { schema: EvalsFile.Deleted },
  runGrader: { schema: Grader.RunResponse },
  validateGrader: { schema: Grader.ValidateResponse }
}

describe("answers of the OpenAPI document", () => {
  it("all have a schema, but for the bytes of a file", () => {
    assert.deepStrictEqual(
      [...Object.keys(responses), "downloadFile"].toSorted(),
      endpoints.map((each) => each.operationId).toSorted()
    )
  })

  for (const [operationId, { open, schema }] of Object.entries(responses)) {
    describe(operationId, () => {
      const success = Object.entries(endpoint(operationId).responses).find(([status]) => status.startsWith("2"))?.[1]
      const content = success?.content?.["application/json"]
      if (content === undefined) throw new Error(`${operationId} has no answer`)
      const document = ofOpenApi(api, content.schema)
      const ours = ofSchema(schema.ast)

      it("each field is known to our schema", () => {
        assert.isAbove(document.fields.size, 0)
        assert.deepStrictEqual(unexplained(only(document.fields.keys(), ours), open ?? []), [])
      })

      it("no listed value is refused, and no field demanded that may be left out", () => {
        assert.deepStrictEqual(refusedValues(document, ours), [])
        assert.deepStrictEqual(overdemanded(document, ours), [])
      })
    })
  }
})

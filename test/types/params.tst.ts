import {
  createEval,
  createRun,
  type DataSource,
  EvalId,
  Grader,
  listEvals,
  listRuns,
  runGrader,
  updateEval,
  uploadFile,
  Upload
} from "effect-evals"
import { Schema } from "effect"
import { describe, expect, test } from "tstyche"

const evalId = EvalId.make("eval_1")
const criterion = { type: "string_check", name: "a", input: "x", reference: "x", operation: "eq" } as const
const file = { type: "file_id", id: "file-1" } as const

describe("createEval", () => {
  test("takes each kind of config", () => {
    expect(createEval).type.toBeCallableWith({
      data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
      testing_criteria: [criterion]
    })
    expect(createEval).type.toBeCallableWith({ data_source_config: { type: "logs" }, testing_criteria: [] })
    expect(createEval).type.toBeCallableWith({
      name: "a",
      metadata: { a: "b" },
      data_source_config: { type: "stored_completions", metadata: { usecase: "a" } },
      testing_criteria: []
    })
  })

  test("refuses an unknown key at any level", () => {
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [],
      title: "a"
    })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs", schema: {} },
      testing_criteria: []
    })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [{ ...criterion, threshold: 1, type: "string_check" }]
    })
  })

  test("wants what the API wants", () => {
    expect(createEval).type.not.toBeCallableWith({ testing_criteria: [criterion] })
    expect(createEval).type.not.toBeCallableWith({ data_source_config: { type: "logs" } })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "custom" },
      testing_criteria: [criterion]
    })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [{ type: "string_check", name: "a", input: "x", operation: "eq" }]
    })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [{ type: "string_check", input: "x", reference: "x", operation: "eq" }]
    })
  })

  test("takes no value that the API does not list", () => {
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [{ type: "string_check", name: "a", input: "x", reference: "x", operation: "neq" }]
    })
    expect(createEval).type.not.toBeCallableWith({
      data_source_config: { type: "logs" },
      testing_criteria: [{ type: "text_similarity", name: "a", input: "x", reference: "x", evaluation_metric: "rouge" }]
    })
    // a formula over graders is for the grader endpoints
    expect<Grader.TestingCriterion["type"]>().type.toBe<
      "string_check" | "text_similarity" | "python" | "score_model" | "label_model"
    >()
    expect<Grader.GraderParam["type"]>().type.toBe<Grader.TestingCriterion["type"] | "multi">()
  })

  test("a field that may be left out may be null, and no other", () => {
    expect(createEval).type.toBeCallableWith({
      name: null,
      metadata: null,
      data_source_config: { type: "custom", item_schema: {}, include_sample_schema: null },
      testing_criteria: [{ type: "python", name: "a", source: "", image_tag: null, pass_threshold: null }]
    })
    expect(createEval).type.not.toBeCallableWith({ data_source_config: null, testing_criteria: [] })
    expect(createRun).type.toBeCallableWith(evalId, {
      name: null,
      data_source: { type: "completions", source: file, model: null, input_messages: null, sampling_params: null }
    })
    expect(listEvals).type.toBeCallableWith({ after: null, limit: null, order: null, order_by: null })
    expect(listRuns).type.toBeCallableWith(evalId, { after: null, status: null })
    expect(uploadFile).type.toBeCallableWith({
      file: Upload.fromRows([]),
      purpose: "evals",
      expires_after: null
    })
  })

  test("metadata are texts", () => {
    expect(updateEval).type.toBeCallableWith(evalId, { metadata: { a: "b" } })
    expect(updateEval).type.toBeCallableWith(evalId, { metadata: null })
    expect(updateEval).type.not.toBeCallableWith(evalId, { metadata: { a: 1 } })
    expect(updateEval).type.not.toBeCallableWith(evalId, { testing_criteria: [] })
  })
})

describe("createRun", () => {
  test("takes either spelling of the token limit, in both kinds of sampled run", () => {
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: file, sampling_params: { max_completion_tokens: 16 } }
    })
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: file, sampling_params: { max_completions_tokens: 16 } }
    })
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: { type: "responses", source: file, sampling_params: { max_completions_tokens: 16 } }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: file, sampling_params: { max_tokens: 16 } }
    })
    expect(runGrader).type.toBeCallableWith({
      grader: {
        type: "score_model",
        name: "a",
        model: "m",
        input: [],
        sampling_params: { max_completions_tokens: 16 }
      },
      model_sample: ""
    })
  })

  test("keeps what belongs to one kind of run out of the others", () => {
    // response_format beside sampling_params is ignored by the host, and costs its user a day
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: file, response_format: { type: "json_object" } }
    })
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: file, sampling_params: { response_format: { type: "json_object" } } }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "responses", source: file, sampling_params: { response_format: { type: "json_object" } } }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "jsonl", source: file, model: "m" }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "jsonl", source: { type: "stored_completions" } }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "completions", source: { type: "responses" } }
    })
  })

  test("takes messages of all forms", () => {
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: {
        type: "completions",
        model: "m",
        source: { type: "file_content", content: [{ item: { a: [1, null, { b: "c" }] } }] },
        input_messages: {
          type: "template",
          template: [
            { role: "developer", content: "a" },
            { role: "user", content: { type: "input_text", text: "{{ item.a }}" } },
            { role: "user", content: ["a", { type: "input_image", image_url: "{{ item.url }}" }] },
            { role: "user", content: [{ type: "input_audio", input_audio: { data: "", format: "wav" } }] }
          ]
        }
      }
    })
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: {
        type: "completions",
        source: file,
        input_messages: { type: "template", template: [{ role: "user", content: { type: "text", text: "a" } }] }
      }
    })
  })

  test("rows have an item", () => {
    expect(createRun).type.not.toBeCallableWith(evalId, {
      data_source: { type: "jsonl", source: { type: "file_content", content: [{ sample: {} }] } }
    })
  })
})

test("lists take their own filters", () => {
  expect(listRuns).type.toBeCallableWith(evalId, { status: "failed", order: "desc", limit: 10 })
  expect(listRuns).type.not.toBeCallableWith(evalId, { status: "done" })
  expect(listEvals).type.toBeCallableWith({ order_by: "updated_at" })
  expect(listRuns).type.not.toBeCallableWith(evalId, { order_by: "updated_at" })
})

test("options of a call are its last argument", () => {
  expect(listRuns).type.toBeCallableWith(evalId, {}, { timeout: "5 seconds", retry: false })
  expect(createEval).type.not.toBeCallableWith(
    { data_source_config: { type: "logs" }, testing_criteria: [] },
    { maxRetries: 3 }
  )
})

test("a file has a purpose that the API lists", () => {
  const upload = Upload.fromRows([])
  expect(uploadFile).type.toBeCallableWith({ file: upload, purpose: "evals" })
  expect(uploadFile).type.not.toBeCallableWith({ file: upload, purpose: "eval" })
  expect(uploadFile).type.not.toBeCallableWith({ file: upload })
})

test("make fills in the type of a grader", () => {
  expect(
    Grader.StringCheck.make({ name: "a", input: "x", reference: "x", operation: "eq" })
  ).type.toBeAssignableTo<Grader.TestingCriterion>()
})

describe("rows", () => {
  interface Ticket {
    readonly subject: string
    readonly team?: string | undefined
  }
  class Case extends Schema.Class<Case>("Case")({ question: Schema.String, asked: Schema.DateTimeUtc }) {}
  type Item = DataSource.RowParam["item"]

  test("may be of an application's own types", () => {
    expect<Item>().type.toBeAssignableFrom<Ticket>()
    expect<Item>().type.toBeAssignableFrom<Case>()
    expect<Item>().type.toBeAssignableFrom<Record<string, unknown>>()
    expect<Item>().type.toBeAssignableFrom<{ readonly [key: string]: Schema.Json }>()
    expect<Item>().type.toBeAssignableFrom<{ readonly tickets: ReadonlyArray<Ticket>; readonly at: Date }>()
    expect<NonNullable<DataSource.RowParam["sample"]>>().type.toBe<Item>()
    expect<NonNullable<Grader.RunParams["item"]>>().type.toBe<Item>()
    expect(Upload.fromRows).type.toBeCallableWith([{ item: ticket, sample: ticket }])
    expect(createRun).type.toBeCallableWith(evalId, {
      data_source: { type: "jsonl", source: { type: "file_content", content: [{ item: ticket }] } }
    })
  })

  test("are objects", () => {
    expect<Item>().type.not.toBeAssignableFrom<ReadonlyArray<Ticket>>()
    expect<Item>().type.not.toBeAssignableFrom<ReadonlyMap<string, string>>()
    expect<Item>().type.not.toBeAssignableFrom<string>()
    expect<Item>().type.not.toBeAssignableFrom<Ticket | undefined>()
    expect<Item>().type.not.toBeAssignableFrom<null>()
  })

  test("have a JSON Schema as Effect makes it", () => {
    expect(createEval).type.toBeCallableWith({
      data_source_config: { type: "custom", item_schema: Schema.toJsonSchemaDocument(Case).schema },
      testing_criteria: []
    })
  })

  const ticket: Ticket = { subject: "It hums" }
})

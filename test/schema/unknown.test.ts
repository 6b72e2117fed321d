import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { DataSource, Eval, EvalsFile, Grader, Message, OutputItem, Page, Run, WebhookEvent } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { decoder } from "../../src/internal/codec.ts"
import { formatPath } from "../../src/schema/issues.ts"
import { places } from "./json.ts"

/** Where a value is refused. */
const refusedAt = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, value: unknown): ReadonlyArray<string> => {
  const decoded = decoder(schema)(JSON.stringify(value))
  return Result.isSuccess(decoded) || typeof decoded.failure === "string"
    ? []
    : decoded.failure.map((place) => formatPath(place.path))
}

/** What is read is the very text, and the schema's own codec gives back the same value. */
const kept = <S extends Schema.Codec<unknown>>(schema: S, value: unknown) => {
  const text = JSON.stringify(value)
  assert.strictEqual(JSON.stringify(Result.getOrThrow(decoder(schema)(text))), text)
  const codec = Schema.decodeUnknownSync(schema)(JSON.parse(text))
  assert.deepStrictEqual(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(codec))), value)
}

const completions = {
  type: "completions",
  model: "m-1",
  source: { type: "file_id", id: "file-1" },
  input_messages: { type: "template", template: [{ role: "user", content: "{{ item.q }}" }] },
  sampling_params: {
    temperature: 0,
    max_completions_tokens: 16,
    tools: [{ type: "function", function: { name: "f" } }]
  }
}
const template = (content: unknown) => ({
  ...completions,
  input_messages: { type: "template", template: [{ role: "user", content }] }
})
const judge = {
  type: "score_model",
  name: "judge",
  model: "m-2",
  input: [{ role: "user", content: [{ type: "input_text", text: "x" }, "y"] }],
  range: [0, 10],
  sampling_params: { seed: 1 }
}
const criterion = (grader: unknown) => ({ ...WireBuilder.evaluation(), testing_criteria: [grader] })
const running = (dataSource: unknown) => ({ ...WireBuilder.run(), data_source: dataSource })
const event = { id: "evt_1", object: "event", type: "eval.run.failed", created_at: 1, data: { id: "evalrun_1" } }

describe("a known member of a union with a wrong field", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Codec<unknown>, unknown, ReadonlyArray<string>]> = [
    ["a source", Run.Run, running({ ...completions, source: { type: "file_id", id: 1 } }), ["data_source.source.id"]],
    ["a source of rows", DataSource.Source, { type: "file_content", content: [{ item: {} }, {}] }, ["content[1].item"]],
    ["a filter", DataSource.Source, { type: "stored_completions", created_after: "1" }, ["created_after"]],
    ["a filter of responses", DataSource.Source, { type: "responses", users: "u" }, ["users"]],
    ["a data source", Run.Run, running({ type: "jsonl" }), ["data_source.source"]],
    ["input messages", DataSource.InputMessages, { type: "item_reference" }, ["item_reference"]],
    [
      "a content part",
      Run.Run,
      running(template({ type: "input_text", text: 1 })),
      ["data_source.input_messages.template[0].content.text"]
    ],
    [
      "a content part in a list",
      Run.Run,
      running(template(["a", { type: "input_audio", input_audio: { data: "", format: 1 } }])),
      ["data_source.input_messages.template[0].content[1].input_audio.format"]
    ],
    ["an image", Message.ContentPart, { type: "input_image", image_url: 1 }, ["image_url"]],
    ["a file part", Message.ContentPart, { type: "input_file", file_data: {} }, ["file_data"]],
    ["an output text", Message.ContentPart, { type: "output_text" }, ["text"]],
    [
      "a config",
      Eval.Eval,
      { ...WireBuilder.evaluation(), data_source_config: { type: "logs", schema: [] } },
      ["data_source_config.schema"]
    ],
    [
      "string_check",
      Eval.Eval,
      criterion({ type: "string_check", name: "a" }),
      ["testing_criteria[0].input", "testing_criteria[0].reference", "testing_criteria[0].operation"]
    ],
    [
      "text_similarity",
      Grader.Grader,
      {
        type: "text_similarity",
        name: "a",
        input: "",
        reference: "",
        evaluation_metric: "bleu",
        pass_threshold: "0.5"
      },
      ["pass_threshold"]
    ],
    ["python", Grader.Grader, { type: "python", name: "a", source: null }, ["source"]],
    ["score_model", Grader.Grader, { ...judge, range: [0, "10"] }, ["range[1]"]],
    ["score_model's sampling", Grader.Grader, { ...judge, sampling_params: { seed: "1" } }, ["sampling_params.seed"]],
    [
      "label_model",
      Grader.Grader,
      { ...judge, type: "label_model", labels: ["a"], passing_labels: "a" },
      ["passing_labels"]
    ],
    [
      "multi",
      Grader.ValidateResponse,
      { grader: { type: "multi", name: "a", graders: [] } },
      ["grader.calculate_output"]
    ],
    ["a webhook event", WebhookEvent.WebhookEvent, { ...event, data: {} }, ["data.id"]],
    [
      "an item of a page",
      Page(Run.Run),
      { data: [WireBuilder.run(), { ...WireBuilder.run(), id: 1 }], has_more: false },
      ["data[1].id"]
    ]
  ]

  it.each(cases)(
    "is refused with the path of that field, and is not taken for an unknown member: %s",
    (_, schema, value, paths) => {
      assert.deepStrictEqual(refusedAt(schema, value), paths)
    }
  )

  it("a type that is missing or is not a string is refused with its path", () => {
    assert.deepStrictEqual(refusedAt(Run.Run, running({ type: 1 })), ["data_source.type"])
    assert.deepStrictEqual(refusedAt(Eval.Eval, criterion({ name: "a" })), ["testing_criteria[0].type"])
    assert.deepStrictEqual(refusedAt(WebhookEvent.WebhookEvent, { id: "evt_1" }), ["type"])
  })
})

describe("an unknown member or value is kept", () => {
  const later = { type: "later", nested: [{ b: 1, a: null }], z: "", a: 0 }
  const cases: ReadonlyArray<readonly [string, Schema.Codec<unknown>, unknown]> = [
    ["data source", Run.Run, running(later)],
    ["source", Run.Run, running({ ...completions, source: later })],
    ["input messages", Run.Run, running({ ...completions, input_messages: later })],
    ["content part", Run.Run, running(template(later))],
    ["content part in a list", Run.Run, running(template(["a", later, { type: "input_text", text: "b" }]))],
    ["content part of a grader", Eval.Eval, criterion({ ...judge, input: [{ role: "user", content: [later] }] })],
    ["tool", Run.Run, running({ ...completions, sampling_params: { tools: [later] } })],
    ["response format", Run.Run, running({ ...completions, sampling_params: { response_format: later } })],
    ["grader", Eval.Eval, criterion(later)],
    ["grader to be validated", Grader.ValidateResponse, { grader: later }],
    ["config", Eval.Eval, { ...WireBuilder.evaluation(), data_source_config: later }],
    ["webhook event", WebhookEvent.WebhookEvent, later],
    [
      "webhook event of another part of the platform",
      WebhookEvent.WebhookEvent,
      {
        ...event,
        type: "batch.completed",
        data: { id: "batch_1" }
      }
    ],
    ["run status", Run.Run, { ...WireBuilder.run(), status: "paused" }],
    ["item status", OutputItem.OutputItem, { ...WireBuilder.outputItem(), status: "skipped" }],
    ["file purpose and status", EvalsFile.EvalsFile, { ...WireBuilder.file(), purpose: "later", status: "later" }],
    [
      "role",
      Run.Run,
      running({ ...completions, input_messages: { type: "template", template: [{ role: "tool", content: "" }] } })
    ],
    ["operation", Eval.Eval, criterion({ ...WireBuilder.evaluation().testing_criteria[0], operation: "matches" })],
    ["audio format", Message.ContentPart, { type: "input_audio", input_audio: { data: "", format: "flac" } }]
  ]

  it.each(cases)("%s", (_, schema, value) => {
    kept(schema, value)
  })
})

describe("an unknown field is kept at every level", () => {
  const values: ReadonlyArray<readonly [string, Schema.Codec<unknown>, unknown]> = [
    ["an eval", Eval.Eval, { ...criterion(judge), metadata: { a: "b" } }],
    [
      "a run",
      Run.Run,
      {
        ...running(completions),
        status: "completed",
        per_model_usage: [
          {
            model_name: "m-1",
            invocation_count: 1,
            prompt_tokens: 1,
            completion_tokens: 1,
            total_tokens: 2,
            cached_tokens: 0
          }
        ],
        per_testing_criteria_results: [{ testing_criteria: "a-1", passed: 1, failed: 0 }],
        error: { code: "a", message: "b" }
      }
    ],
    [
      "an output item",
      OutputItem.OutputItem,
      WireBuilder.outputItem({
        sample: { input: [{ role: "user", content: "a" }], output: [], error: { message: "b" } }
      })
    ],
    ["a page", Page(Run.Run), WireBuilder.page([WireBuilder.run()])],
    ["a file", EvalsFile.EvalsFile, WireBuilder.file()],
    [
      "an answer of a grader",
      Grader.RunResponse,
      {
        reward: 1,
        metadata: { errors: { other_error: false }, scores: {}, token_usage: { total_tokens: 1 } },
        sub_rewards: {}
      }
    ],
    ["a webhook event", WebhookEvent.WebhookEvent, event]
  ]
  // a user's metadata are texts by contract; a grader's answer calls something else by that name
  const takesMore = (value: unknown) => (path: ReadonlyArray<string | number>) =>
    isObject(get(value, path)) && (path.at(-1) !== "metadata" || "reward" in Object(value))

  const isObject = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !Array.isArray(value)
  const get = (value: unknown, path: ReadonlyArray<string | number>): unknown =>
    path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value)
  const put = (value: unknown, path: ReadonlyArray<string | number>): unknown => {
    const copy: unknown = structuredClone(value)
    Object.assign(Object(get(copy, path)), { later: [{ z: 1, a: null }] })
    return copy
  }

  it.each(values)("%s", (_, schema, value) => {
    const objects = [[], ...places(value)].filter(takesMore(value))
    for (const path of objects) kept(schema, put(value, path))
    kept(schema, objects.reduce(put, value))
  })
})

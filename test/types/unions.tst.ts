import type { DataSource, Eval, Grader, Message, OutputItem, Run, WebhookEvent } from "effect-evals"
import { describe, expect, test } from "tstyche"

declare const dataSource: DataSource.DataSource
declare const source: DataSource.Source
declare const inputMessages: DataSource.InputMessages
declare const part: Message.ContentPart
declare const grader: Grader.Grader
declare const config: Eval.DataSourceConfig
declare const event: WebhookEvent.WebhookEvent

describe("switch (x.type) narrows to the known member, and the rest is the unknown one", () => {
  test("DataSource", () => {
    switch (dataSource.type) {
      case "jsonl":
        expect(dataSource.source).type.toBe<DataSource.Source>()
        expect(dataSource).type.not.toHaveProperty("sampling_params")
        break
      case "completions":
      case "responses":
        expect(dataSource.model).type.toBe<string | null | undefined>()
        break
      default:
        expect(dataSource).type.not.toHaveProperty("source")
        expect(dataSource.type).type.toBeAssignableTo<string>()
    }
  })

  test("Source", () => {
    switch (source.type) {
      case "file_content":
        expect(source.content).type.toBe<ReadonlyArray<DataSource.Row>>()
        break
      case "file_id":
        expect(source.id).type.toBeAssignableTo<string>()
        break
      case "stored_completions":
        expect(source).type.not.toHaveProperty("users")
        break
      case "responses":
        expect(source.users).type.toBe<ReadonlyArray<string> | null | undefined>()
        break
      default:
        expect(source).type.not.toHaveProperty("id")
        expect(source.type).type.toBeAssignableTo<string>()
    }
  })

  test("InputMessages", () => {
    switch (inputMessages.type) {
      case "template":
        expect(inputMessages.template).type.toBe<ReadonlyArray<Message.Message>>()
        break
      case "item_reference":
        expect(inputMessages.item_reference).type.toBe<string>()
        break
      default:
        expect(inputMessages).type.not.toHaveProperty("template")
        expect(inputMessages.type).type.toBeAssignableTo<string>()
    }
  })

  test("ContentPart", () => {
    switch (part.type) {
      case "input_text":
      case "output_text":
        expect(part.text).type.toBe<string>()
        break
      case "input_image":
        expect(part.image_url).type.toBe<string | null | undefined>()
        break
      case "input_audio":
        expect(part.input_audio.data).type.toBe<string>()
        break
      case "input_file":
        expect(part.filename).type.toBe<string | null | undefined>()
        break
      default:
        expect(part).type.not.toHaveProperty("text")
        expect(part.type).type.toBeAssignableTo<string>()
    }
  })

  test("Grader", () => {
    switch (grader.type) {
      case "string_check":
        expect(grader.reference).type.toBe<string>()
        break
      case "text_similarity":
        expect(grader.pass_threshold).type.toBe<number | null | undefined>()
        break
      case "python":
        expect(grader.source).type.toBe<string>()
        break
      case "score_model":
        expect(grader.range).type.toBe<ReadonlyArray<number> | null | undefined>()
        break
      case "label_model":
        expect(grader.passing_labels).type.toBe<ReadonlyArray<string>>()
        break
      case "multi":
        expect(grader.graders).type.toBe<unknown>()
        break
      default:
        expect(grader).type.not.toHaveProperty("name")
        expect(grader.type).type.toBeAssignableTo<string>()
    }
  })

  test("DataSourceConfig", () => {
    switch (config.type) {
      case "custom":
        expect(config.include_sample_schema).type.toBe<boolean | null | undefined>()
        break
      case "logs":
      case "stored_completions":
        expect(config.schema).type.toBe<{ readonly [x: string]: unknown }>()
        break
      default:
        expect(config).type.not.toHaveProperty("schema")
        expect(config.type).type.toBeAssignableTo<string>()
    }
  })

  test("WebhookEvent", () => {
    switch (event.type) {
      case "eval.run.succeeded":
      case "eval.run.failed":
      case "eval.run.canceled":
        expect(event.data.id).type.toBe<Run.Run["id"]>()
        break
      default:
        expect(event).type.not.toHaveProperty("data")
        expect(event.type).type.toBeAssignableTo<string>()
    }
  })
})

test("a comparison with one literal narrows too, and a misspelt literal is an error", () => {
  if (grader.type === "string_check") expect(grader.operation).type.toBeAssignableTo<string>()
  expect<"string_chek">().type.not.toBeAssignableTo<Grader.Grader["type"]>()
})

test("statuses suggest the known ones and take any", () => {
  expect<"completed">().type.toBeAssignableTo<Run.RunStatus>()
  expect<string>().type.toBeAssignableTo<Run.RunStatus>()
  expect<string>().type.toBeAssignableTo<OutputItem.OutputItemStatus>()
  expect<number>().type.not.toBeAssignableTo<Run.RunStatus>()
})

test("what the host may leave out or send as null has to be looked at first", () => {
  expect<Run.Run["error"]>().type.toBe<{ readonly code?: string | null; readonly message: string } | null | undefined>()
  expect<OutputItem.OutputItem["sample"]>().type.toBe<OutputItem.Sample | null>()
  expect<OutputItem.Result["score"]>().type.toBe<number | null>()
})

test("a misspelt field of what is read is an error", () => {
  expect<Run.Run>().type.not.toHaveProperty("evalId")
  expect<Run.Run>().type.toHaveProperty("eval_id")
  expect<Eval.Eval>().type.not.toHaveProperty("testingCriteria")
})

import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Answer from "../../../src/engine/models/Answer.ts"
import type { Request } from "../../../src/engine/models/Models.ts"
import { failedText, sampleText } from "../../../src/engine/models/samples.ts"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import { Sample } from "../../../src/engine/rows/Sample.ts"
import { completion, response } from "../../lib/modelServer.ts"

const read = (api: "chat" | "responses", value: unknown): Answer.Answer =>
  Result.getOrThrow(Answer.read(api, typeof value === "string" ? value : JSON.stringify(value), "gpt-4.1"))

const sampleOf = (text: string): Sample => new Sample(JsonText.parse(text))

const wireOf = (text: string): unknown => JSON.parse(sampleOf(text).wire)

const chat: Request = {
  dialect: "chat",
  body: {
    model: "gpt-4.1",
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What?" },
          { type: "image_url", image_url: { url: "https://host/a.png" } }
        ]
      }
    ],
    temperature: 0.2,
    seed: 42,
    max_completion_tokens: 2048,
    tools: [{ type: "function", function: { name: "weather" } }]
  }
}

const asked: Request = {
  dialect: "responses",
  body: {
    model: "o3",
    input: [{ role: "user", content: [{ type: "input_text", text: "What?" }] }],
    seed: 7,
    max_output_tokens: 99,
    tools: [{ type: "function", name: "weather", strict: true }, { type: "web_search" }]
  }
}

describe("the sample of a row", () => {
  it("whose answer tells no tokens counts as one request of its model", () => {
    for (const usage of [undefined, null]) {
      assert.deepStrictEqual(sampleOf(sampleText(chat, read("chat", completion("A cat.", { usage })))).usage, {
        model_name: "gpt-4.1-2025-04-14",
        invocation_count: 1,
        prompt_tokens: 0,
        completion_tokens: 0,
        total_tokens: 0,
        cached_tokens: 0
      })
    }
  })

  it("by chat completions is what an output item shows", () => {
    assert.deepStrictEqual(wireOf(sampleText(chat, read("chat", completion("A cat.")))), {
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "What? <image>https://host/a.png</image>" }
      ],
      output: [{ role: "assistant", content: "A cat." }],
      finish_reason: "stop",
      model: "gpt-4.1-2025-04-14",
      usage: { total_tokens: 18, completion_tokens: 7, prompt_tokens: 11, cached_tokens: 4 },
      error: null,
      temperature: 0.2,
      max_completion_tokens: 2048,
      top_p: 1,
      seed: 42
    })
  })

  it("by responses has the same fields", () => {
    const body = response("A cat.", { temperature: 0.7, top_p: 0.5, max_output_tokens: 99 })
    assert.deepStrictEqual(wireOf(sampleText(asked, read("responses", body))), {
      input: [{ role: "user", content: "What?" }],
      output: [{ role: "assistant", content: "A cat." }],
      finish_reason: "stop",
      model: "gpt-4.1-2025-04-14",
      usage: { total_tokens: 18, completion_tokens: 7, prompt_tokens: 11, cached_tokens: 4 },
      error: null,
      temperature: 0.7,
      max_completion_tokens: 99,
      top_p: 0.5,
      seed: 7
    })
  })

  it("has for templates what both APIs tell, alike", () => {
    const output = [
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: '{"a":1.50}' }] },
      { type: "function_call", call_id: "call_1", name: "weather", arguments: "{}" }
    ]
    const message = {
      role: "assistant",
      content: '{"a":1.50}',
      reasoning: "Hm.",
      tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }]
    }
    const samples = [
      sampleOf(sampleText(asked, read("responses", { ...response(""), output }))),
      sampleOf(sampleText(chat, read("chat", { choices: [{ index: 0, message, finish_reason: "tool_calls" }] })))
    ]
    for (const sample of samples) {
      assert.strictEqual(sample.render(["output_text"]), '{"a":1.50}')
      assert.strictEqual(sample.render(["output_json", "a"]), "1.50")
      assert.strictEqual(sample.render(["output_tools", 0, "function", "name"]), "weather")
      assert.strictEqual(sample.render(["output_reasoning_summary"]), "Hm.")
      assert.strictEqual(sample.render(["input_tools", 0, "function", "name"]), "weather")
      assert.strictEqual(sample.render(["choices", 0, "finish_reason"]), "tool_calls")
      assert.strictEqual(sample.render(["choices", 0, "message", "content"]), '{"a":1.50}')
    }
    assert.strictEqual(samples[0]?.render(["input_tools", 1, "type"]), "web_search")
  })

  it("of an answer without text has an empty one", () => {
    const sample = sampleOf(sampleText(chat, read("chat", completion(null))))
    assert.strictEqual(sample.render(["output_text"]), "")
    assert.strictEqual(sample.render(["output_json"]), undefined)
  })

  it("keeps all fields of the answer, and their digits", () => {
    const text = '{"choices":[{"message":{"content":"a"},"logprobs":{"x":-0.10}}],"odd":1e22}'
    const sample = sampleOf(sampleText(chat, read("chat", text)))
    assert.strictEqual(sample.render(["choices", 0, "logprobs", "x"]), "-0.10")
    assert.strictEqual(sample.render(["odd"]), "1e22")
  })

  it("of a row that could not be sampled is an empty answer with the error", () => {
    const error = { code: "invalid_image_url", message: "Timeout.", type: "invalid_request_error" }
    const sample = sampleOf(failedText(error))
    assert.isTrue(sample.failed)
    assert.deepInclude(wireOf(failedText(error)), {
      input: [],
      output: [{ role: "assistant", content: "" }],
      finish_reason: "",
      model: "",
      error: { code: "invalid_image_url", message: "Timeout.", type: "invalid_request_error" }
    })
    assert.strictEqual(sample.usage, undefined)
  })
})

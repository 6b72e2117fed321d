import { assert, describe, it } from "@effect/vitest"
import { judged, sampled } from "../../../../src/engine/models/requests/sampled.ts"

const image = { type: "input_image", image_url: "https://host/a.png", detail: "low" }
const audio = { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }
const file = { type: "input_file", file_data: "data:application/pdf;base64,JVBERi0=", filename: "a.pdf" }
const tool = { type: "function", name: "weather", parameters: { type: "object" }, strict: true }

describe("the request of a row", () => {
  it("of completions has the names of chat completions, and only what the run names", () => {
    const params = {
      temperature: 0,
      top_p: 0.9,
      seed: 42,
      max_completions_tokens: 100,
      reasoning_effort: "low",
      response_format: { type: "json_object" },
      tools: [{ type: "function", function: { name: "weather" } }]
    }
    const { problems, request } = sampled({ type: "completions", model: "gpt-4.1", sampling_params: params }, [
      { role: "system", content: "Be brief." },
      { type: "message", role: "user", content: { type: "input_text", text: "Hi" } },
      { role: "user", content: ["And", { type: "input_text", text: "this" }, image, audio, file] },
      { role: "assistant", content: [{ type: "output_text", text: "Hello" }] }
    ])
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(request, {
      dialect: "chat",
      body: {
        model: "gpt-4.1",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "text", text: "Hi" }] },
          {
            role: "user",
            content: [
              { type: "text", text: "And" },
              { type: "text", text: "this" },
              { type: "image_url", image_url: { url: "https://host/a.png", detail: "low" } },
              audio,
              { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }
            ]
          },
          { role: "assistant", content: [{ type: "text", text: "Hello" }] }
        ],
        temperature: 0,
        top_p: 0.9,
        seed: 42,
        tools: [{ type: "function", function: { name: "weather" } }],
        max_completion_tokens: 100,
        reasoning_effort: "low",
        response_format: { type: "json_object" }
      }
    })
  })

  it("of responses has the names of the responses API", () => {
    const params = {
      temperature: 0.5,
      seed: 1,
      max_completion_tokens: 10,
      max_completions_tokens: 20,
      reasoning_effort: "high",
      text: { format: { type: "json_schema", name: "a", schema: { type: "object" } } },
      tools: [tool, { type: "web_search" }]
    }
    const { problems, request } = sampled({ type: "responses", model: "o3", sampling_params: params }, [
      { role: "user", content: [image, "what is it?"] },
      { role: "assistant", content: ["a cat"] }
    ])
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(request, {
      dialect: "responses",
      body: {
        model: "o3",
        input: [
          { role: "user", content: [image, { type: "input_text", text: "what is it?" }] },
          { role: "assistant", content: [{ type: "output_text", text: "a cat" }] }
        ],
        temperature: 0.5,
        seed: 1,
        tools: [tool, { type: "web_search" }],
        max_output_tokens: 10,
        reasoning: { effort: "high", summary: "auto" },
        text: { format: { type: "json_schema", name: "a", schema: { type: "object" } } }
      }
    })
  })

  it("of a run without parameters has none, and null stands for left out", () => {
    const messages = [{ role: "user", content: "Hi" }]
    for (const sampling_params of [undefined, null, {}, { temperature: null, tools: null, text: { format: null } }]) {
      assert.deepStrictEqual(sampled({ type: "completions", model: "m", sampling_params }, messages).request.body, {
        model: "m",
        messages
      })
      assert.deepStrictEqual(sampled({ type: "responses", model: "m", sampling_params }, messages).request.body, {
        model: "m",
        input: messages
      })
    }
  })

  it("keeps a conversation with tools that a row holds, in the form of either API", () => {
    const called = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Bonn"}' } }
    const chat = [
      { role: "user", content: "Rain?" },
      { role: "assistant", content: null, tool_calls: [called] },
      { role: "tool", tool_call_id: "call_1", content: "no" }
    ]
    const items = [
      { role: "user", content: "Rain?" },
      { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Bonn"}' },
      { type: "function_call_output", call_id: "call_1", output: "no" }
    ]
    for (const messages of [chat, items]) {
      assert.deepStrictEqual(sampled({ type: "completions", model: "m" }, messages).request.body["messages"], chat)
      assert.deepStrictEqual(sampled({ type: "responses", model: "m" }, messages).request.body["input"], items)
    }
  })

  it("names what chat completions cannot hold", () => {
    const { problems } = sampled({ type: "completions", model: "m" }, [
      { role: "user", content: [{ type: "input_image", file_id: "file-1" }, { type: "video" }, 3] },
      { role: "user", content: [{ type: "input_file", file_url: "https://host/a.pdf" }] },
      { role: "assistant", phase: "commentary", content: "…" },
      { type: "reasoning", summary: [] },
      "text"
    ])
    assert.deepStrictEqual(problems, [
      "input_messages[0].content[0].file_id: has no counterpart in chat completions",
      'input_messages[0].content[1]: a part of type "video" has no counterpart in chat completions',
      "input_messages[0].content[2]: is no part of a message: a text or an object with a type",
      "input_messages[1].content[0].file_url: has no counterpart in chat completions",
      "input_messages[2].phase: has no counterpart in chat completions",
      'input_messages[3]: an item of type "reasoning" has no counterpart in chat completions',
      "input_messages[4]: is no message: an object with a role and content"
    ])
  })
})

describe("the request of a judge", () => {
  it("has the grader's parameters, and 4096 tokens where it says none", () => {
    const messages = [{ role: "user", content: [{ type: "input_text", text: "Good?" }] }]
    const sampling_params = { temperature: 0, seed: 3, top_p: null, max_completions_tokens: 50 }
    assert.deepStrictEqual(judged({ model: "m", sampling_params }, messages).request, {
      dialect: "chat",
      body: {
        model: "m",
        messages: [{ role: "user", content: [{ type: "text", text: "Good?" }] }],
        temperature: 0,
        seed: 3,
        max_completion_tokens: 50
      }
    })
    assert.strictEqual(judged({ model: "m" }, messages).request.body["max_completion_tokens"], 4096)
  })
})

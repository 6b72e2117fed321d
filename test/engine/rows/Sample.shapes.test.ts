import { assert, describe, it } from "@effect/vitest"
import { at, of, wire } from "./lib/samples.ts"

// a line of a dashboard download, as it was seen
const line = {
  trajectory: [
    { role: "system", content: [{ type: "input_text", text: "Answer in JSON." }] },
    { role: "user", content: "{{ literal }}" }
  ],
  outputs: [{ role: "assistant", content: '{"label":"yes"}' }],
  finish_reason: "stop",
  sampled_model_name: "gpt-4o-2024-08-06",
  sampled_model_params: {
    temperature: 0.2,
    top_p: 0.9,
    api_specific_params: { max_completions_tokens: 4096, seed: 7 }
  },
  token_usage: { total_tokens: 12, completion_tokens: 4, prompt_tokens: 8, cached_tokens: 2 }
}

describe("a sample of a dashboard download", () => {
  it("is read in templates as the answer that it holds", () => {
    const sample = of(line)
    assert.strictEqual(at(sample, ".output_text"), '{"label":"yes"}')
    assert.strictEqual(at(sample, ".output_json.label"), "yes")
    assert.strictEqual(at(sample, ".model"), "gpt-4o-2024-08-06")
    assert.strictEqual(at(sample, ".choices[0].message.content"), '{"label":"yes"}')
    assert.strictEqual(at(sample, ".choices[0].finish_reason"), "stop")
    assert.strictEqual(at(sample, ".outputs[0].role"), "assistant")
    assert.strictEqual(at(sample, ".token_usage.total_tokens"), "12")
    const calls = [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }]
    assert.strictEqual(
      at(of({ outputs: [{ role: "assistant", content: "", tool_calls: calls }] }), ".output_tools[0].function.name"),
      "f"
    )
  })

  it("is shown in the item with its trajectory as the input, its usage and its settings", () => {
    assert.deepStrictEqual(wire(of(line)), {
      input: [
        { role: "system", content: "Answer in JSON." },
        { role: "user", content: "{{ literal }}" }
      ],
      output: [{ role: "assistant", content: '{"label":"yes"}' }],
      finish_reason: "stop",
      model: "gpt-4o-2024-08-06",
      usage: { total_tokens: 12, completion_tokens: 4, prompt_tokens: 8, cached_tokens: 2 },
      error: null,
      temperature: 0.2,
      max_completion_tokens: 4096,
      top_p: 0.9,
      seed: 7
    })
  })

  it("says with its error that sampling failed", () => {
    const failed = of({
      trajectory: [],
      outputs: [{ role: "assistant", content: "" }],
      finish_reason: "",
      sampled_model_name: "",
      error: { message: "Timeout while downloading x.", code: "invalid_image_url", type: "invalid_request_error" }
    })
    assert.isTrue(failed.failed)
    assert.deepStrictEqual(wire(failed)["error"], {
      message: "Timeout while downloading x.",
      code: "invalid_image_url",
      type: "invalid_request_error"
    })
  })
})

describe("the messages that were sent", () => {
  const completion = { choices: [{ message: { role: "assistant", content: "x" } }] }
  const sent = [
    { role: "system", content: "a" },
    { role: "user", content: [{ type: "text", text: "b" }] }
  ]
  const shown = [
    { role: "system", content: "a" },
    { role: "user", content: "b" }
  ]

  it("are read from input or messages beside a chat completion", () => {
    assert.deepStrictEqual(wire(of({ ...completion, input: sent }))["input"], shown)
    assert.deepStrictEqual(wire(of({ ...completion, messages: sent }))["input"], shown)
    assert.deepStrictEqual(wire(of({ ...completion, input: "b" }))["input"], [{ role: "user", content: "b" }])
  })

  it("are those of input where there are several, then those of messages", () => {
    const other = [{ role: "user", content: "other" }]
    assert.deepStrictEqual(wire(of({ ...completion, input: sent, messages: other, trajectory: other }))["input"], shown)
    assert.deepStrictEqual(wire(of({ ...completion, input: null, messages: sent, trajectory: other }))["input"], shown)
    assert.deepStrictEqual(wire(of({ ...completion, input: {}, messages: "x" }))["input"], [])
  })

  it("keep the calls and the results of tools", () => {
    const calls = [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }]
    const messages = [
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", content: "4", tool_call_id: "c" }
    ]
    assert.deepStrictEqual(wire(of({ ...completion, messages }))["input"], [
      { role: "assistant", content: "", tool_calls: calls },
      { role: "tool", content: "4" }
    ])
  })
})

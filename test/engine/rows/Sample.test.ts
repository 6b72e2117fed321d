import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { OutputItem } from "effect-evals"
import { ofText } from "../../../src/engine/rows/Sample.ts"
import { flatten } from "../../../src/engine/rows/SampleMessages.ts"
import { at, of, ofJson, wire } from "./lib/samples.ts"

const chat = (message: unknown, more: object = {}) =>
  of({ model: "gpt-4o", choices: [{ index: 0, message, finish_reason: "stop" }], ...more })

describe("sample in templates", () => {
  it("is a chat completion's", () => {
    const calls = [{ id: "c", type: "function", function: { name: "f", arguments: '{"city":"Paris","n":[1, 2]}' } }]
    const sample = chat({ role: "assistant", content: "Hello", tool_calls: calls })
    assert.strictEqual(at(sample, ".output_text"), "Hello")
    assert.strictEqual(at(sample, ".model"), "gpt-4o")
    assert.strictEqual(at(sample, ".choices[0].message.role"), "assistant")
    assert.strictEqual(at(sample, ".choices[0].finish_reason"), "stop")
    assert.strictEqual(at(sample, ".output_tools"), JSON.stringify(calls))
    assert.strictEqual(at(sample, ".output_tools[0].function.name"), "f")
    assert.strictEqual(at(sample, ".output_tools[0].function.arguments.city"), "Paris")
    assert.strictEqual(at(sample, ".output_tools[0].function.arguments.n"), "[1,2]")
    for (const path of [".output_json", ".output_tools[1]", ".output_audio", ".x", "[0]", ".output_text.x"]) {
      assert.isUndefined(at(sample, path), path)
    }
  })

  it("has the text of content in parts, one directly after the other", () => {
    const parts = [{ type: "text", text: "{" }, { type: "refusal" }, "x", { type: "output_text", text: "}" }]
    assert.strictEqual(at(chat({ content: parts }), ".output_text"), "{x}")
    assert.strictEqual(at(chat({ content: "" }), ".output_text"), "")
    for (const content of [null, [], [{ type: "image_url" }], 7, { text: "x" }]) {
      assert.isUndefined(at(chat({ content }), ".output_text"), JSON.stringify(content))
    }
    assert.isUndefined(at(chat({}), ".output_text"))
  })

  it("is what an answer to the Responses API has", () => {
    const sample = of({
      object: "response",
      model: "gpt-5",
      output: [
        { type: "reasoning", summary: [{ type: "summary_text", text: "no" }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: '{"a":' }] },
        { type: "function_call", name: "f", arguments: "{}" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: '"b"}' }] }
      ]
    })
    assert.strictEqual(at(sample, ".output_text"), '{"a":"b"}')
    assert.strictEqual(at(sample, ".output_json.a"), "b")
    assert.strictEqual(at(sample, ".output[2].name"), "f")
  })

  it("has the audio of an answer, of a chat completion or a response", () => {
    const audio = { id: "audio_1", expires_at: 1, data: "AAAA", transcript: 'Say "hi".' }
    const spoken = chat({ role: "assistant", content: null, audio })
    assert.strictEqual(at(spoken, ".output_audio.transcript"), 'Say "hi".')
    assert.strictEqual(at(spoken, ".output_audio.data"), "AAAA")
    assert.strictEqual(at(spoken, ".output_audio"), JSON.stringify(audio))
    const part = { type: "output_audio", data: "BBBB", transcript: "second" }
    const response = of({
      output: [
        { type: "message", content: "text" },
        { type: "message", content: [{ type: "output_text", text: "x" }, part] }
      ]
    })
    assert.strictEqual(at(response, ".output_audio.transcript"), "second")
    assert.strictEqual(at(of({ output_audio: null, choices: [{ message: { audio } }] }), ".output_audio"), "null")
    for (const message of [{ content: "x" }, { content: "x", audio: null }, { content: [{ type: "text" }] }]) {
      assert.isUndefined(at(chat(message), ".output_audio"))
    }
    assert.isUndefined(at(spoken, ".output_audio.format"))
  })

  it("has the summary of a response's reasoning, a paragraph for each part", () => {
    const summary = (...texts: ReadonlyArray<string>) => ({
      type: "reasoning",
      summary: texts.map((text) => ({ type: "summary_text", text }))
    })
    const output = [summary("First.", "Then."), { type: "message", content: "x" }, summary(), summary("Last.")]
    assert.strictEqual(at(of({ output }), ".output_reasoning_summary"), "First.\n\nThen.\n\nLast.")
    assert.strictEqual(at(of({ output }), ".output_text"), "x")
    assert.include(at(of({ output }), "") ?? "", '"output_reasoning_summary":"First.\\n\\nThen.\\n\\nLast."')
    for (const sample of [{ output: [summary()] }, { output: [{ type: "reasoning" }, null, "x"] }, {}]) {
      assert.isUndefined(at(of(sample), ".output_reasoning_summary"))
    }
    assert.isUndefined(at(chat({ content: "x" }), ".output_reasoning_summary"))
  })

  it("has the tools that were offered where the sample lists them", () => {
    const tools = [{ type: "function", function: { name: "f" } }]
    assert.strictEqual(at(chat({ content: "x" }, { tools }), ".input_tools"), JSON.stringify(tools))
    assert.strictEqual(at(of({ output: [], tools }), ".input_tools[0].function.name"), "f")
    assert.strictEqual(at(of({ input_tools: [], tools }), ".input_tools"), "[]")
    assert.isUndefined(at(chat({ content: "x" }, { tools: null }), ".input_tools"))
    assert.isUndefined(at(chat({ content: "x" }), ".input_tools"))
  })

  it("is what an exported output item has", () => {
    const calls = [{ function: { name: "g" } }]
    const sample = of({ input: [], output: [{ role: "assistant", content: "x", tool_calls: calls }] })
    assert.strictEqual(at(sample, ".output_text"), "x")
    assert.strictEqual(at(sample, ".output_tools[0].function.name"), "g")
  })

  it("has all fields of the row, which outweigh derived ones", () => {
    const sample = of({
      output_text: "own",
      output_tools: null,
      output_json: { a: 1 },
      my_field: { deep: [true] },
      choices: [{ message: { content: "other", tool_calls: [] } }]
    })
    assert.strictEqual(at(sample, ".output_text"), "own")
    assert.strictEqual(at(sample, ".output_tools"), "null")
    assert.strictEqual(at(sample, ".output_json.a"), "1")
    assert.strictEqual(at(sample, ".my_field.deep[0]"), "true")
    assert.strictEqual(at(of({ output_text: "Hardware" }), ".output_text"), "Hardware")
    assert.isUndefined(at(of({ output_text: null, choices: [{ message: { content: "{}" } }] }), ".output_json"))
  })

  // the table of recorded runs: what a text is, and whether `output_json` is there
  it("has output_json for a text that begins and ends with braces and is JSON, and for no other", () => {
    for (const [text, value] of [
      ['{"k":"v"}', "v"],
      ['{ "k" : "v" }', "v"],
      ['{"k":"v"', undefined],
      ["I cannot help with that.", undefined],
      ['```json\n{"k":"v"}\n```', undefined],
      ['"\n{\\"k\\":\\"v\\"}\n"', undefined],
      ['\n{"k":"v"}\n', undefined],
      [' {"k":"v"}', undefined],
      ['{"k":"v"} ', undefined],
      ['[{"k":"v"}]', undefined],
      ['"{}"', undefined],
      ["{'k':'v'}", undefined],
      ['{"k":"v"}{}', undefined],
      ["}", undefined],
      ["", undefined]
    ] as const) {
      assert.strictEqual(at(chat({ content: text }), ".output_json.k"), value, text)
      assert.strictEqual(at(of({ output_text: text }), ".output_json.k"), value, text)
      assert.strictEqual(at(ofText(text), ".output_json.k"), value, text)
      assert.strictEqual(at(chat({ content: text }), ".output_json") === undefined, value === undefined, text)
    }
    assert.strictEqual(at(chat({ content: '{"b":[1, 2],"a":{}}' }), ".output_json"), '{"b":[1,2],"a":{}}')
    assert.strictEqual(at(chat({ content: '{"n":12345678901234567890}' }), ".output_json.n"), "12345678901234567890")
    assert.isUndefined(at(chat({ content: `{"a":${"[".repeat(300)}${"]".repeat(300)}}` }), ".output_json"))
  })

  it("derives choices where a sample has none", () => {
    const choices = '[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":""}]'
    assert.strictEqual(at(of({ output_text: "x" }), ".choices"), choices)
    assert.strictEqual(at(ofText("x"), ".choices[0].message.content"), "x")
    assert.isUndefined(at(of({ my_field: 1 }), ".choices"))
  })

  it("renders as a whole with all own and derived fields", () => {
    assert.strictEqual(
      at(of({ output_text: '{"a":1}', mine: 2 }), ""),
      '{"output_text":"{\\"a\\":1}","mine":2,"output_json":{"a":1},' +
        '"choices":[{"index":0,"message":{"role":"assistant","content":"{\\"a\\":1}"},"finish_reason":""}]}'
    )
    assert.strictEqual(at(of({}), ""), "{}")
    assert.strictEqual(
      at(of({ choices: [{ message: { content: "x" } }] }), ""),
      '{"choices":[{"message":{"content":"x"}}],"output_text":"x"}'
    )
    assert.isUndefined(at(of(null), ""))
  })

  it("takes own fields only", () => {
    for (const path of [".__proto__", ".constructor", ".toString", ".output_text.length"]) {
      assert.isUndefined(at(of({ output_text: "x" }), path), path)
      assert.isUndefined(at(of(null), path), path)
    }
  })

  it("accepts choices and outputs of any form", () => {
    for (const sample of [
      { choices: [] },
      { choices: [null] },
      { choices: {} },
      { choices: [{ message: [] }] },
      { choices: "x", output: "y" },
      { output: [null, 1, "x", []] },
      { output: {} }
    ]) {
      assert.isUndefined(at(of(sample), ".output_text"))
      assert.deepStrictEqual(wire(of(sample))["output"], [])
    }
  })
})

describe("sample of an output item", () => {
  it("has what the specification requires, known or not", () => {
    const empty =
      '{"input":[],"output":[],"finish_reason":"","model":"",' +
      '"usage":{"total_tokens":0,"completion_tokens":0,"prompt_tokens":0,"cached_tokens":0},' +
      '"error":null,"temperature":1,"top_p":1,"seed":null}'
    assert.strictEqual(of(null).wire, empty)
    assert.strictEqual(of({}).wire, empty)
    assert.strictEqual(of({ my_field: 1 }).wire, empty)
  })

  it("is what a chat completion says", () => {
    const sample = chat(
      { role: "assistant", content: 'He said "hi"' },
      {
        usage: {
          prompt_tokens: 81,
          completion_tokens: 2,
          total_tokens: 83,
          prompt_tokens_details: { cached_tokens: 5 }
        },
        temperature: 0.25,
        top_p: 0.5,
        seed: 42,
        max_completion_tokens: 2048
      }
    )
    assert.strictEqual(
      sample.wire,
      '{"input":[],"output":[{"role":"assistant","content":"He said \\"hi\\""}],"finish_reason":"stop","model":"gpt-4o",' +
        '"usage":{"total_tokens":83,"completion_tokens":2,"prompt_tokens":81,"cached_tokens":5},' +
        '"error":null,"temperature":0.25,"max_completion_tokens":2048,"top_p":0.5,"seed":42}'
    )
  })

  it("is what a response or an exported item says", () => {
    const response = wire(
      of({
        output: [
          {
            type: "message",
            content: [
              { type: "output_text", text: "a" },
              { type: "refusal", refusal: "b" }
            ]
          }
        ],
        usage: { input_tokens: 7, output_tokens: 3, input_tokens_details: { cached_tokens: 1 } }
      })
    )
    assert.deepStrictEqual(response["output"], [{ role: "assistant", content: "a b" }])
    assert.deepStrictEqual(response["usage"], {
      total_tokens: 10,
      completion_tokens: 3,
      prompt_tokens: 7,
      cached_tokens: 1
    })
    const exported = {
      input: [{ role: "system", content: "Be brief." }],
      output: [{ role: "assistant", content: "x" }],
      finish_reason: "length",
      model: "m",
      usage: { total_tokens: 4, completion_tokens: 3, prompt_tokens: 1, cached_tokens: 2 },
      error: null,
      temperature: 0,
      top_p: 0.1,
      seed: -1
    }
    assert.deepStrictEqual(wire(of(exported)), exported)
    assert.strictEqual(wire(of({ ...exported, max_completions_tokens: 9 }))["max_completion_tokens"], 9)
  })

  it("carries the error of a sample that could not be taken, with a code and a message", () => {
    const error = { message: "Timeout while downloading http://x/y.png.", code: "invalid_image_url", type: "invalid" }
    for (const [given, shown] of [
      [error, error],
      [
        { message: "busy", code: null, param: null },
        { message: "busy", code: "", param: null }
      ],
      [
        { code: 429, message: {} },
        { code: "429", message: "" }
      ]
    ] as const) {
      assert.deepStrictEqual(wire(of({ error: given }))["error"], shown)
      assert.isTrue(of({ error: given }).failed)
    }
    for (const none of [null, false, {}, [], "no object", { code: "", message: "" }, { other: "x" }]) {
      assert.isNull(wire(of({ error: none }))["error"])
      assert.isFalse(of({ error: none }).failed)
    }
    assert.isFalse(of(null).failed)
  })

  it("has the messages that were sent, as texts", () => {
    const input = [
      { role: "developer", content: "a" },
      {
        content: [
          { type: "input_text", text: "b" },
          { type: "input_image", image_url: "http://x/y.png" }
        ]
      },
      { type: "function_call_output", output: "no message" },
      { role: "tool", content: null },
      "no message"
    ]
    assert.deepStrictEqual(wire(of({ input }))["input"], [
      { role: "developer", content: "a" },
      { role: "user", content: "b <image>http://x/y.png</image>" },
      { role: "tool", content: "" }
    ])
    assert.deepStrictEqual(wire(of({ input: "text" }))["input"], [{ role: "user", content: "text" }])
  })

  it("keeps the calls of tools, digits included", () => {
    const calls = '[{"function":{"name":"f"},"id":12345678901234567890}]'
    const message = `{"content":null,"tool_calls":${calls}}`
    const output = `"output":[{"role":"assistant","content":"","tool_calls":${calls}}]`
    assert.include(ofJson(`{"choices":[{"message":${message}}]}`).wire, output)
    assert.include(ofJson(`{"output":[null,${message}]}`).wire, output)
    assert.notInclude(ofJson('{"output":[{"tool_calls":null}]}').wire, "tool_calls")
  })

  it("writes 0, the defaults or null in place of invalid numbers", () => {
    const bad = { prompt_tokens: -1, completion_tokens: 1.5, total_tokens: "9", cached_tokens: 1e30 }
    assert.deepStrictEqual(
      wire(of({ usage: bad, temperature: "0", top_p: null, seed: 1.5, model: 3, finish_reason: 4 })),
      wire(of({}))
    )
    assert.deepStrictEqual(wire(of({ usage: [] })), wire(of({})))
    assert.strictEqual(wire(ofJson('{"temperature":1e999}'))["temperature"], 1)
  })

  it("flattens content to one text, as the host does", () => {
    assert.strictEqual(flatten("x"), "x")
    assert.strictEqual(flatten(null), "")
    assert.strictEqual(flatten(undefined), "")
    assert.strictEqual(flatten([]), "")
    assert.strictEqual(flatten({ type: "input_text", text: "one" }), "one")
    assert.strictEqual(
      flatten([
        "a",
        { type: "text", text: "b" },
        { type: "image_url", image_url: { url: "http://i/1" } },
        { type: "input_image", image_url: "http://i/2" },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
        { type: "refusal", refusal: "no" },
        {},
        7
      ]),
      "a b <image>http://i/1</image> <image>http://i/2</image> <input_audio> no <object> 7"
    )
  })

  it.prop(
    "is what the client reads, whatever a row has as its sample",
    {
      sample: Schema.Record(
        Schema.Literals([
          "choices",
          "output",
          "input",
          "usage",
          "model",
          "seed",
          "temperature",
          "output_text",
          "error"
        ]),
        Schema.Json
      ),
      message: Schema.Json
    },
    ({ message, sample }) => {
      for (const row of [sample, { ...sample, choices: [{ message }] }, { output: [message, { content: message }] }]) {
        assert.isTrue(Schema.is(OutputItem.Sample)(wire(of(row))))
      }
    },
    { arbitrary: { runs: 300 } }
  )
})

import { assert, describe, it } from "@effect/vitest"
import { at, of, ofJson, wire } from "./lib/samples.ts"

const call = { type: "function_call", id: "fc_1", call_id: "c1", name: "f", arguments: '{"city":"Rome"}', status: "x" }
const asTool = { id: "c1", type: "function", function: { name: "f", arguments: '{"city":"Rome"}' } }
const message = (text: string) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] })

describe("calls of a response", () => {
  it("are tool calls of a chat completion in output_tools, also where there is nothing else", () => {
    const sample = of({ output: [{ type: "function_call", call_id: "c1", name: "f", arguments: "{}" }] })
    const tool = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } }
    assert.strictEqual(at(sample, ".output_tools"), JSON.stringify([tool]))
    assert.strictEqual(at(sample, ".output_tools[0].function.name"), "f")
    assert.isUndefined(at(sample, ".output_tools[1]"))
    assert.isUndefined(at(sample, ".output_text"))
    assert.deepStrictEqual(wire(sample)["output"], [{ role: "assistant", content: "", tool_calls: [tool] }])
  })

  it("keep their order among messages and reasoning", () => {
    const second = { ...call, call_id: "c2", name: "g" }
    const output = [{ type: "reasoning", summary: [] }, call, message("a"), { type: "reasoning" }, second, message("b")]
    const sample = of({ output })
    assert.strictEqual(at(sample, ".output_tools[0].id"), "c1")
    assert.strictEqual(at(sample, ".output_tools[1].function.name"), "g")
    assert.strictEqual(at(sample, ".output_tools[0].function.arguments.city"), "Rome")
    assert.strictEqual(at(sample, ".output_text"), "ab")
    assert.deepStrictEqual(wire(sample)["output"], [
      { role: "assistant", content: "", tool_calls: [asTool] },
      { role: "assistant", content: "a" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ ...asTool, id: "c2", function: { ...asTool.function, name: "g" } }]
      },
      { role: "assistant", content: "b" }
    ])
  })

  it("that follow each other are one message of the item, reasoning between them included", () => {
    const sample = of({ output: [call, { type: "reasoning" }, { ...call, call_id: "c2" }] })
    assert.deepStrictEqual(wire(sample)["output"], [
      { role: "assistant", content: "", tool_calls: [asTool, { ...asTool, id: "c2" }] }
    ])
  })

  it("of another kind than functions have their type, their name or a name from it, and the rest as arguments", () => {
    const others = [
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "x" } },
      { type: "file_search_call", id: "fs_1", queries: ["a"], results: null },
      { type: "code_interpreter_call", id: "ci_1", code: "1+1", container_id: "k" },
      { type: "custom_tool_call", id: "ct_1", call_id: "call_1", name: "sql", input: "select 1" },
      { type: "mcp_call", id: "mcp_1", name: "read", server_label: "docs", arguments: '{"path":"/x"}', output: "y" },
      { type: "image_generation_call", id: "ig_1", result: null },
      { type: "tomorrows_call", id: "t_1" }
    ]
    const sample = of({ output: others })
    const tool = (id: string, type: string, name: string, rest: unknown) => ({
      id,
      type,
      function: { name, arguments: JSON.stringify(rest) }
    })
    const expected = [
      tool("ws_1", "web_search_call", "web_search", { status: "completed", action: { type: "search", query: "x" } }),
      tool("fs_1", "file_search_call", "file_search", { queries: ["a"], results: null }),
      tool("ci_1", "code_interpreter_call", "code_interpreter", { code: "1+1", container_id: "k" }),
      tool("call_1", "custom_tool_call", "sql", { input: "select 1" }),
      tool("mcp_1", "mcp_call", "read", { server_label: "docs", arguments: '{"path":"/x"}', output: "y" }),
      tool("ig_1", "image_generation_call", "image_generation", { result: null }),
      tool("t_1", "tomorrows_call", "tomorrows", {})
    ]
    assert.deepStrictEqual(JSON.parse(at(sample, ".output_tools") ?? ""), expected)
    assert.deepStrictEqual(wire(sample)["output"], [{ role: "assistant", content: "", tool_calls: expected }])
    assert.strictEqual(at(sample, ".output_tools[0].function.arguments.action.query"), "x")
    assert.strictEqual(at(sample, ".output_tools[4].function.arguments.arguments.path"), "/x")
  })

  it("keep digits, and take fields that are missing or no text", () => {
    const digits = ofJson('{"output":[{"type":"x_call","id":"a","n":12345678901234567890}]}')
    assert.strictEqual(at(digits, ".output_tools[0].function.arguments"), '{"n":12345678901234567890}')
    assert.strictEqual(at(digits, ".output_tools[0].function.arguments.n"), "12345678901234567890")
    const bare = of({ output: [{ type: "function_call" }, { type: "function_call", arguments: { a: 1 }, call_id: 7 }] })
    assert.deepStrictEqual(JSON.parse(at(bare, ".output_tools") ?? ""), [
      { id: "", type: "function", function: { name: "", arguments: "{}" } },
      { id: "", type: "function", function: { name: "", arguments: '{"a":1}' } }
    ])
  })

  it("of several messages are all there", () => {
    const tools = (name: string) => [{ function: { name } }]
    const sample = of({
      output: [
        { role: "assistant", content: "x", tool_calls: tools("a") },
        { role: "assistant", content: "", tool_calls: [] },
        { role: "assistant", content: "", tool_calls: tools("b") }
      ]
    })
    assert.strictEqual(at(sample, ".output_tools"), JSON.stringify([...tools("a"), ...tools("b")]))
    assert.strictEqual(at(of({ output: [{ content: "x", tool_calls: [] }] }), ".output_tools"), "[]")
  })

  it("are in the single derived choice", () => {
    const sample = of({ output: [call, message("a"), message("b")] })
    assert.strictEqual(
      at(sample, ".choices"),
      JSON.stringify([
        {
          index: 0,
          message: { role: "assistant", content: "ab", tool_calls: [asTool] },
          finish_reason: ""
        }
      ])
    )
    assert.strictEqual(at(of({ output: [call] }), ".choices[0].message.content"), "null")
    assert.include(at(sample, "") ?? "", `"output_tools":${JSON.stringify([asTool])}`)
  })

  it("are no calls where their type does not say so", () => {
    const output = [
      { type: "mcp_list_tools" },
      { type: "function_call_output", output: "x" },
      { type: 3 },
      { type: "_calls" }
    ]
    assert.isUndefined(at(of({ output }), ".output_tools"))
    assert.deepStrictEqual(wire(of({ output }))["output"], [])
  })
})

describe("refusals", () => {
  it("reach templates as a chat completion's, and the item as its text", () => {
    const response = of({ output: [{ type: "message", content: [{ type: "refusal", refusal: "I cannot." }] }] })
    assert.strictEqual(at(response, ".choices[0].message.refusal"), "I cannot.")
    assert.strictEqual(at(response, ".choices[0].message.content"), "null")
    assert.strictEqual(at(response, ".output[0].content[0].refusal"), "I cannot.")
    assert.isUndefined(at(response, ".output_text"))
    const chat = of({ choices: [{ message: { role: "assistant", content: null, refusal: "I cannot." } }] })
    for (const sample of [response, chat]) {
      assert.deepStrictEqual(wire(sample)["output"], [{ role: "assistant", content: "I cannot." }])
    }
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Answer from "../../../src/engine/models/Answer.ts"
import { completion, response } from "../../lib/modelServer.ts"

const read = (api: "chat" | "responses", value: unknown): Answer.Answer =>
  Result.getOrThrow(Answer.read(api, typeof value === "string" ? value : JSON.stringify(value), "gpt-4.1"))

const problem = (api: "chat" | "responses", text: string): string | undefined => {
  const answer = Answer.read(api, text, "gpt-4.1")
  return Result.isFailure(answer) ? answer.failure : undefined
}

const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Bonn"}' } }
const usage = { total_tokens: 18, completion_tokens: 7, prompt_tokens: 11, cached_tokens: 4 }

describe("a chat completion", () => {
  it("is read", () => {
    const answer = read("chat", completion("yes"))
    assert.strictEqual(answer.output_text, "yes")
    assert.strictEqual(answer.model, "gpt-4.1-2025-04-14")
    assert.strictEqual(answer.finish_reason, "stop")
    assert.deepStrictEqual(answer.usage, usage)
    assert.strictEqual(answer.refusal, undefined)
    assert.deepStrictEqual(Answer.usageOf(answer), { model_name: "gpt-4.1-2025-04-14", invocation_count: 1, ...usage })
  })

  it("that only calls a tool has an empty text", () => {
    const message = { role: "assistant", content: null, tool_calls: [call] }
    const answer = read("chat", { choices: [{ message, finish_reason: "tool_calls" }] })
    assert.strictEqual(answer.output_text, "")
    assert.strictEqual(answer.finish_reason, "tool_calls")
    assert.strictEqual(answer.sample.render(["output_tools", 0, "function", "arguments", "city"]), "Bonn")
  })

  it("without usage, model and finish reason says none", () => {
    const answer = read("chat", { choices: [{ message: { content: "a" } }, { message: { content: "b" } }] })
    assert.strictEqual(answer.model, "gpt-4.1")
    assert.strictEqual(answer.finish_reason, undefined)
    assert.strictEqual(answer.output_text, "a")
    assert.deepStrictEqual(Object.values(answer.usage), [undefined, undefined, undefined, undefined])
    assert.strictEqual(Answer.totalOf(answer.usage), undefined)
    assert.strictEqual(Answer.totalOf({ ...answer.usage, prompt_tokens: 3 }), 3)
  })

  it("has content in parts, a refusal, and the reasoning that some servers send", () => {
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" }
    ]
    assert.strictEqual(read("chat", { choices: [{ message: { content: parts } }] }).output_text, "ab")
    const refused = read("chat", { choices: [{ message: { content: null, refusal: "No.", reasoning: "Hm." } }] })
    assert.strictEqual(refused.refusal, "No.")
    assert.strictEqual(refused.output_reasoning_summary, "Hm.")
  })
})

describe("a response", () => {
  it("is read", () => {
    const answer = read("responses", response("yes"))
    assert.strictEqual(answer.output_text, "yes")
    assert.strictEqual(answer.model, "gpt-4.1-2025-04-14")
    assert.strictEqual(answer.finish_reason, "stop")
    assert.deepStrictEqual(answer.usage, usage)
  })

  it("has tool calls as chat completions have them, and a summary of the reasoning", () => {
    const summary = [
      { type: "summary_text", text: "One." },
      { type: "summary_text", text: "Two." }
    ]
    const answer = read("responses", {
      output: [
        { type: "reasoning", summary },
        { type: "function_call", id: "fc_1", call_id: "call_1", name: "weather", arguments: '{"city":"Bonn"}' }
      ]
    })
    assert.strictEqual(answer.finish_reason, "tool_calls")
    assert.strictEqual(answer.output_text, "")
    assert.strictEqual(answer.output_reasoning_summary, "One.\n\nTwo.")
    assert.deepStrictEqual(JSON.parse(answer.sample.render(["output_tools"]) ?? ""), [call])
  })

  it("that is incomplete says why, in the words of chat completions", () => {
    const ended = (reason: unknown) =>
      read("responses", response("x", { status: "incomplete", incomplete_details: { reason } })).finish_reason
    assert.strictEqual(ended("max_output_tokens"), "length")
    assert.strictEqual(ended("content_filter"), "content_filter")
    assert.strictEqual(ended("other"), "other")
  })

  it("that refuses has the refusal", () => {
    const content = [{ type: "refusal", refusal: "No." }]
    assert.strictEqual(read("responses", { output: [{ type: "message", content }] }).refusal, "No.")
  })
})

describe("an answer that is none", () => {
  const cases: ReadonlyArray<readonly ["chat" | "responses", string, string]> = [
    ["chat", "", "it is empty"],
    ["chat", '{"choices":[{"mess', "it is no JSON"],
    ["chat", "[]", "it is no JSON object"],
    ["chat", "{}", "it has no choices"],
    ["chat", '{"choices":[]}', "its choices are empty"],
    ["chat", '{"choices":[{}]}', "its first choice has no message"],
    ["chat", `{"choices":${"[".repeat(300)}${"]".repeat(300)}}`, "it is nested deeper than 254 levels"],
    ["responses", "{}", "it has no output"],
    ["responses", '{"output":[],"status":"in_progress"}', 'its status is "in_progress"']
  ]
  for (const [api, text, expected] of cases) {
    it(`${api}: ${expected}`, () => {
      assert.strictEqual(problem(api, text), expected)
    })
  }
})

describe("an answer that is kept", () => {
  it("comes back as it was received", () => {
    const answer = read("responses", response("yes\n"))
    const back = Answer.decode(Answer.encode(answer), "x")
    assert.strictEqual(back?.text, answer.text)
    assert.strictEqual(back?.api, "responses")
    assert.strictEqual(Answer.decode("{}", "x"), undefined)
    assert.strictEqual(Answer.decode("chat\n{}", "x"), undefined)
  })
})

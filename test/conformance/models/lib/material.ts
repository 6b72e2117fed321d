/** The row of every run, and what a case of a comparison holds. */
import type OpenAI from "openai"

/** An object of JSON. */
export type Json = { readonly [name: string]: unknown }

/** A request as a user of openai-node writes it, without the model. */
export type Theirs =
  | { readonly chat: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "model"> }
  | { readonly responses: Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "model"> }

/** The schema of an answer. */
export const schema = {
  type: "object",
  properties: { label: { enum: ["Hardware", "Software", null], default: null } },
  required: ["label"],
  additionalProperties: false
}

/** The parameters of a tool. */
export const parameters = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: ["integer", "null"], default: null } },
  required: ["city"],
  additionalProperties: false
}

/** A conversation as chat completions have it. */
export const history: Array<OpenAI.ChatCompletionMessageParam> = [
  { role: "user", content: "Is it on?" },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "call_1", type: "function", function: { name: "ping", arguments: '{"n":1}' } }]
  },
  { role: "tool", tool_call_id: "call_1", content: "pong" },
  {
    role: "user",
    content: [
      { type: "text", text: "And now?" },
      { type: "image_url", image_url: { url: "https://example.com/b.png", detail: "low" } }
    ]
  }
]

/** A conversation as responses have it. */
export const conversation: OpenAI.Responses.ResponseInput = [
  {
    role: "user",
    content: [
      { type: "input_text", text: "What is in it?" },
      { type: "input_file", file_id: "file-1" }
    ]
  },
  { type: "function_call", call_id: "call_1", name: "ping", arguments: "{}" },
  { type: "function_call_output", call_id: "call_1", output: "pong" }
]

/** The row. */
export const item = {
  ticket: 'The screen "stays" black ☃\n',
  image_url: "https://example.com/a.png?x=1&y=2",
  audio: "UklGRg==",
  number: 1.5,
  history,
  conversation
}

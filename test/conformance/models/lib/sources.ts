/** Data sources, and the requests that openai-node sends for the same things. */
import { conversation, history, item, type Json, parameters, schema, type Theirs } from "./material.ts"

/** A data source over one row. */
export interface SourceCase {
  readonly name: string
  readonly type: "completions" | "responses"
  readonly input_messages: Json
  readonly sampling_params?: Json
  readonly theirs: Theirs
}

const template = (...messages: ReadonlyArray<Json>): Json => ({ type: "template", template: messages })
const reference = (item_reference: string): Json => ({ type: "item_reference", item_reference })

const ticket: Json = { role: "user", content: "{{ item.ticket }}" }
const said = { role: "user", content: item.ticket } as const

const completions: ReadonlyArray<SourceCase> = [
  {
    name: "texts, and nothing else",
    type: "completions",
    input_messages: template({ role: "developer", content: "Sort {{ item.number }}." }, ticket, {
      role: "assistant",
      content: "Hm."
    }),
    theirs: {
      chat: {
        messages: [{ role: "developer", content: "Sort 1.5." }, said, { role: "assistant", content: "Hm." }]
      }
    }
  },
  {
    name: "every parameter",
    type: "completions",
    input_messages: template({ role: "system", content: "Sort." }, ticket),
    sampling_params: {
      temperature: 0.2,
      top_p: 0.9,
      seed: 42,
      reasoning_effort: "low",
      max_completion_tokens: 99,
      response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
      tools: [{ type: "function", function: { name: "get_weather", description: "Weather", parameters, strict: true } }]
    },
    theirs: {
      chat: {
        messages: [{ role: "system", content: "Sort." }, said],
        temperature: 0.2,
        top_p: 0.9,
        seed: 42,
        reasoning_effort: "low",
        max_completion_tokens: 99,
        response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
        tools: [
          { type: "function", function: { name: "get_weather", description: "Weather", parameters, strict: true } }
        ]
      }
    }
  },
  {
    name: "parameters that are null, and the other spelling of the limit",
    type: "completions",
    input_messages: template(ticket),
    sampling_params: {
      temperature: null,
      seed: null,
      top_p: 0,
      max_completions_tokens: 7,
      response_format: { type: "json_object" }
    },
    theirs: {
      chat: { messages: [said], top_p: 0, max_completion_tokens: 7, response_format: { type: "json_object" } }
    }
  },
  {
    name: "parts: text, image, audio, file",
    type: "completions",
    input_messages: template(
      { type: "message", role: "user", content: { type: "input_text", text: "{{ item.ticket }}" } },
      {
        role: "user",
        content: [
          { type: "input_text", text: "Look." },
          { type: "input_image", image_url: "{{ item.image_url }}", detail: "low" },
          { type: "input_audio", input_audio: { data: "{{ item.audio }}", format: "wav" } },
          { type: "input_file", file_id: "file-1" },
          "And?"
        ]
      },
      { role: "assistant", content: { type: "output_text", text: "Hardware" } }
    ),
    theirs: {
      chat: {
        messages: [
          { role: "user", content: [{ type: "text", text: item.ticket }] },
          {
            role: "user",
            content: [
              { type: "text", text: "Look." },
              { type: "image_url", image_url: { url: item.image_url, detail: "low" } },
              { type: "input_audio", input_audio: { data: item.audio, format: "wav" } },
              { type: "file", file: { file_id: "file-1" } },
              { type: "text", text: "And?" }
            ]
          },
          { role: "assistant", content: [{ type: "text", text: "Hardware" }] }
        ]
      }
    }
  },
  {
    name: "the messages of a row, with calls of tools",
    type: "completions",
    input_messages: reference("item.history"),
    theirs: { chat: { messages: history } }
  },
  {
    name: "a text of a row",
    type: "completions",
    input_messages: reference("item.ticket"),
    theirs: { chat: { messages: [said] } }
  }
]

const responses: ReadonlyArray<SourceCase> = [
  {
    name: "texts, and nothing else",
    type: "responses",
    input_messages: template({ role: "developer", content: "Sort." }, ticket),
    theirs: { responses: { input: [{ role: "developer", content: "Sort." }, said], store: false } }
  },
  {
    name: "every parameter; there is no seed",
    type: "responses",
    input_messages: template({ type: "message", role: "user", content: "{{ item.ticket }}" }),
    sampling_params: {
      temperature: 0.2,
      top_p: 0.9,
      seed: 42,
      reasoning_effort: "low",
      max_completions_tokens: 99,
      text: { format: { type: "json_schema", name: "answer", schema, strict: true } },
      tools: [
        { type: "function", name: "get_weather", parameters, strict: true },
        { type: "web_search", search_context_size: "low" },
        { type: "file_search", vector_store_ids: ["vs_1"], max_num_results: 3 }
      ]
    },
    theirs: {
      responses: {
        input: [{ type: "message", role: "user", content: item.ticket }],
        temperature: 0.2,
        top_p: 0.9,
        reasoning: { effort: "low", summary: "auto" },
        max_output_tokens: 99,
        text: { format: { type: "json_schema", name: "answer", schema, strict: true } },
        tools: [
          { type: "function", name: "get_weather", parameters, strict: true },
          { type: "web_search", search_context_size: "low" },
          { type: "file_search", vector_store_ids: ["vs_1"], max_num_results: 3 }
        ],
        store: false
      }
    }
  },
  {
    name: "parameters that are null, and the other spelling of the limit",
    type: "responses",
    input_messages: template(ticket),
    sampling_params: { temperature: null, top_p: 1, max_completion_tokens: 16, reasoning_effort: null, text: null },
    theirs: { responses: { input: [said], top_p: 1, max_output_tokens: 16, store: false } }
  },
  {
    name: "parts: text, image, file",
    type: "responses",
    input_messages: template(
      {
        role: "user",
        content: [
          { type: "input_text", text: "{{ item.ticket }}" },
          { type: "input_image", image_url: "{{ item.image_url }}", detail: "auto" },
          { type: "input_file", file_id: "file-1" }
        ]
      },
      { role: "user", content: { type: "input_text", text: "And?" } }
    ),
    theirs: {
      responses: {
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: item.ticket },
              { type: "input_image", image_url: item.image_url, detail: "auto" },
              { type: "input_file", file_id: "file-1" }
            ]
          },
          { role: "user", content: [{ type: "input_text", text: "And?" }] }
        ],
        store: false
      }
    }
  },
  {
    name: "the items of a row",
    type: "responses",
    input_messages: reference("item.conversation"),
    theirs: { responses: { input: conversation, store: false } }
  },
  {
    name: "the messages of a row in the form of chat completions",
    type: "responses",
    input_messages: reference("item.history"),
    theirs: {
      responses: {
        input: [
          { role: "user", content: "Is it on?" },
          { type: "function_call", call_id: "call_1", name: "ping", arguments: '{"n":1}' },
          { type: "function_call_output", call_id: "call_1", output: "pong" },
          {
            role: "user",
            content: [
              { type: "input_text", text: "And now?" },
              { type: "input_image", image_url: "https://example.com/b.png", detail: "low" }
            ]
          }
        ],
        store: false
      }
    }
  },
  {
    name: "a text of a row",
    type: "responses",
    input_messages: reference("item.ticket"),
    theirs: { responses: { input: [said], store: false } }
  }
]

/** The data sources. */
export const sources: ReadonlyArray<SourceCase> = [...completions, ...responses]

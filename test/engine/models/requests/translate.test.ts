import { assert, describe, it } from "@effect/vitest"
import { finish, structure } from "../../../../src/engine/models/requests/finish.ts"
import { translate } from "../../../../src/engine/models/requests/translate.ts"

const schema = { type: "object", properties: { a: { type: "string" } } }
const shared = { temperature: 0, top_p: 1, seed: 7, service_tier: "flex", prompt_cache_key: "k", store: true }

const chat = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "image_url", image_url: { url: "https://host/a.png", detail: "low" } }] }
  ],
  ...shared,
  max_completion_tokens: 5,
  reasoning_effort: "low",
  response_format: { type: "json_schema", json_schema: { name: "a", schema, strict: true } },
  verbosity: "low",
  tools: [{ type: "function", function: { name: "weather", parameters: schema, strict: true } }],
  tool_choice: { type: "function", function: { name: "weather" } }
}

const responses = {
  model: "m",
  input: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "input_image", image_url: "https://host/a.png", detail: "low" }] }
  ],
  ...shared,
  max_output_tokens: 5,
  reasoning: { effort: "low", summary: "auto" },
  text: { format: { type: "json_schema", name: "a", schema, strict: true }, verbosity: "low" },
  tools: [{ type: "function", name: "weather", parameters: schema, strict: true }],
  tool_choice: { type: "function", name: "weather" }
}

describe("translation between the APIs", () => {
  it("says a chat completion as a response", () => {
    assert.deepStrictEqual(translate("chat", chat), { body: responses, problems: [] })
  })

  it("says a response as a chat completion", () => {
    assert.deepStrictEqual(translate("responses", responses), { body: chat, problems: [] })
  })

  it("takes an input that is a text, instructions, and the old name of the limit", () => {
    assert.deepStrictEqual(translate("responses", { model: "m", input: "Hi", instructions: "Be brief." }).body, {
      model: "m",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" }
      ]
    })
    assert.deepStrictEqual(translate("chat", { model: "m", messages: [], max_tokens: 3 }).body, {
      model: "m",
      input: [],
      max_output_tokens: 3
    })
  })

  it("does not make a function strict unless the chat completion does", () => {
    const { body } = translate("chat", { messages: [], tools: [{ type: "function", function: { name: "f" } }] })
    assert.deepStrictEqual(body["tools"], [{ type: "function", name: "f", strict: false }])
  })

  it("names what has no counterpart", () => {
    assert.deepStrictEqual(
      translate("responses", {
        model: "m",
        input: [{ role: "user", content: [{ type: "input_file", file_url: "https://host/a" }] }],
        previous_response_id: "resp_1",
        reasoning: { effort: "low", summary: "detailed" },
        tools: [{ type: "web_search" }, { type: "function", name: "f", defer_loading: true }],
        include: null
      }).problems,
      [
        "previous_response_id: has no counterpart in chat completions",
        "input[0].content[0].file_url: has no counterpart in chat completions",
        "reasoning.summary: has no counterpart in chat completions",
        'tools[0]: a tool of type "web_search" has no counterpart in chat completions',
        "tools[1].defer_loading: has no counterpart in chat completions"
      ]
    )
    assert.deepStrictEqual(
      translate("chat", {
        model: "m",
        messages: [
          { role: "user", name: "Ann", content: "Hi" },
          { role: "user", content: [{ type: "input_audio", input_audio: { data: "", format: "wav" } }] }
        ],
        stop: ["\n"],
        n: 2,
        logit_bias: null
      }).problems,
      [
        "stop: has no counterpart in the responses API",
        "n: has no counterpart in the responses API",
        "messages[1].content[0]: audio has no counterpart in the responses API",
        "messages[0].name: has no counterpart in the responses API"
      ]
    )
  })
})

describe("the last changes to a body", () => {
  it("leave out the seed of a response, which the API does not have, and ask for nothing to be stored", () => {
    const body = { model: "o3", input: [], seed: 1 }
    assert.deepStrictEqual(finish("responses", body, "o3-mini"), { input: [], model: "o3-mini", store: false })
    assert.deepStrictEqual(finish("responses", { ...body, store: true }, "o3").store, true)
    assert.deepStrictEqual(finish("chat", { model: "a", messages: [], seed: 1 }, "b"), {
      model: "b",
      messages: [],
      seed: 1
    })
  })

  it("rename, drop and set fields, in this order", () => {
    const body = { model: "m", messages: [], max_completion_tokens: 5, seed: 1, temperature: 0 }
    const parameters = {
      rename: { max_completion_tokens: "max_tokens", temperature: "heat" },
      drop: ["seed", "heat"],
      set: { service_tier: "flex", messages_kept: null }
    }
    assert.deepStrictEqual(finish("chat", body, "m", parameters), {
      model: "m",
      messages: [],
      max_tokens: 5,
      service_tier: "flex",
      messages_kept: null
    })
    assert.deepStrictEqual(finish("responses", { model: "m" }, "m", { set: { store: true } }), {
      model: "m",
      store: true
    })
  })
})

describe("a structured answer is asked for", () => {
  const wanted = { name: "verdict", schema }
  const messages = [{ role: "user", content: "Good?" }]

  it("by a format with the schema", () => {
    assert.deepStrictEqual(structure("chat", { messages }, "json_schema", wanted), {
      messages,
      response_format: { type: "json_schema", json_schema: { name: "verdict", schema, strict: true } }
    })
    assert.deepStrictEqual(
      structure("responses", { input: messages, text: { verbosity: "low" } }, "json_schema", wanted),
      {
        input: messages,
        text: { verbosity: "low", format: { type: "json_schema", name: "verdict", schema, strict: true } }
      }
    )
  })

  it("by a plainer format, or none, with the schema at the end of the last message of the user", () => {
    const json = structure("chat", { messages }, "json_object", wanted)
    assert.deepStrictEqual(json["response_format"], { type: "json_object" })
    const prompt = structure("chat", { messages }, "prompt", wanted)
    assert.isFalse("response_format" in prompt)
    const [message] = prompt["messages"] as ReadonlyArray<{ readonly content: string }>
    assert.match(message?.content ?? "", /^Good\?\n\nAnswer with one JSON object .*"properties":/s)
    const parts = [{ role: "user", content: [{ type: "input_image", image_url: "data:," }] }]
    const [, added] =
      (
        structure("responses", { input: parts }, "prompt", wanted)["input"] as ReadonlyArray<{
          readonly content: ReadonlyArray<{ readonly type: string }>
        }>
      )[0]?.content ?? []
    assert.strictEqual(added?.type, "input_text")
    const last = structure("chat", { messages: [{ role: "assistant", content: "Yes." }] }, "prompt", wanted)
    assert.strictEqual((last["messages"] as ReadonlyArray<{ readonly role: string }>)[1]?.role, "user")
  })
})

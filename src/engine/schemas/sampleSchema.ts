/**
 * The JSON Schema of `sample`. The hosted service adds it to an eval that is created with `include_sample_schema`, as
 * seen in July 2026.
 *
 * @internal
 */

const maybe = (type: string) => [type, "null"] as const

const call = {
  type: "object",
  properties: { name: { type: "string" }, arguments: { type: "string" } },
  required: ["name", "arguments"]
} as const

const message = {
  type: "object",
  properties: {
    role: { type: "string", enum: ["assistant"] },
    content: { type: ["string", "array", "null"] },
    refusal: { type: maybe("boolean") },
    tool_calls: {
      type: maybe("array"),
      items: {
        type: "object",
        properties: { type: { type: "string", enum: ["function"] }, function: call, id: { type: "string" } },
        required: ["type", "function", "id"]
      }
    },
    function_call: { ...call, type: maybe("object") }
  },
  required: ["role"]
} as const

/** The JSON Schema of `sample`. */
export const sampleSchema = {
  type: "object",
  properties: {
    model: { type: "string" },
    choices: {
      type: "array",
      items: {
        type: "object",
        properties: { message, finish_reason: { type: "string" } },
        required: ["index", "message", "finish_reason"]
      }
    },
    output_text: { type: "string" },
    output_json: { type: "object" },
    output_tools: { type: "array", items: { type: "object" } },
    output_reasoning_summary: { type: maybe("string") },
    output_audio: { type: maybe("object") },
    input_tools: { type: "array", items: { type: "object" } }
  },
  required: ["model", "choices"]
} as const

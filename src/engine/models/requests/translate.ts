/**
 * Translates the body of a request from one API to the other. What has no
 * counterpart is named, and the translation is not to be sent then.
 *
 * @internal
 */
import { isObject } from "../../rows/JsonText.ts"
import type { JsonObject } from "../../rows/Row.ts"
import { listOf, objectOf } from "../../rows/SampleMessages.ts"
import type { Api } from "../Entry.ts"
import { forms, given, isGiven, type Report, reportOthers } from "./content.ts"
import * as messages from "./messages.ts"

/** A body for an endpoint. */
export interface Translated {
  readonly body: JsonObject
  /** The places of the original that have no counterpart, each with the reason. */
  readonly problems: ReadonlyArray<string>
}

/** Fields with the same name and meaning in both APIs. */
const shared = [
  "temperature",
  "top_p",
  "parallel_tool_calls",
  "metadata",
  "user",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "store",
  "seed"
] as const

const toolFields = ["name", "description", "parameters", "strict"] as const
const toolTaken = new Set<string>(["type", ...toolFields])
const choiceTaken = new Set(["type", "name"])

// =============================================================================
// chat completions to responses
// =============================================================================

const toolToResponses = (tool: unknown, path: string, report: Report): JsonObject => {
  const { function: called, type } = objectOf(tool)
  if (type !== "function" || !isObject(called)) {
    report(path, `a tool of type ${JSON.stringify(type ?? null)} has no counterpart in ${forms.responses}`)
  }
  const fields = objectOf(called)
  reportOthers(fields, toolTaken, `${path}.function`, forms.responses, report)
  // responses take a function without a word for strict, chat completions do not
  return { type: "function", ...given(fields, toolFields), strict: fields["strict"] ?? false }
}

const formatToResponses = (format: JsonObject): JsonObject =>
  format["type"] === "json_schema" ? { type: "json_schema", ...objectOf(format["json_schema"]) } : format

const choiceToResponses = (choice: unknown, report: Report): unknown => {
  if (!isObject(choice)) return choice
  const name = objectOf(choice["function"])["name"]
  if (choice["type"] !== "function") report("tool_choice", `has no counterpart in ${forms.responses}`)
  return { type: "function", name }
}

/** Reports audio, which chat completions take and responses do not. */
const reportAudio = (list: ReadonlyArray<unknown>, report: Report): void => {
  for (const [index, message] of list.entries()) {
    for (const [place, part] of listOf(objectOf(message)["content"]).entries()) {
      if (objectOf(part)["type"] === "input_audio") {
        report(`messages[${index}].content[${place}]`, `audio has no counterpart in ${forms.responses}`)
      }
    }
  }
}

const chatTaken = new Set<string>([
  ...shared,
  "model",
  "messages",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "response_format",
  "verbosity",
  "tools",
  "tool_choice"
])

const chatToResponses = (body: JsonObject, report: Report): JsonObject => {
  for (const name of Object.keys(body)) {
    if (!chatTaken.has(name) && isGiven(body[name])) report(name, `has no counterpart in ${forms.responses}`)
  }
  const { reasoning_effort, response_format, tool_choice, tools, verbosity } = body
  reportAudio(listOf(body["messages"]), report)
  const limit = body["max_completion_tokens"] ?? body["max_tokens"]
  const text = {
    ...(isObject(response_format) ? { format: formatToResponses(response_format) } : {}),
    ...(isGiven(verbosity) ? { verbosity } : {})
  }
  return {
    model: body["model"],
    input: messages.toResponses(listOf(body["messages"]), "messages", report),
    ...given(body, shared),
    ...(isGiven(limit) ? { max_output_tokens: limit } : {}),
    ...(isGiven(reasoning_effort) ? { reasoning: { effort: reasoning_effort, summary: "auto" } } : {}),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    ...(Array.isArray(tools)
      ? { tools: tools.map((tool, index) => toolToResponses(tool, `tools[${index}]`, report)) }
      : {}),
    ...(isGiven(tool_choice) ? { tool_choice: choiceToResponses(tool_choice, report) } : {})
  }
}

// =============================================================================
// responses to chat completions
// =============================================================================

/** Writes a function of a response as chat completions have it; undefined for other tools. */
export const functionToChat = (tool: JsonObject): JsonObject | undefined =>
  tool["type"] === "function" && !isObject(tool["function"])
    ? { type: "function", function: given(tool, toolFields) }
    : undefined

const toolToChat = (tool: unknown, path: string, report: Report): JsonObject => {
  const fields = objectOf(tool)
  const written = functionToChat(fields)
  if (written === undefined) {
    report(path, `a tool of type ${JSON.stringify(fields["type"] ?? null)} has no counterpart in ${forms.chat}`)
    return fields
  }
  reportOthers(fields, toolTaken, path, forms.chat, report)
  return written
}

const formatToChat = (format: JsonObject): JsonObject => {
  const { type, ...schema } = format
  return type === "json_schema" ? { type, json_schema: schema } : format
}

const choiceToChat = (choice: unknown, report: Report): unknown => {
  if (!isObject(choice)) return choice
  if (choice["type"] !== "function") report("tool_choice", `has no counterpart in ${forms.chat}`)
  reportOthers(choice, choiceTaken, "tool_choice", forms.chat, report)
  return { type: "function", function: { name: choice["name"] } }
}

const effortToChat = (reasoning: JsonObject, report: Report): JsonObject => {
  const { effort, summary, ...others } = reasoning
  reportOthers(others, new Set(), "reasoning", forms.chat, report)
  // "auto" only asks for what there is, and a chat completion has none
  if (isGiven(summary) && summary !== "auto") report("reasoning.summary", `has no counterpart in ${forms.chat}`)
  return isGiven(effort) ? { reasoning_effort: effort } : {}
}

const responsesTaken = new Set<string>([
  ...shared,
  "model",
  "input",
  "instructions",
  "max_output_tokens",
  "reasoning",
  "text",
  "tools",
  "tool_choice"
])

const responsesToChat = (body: JsonObject, report: Report): JsonObject => {
  for (const name of Object.keys(body)) {
    if (!responsesTaken.has(name) && isGiven(body[name])) report(name, `has no counterpart in ${forms.chat}`)
  }
  const { input, instructions, max_output_tokens, tool_choice, tools } = body
  const { format, verbosity, ...others } = objectOf(body["text"])
  reportOthers(others, new Set(), "text", forms.chat, report)
  return {
    model: body["model"],
    messages: [
      ...(isGiven(instructions) ? [{ role: "system", content: instructions }] : []),
      ...(typeof input === "string"
        ? [{ role: "user", content: input }]
        : messages.toChat(listOf(input), "input", report))
    ],
    ...given(body, shared),
    ...(isGiven(max_output_tokens) ? { max_completion_tokens: max_output_tokens } : {}),
    ...effortToChat(objectOf(body["reasoning"]), report),
    ...(isObject(format) ? { response_format: formatToChat(format) } : {}),
    ...(isGiven(verbosity) ? { verbosity } : {}),
    ...(Array.isArray(tools) ? { tools: tools.map((tool, index) => toolToChat(tool, `tools[${index}]`, report)) } : {}),
    ...(isGiven(tool_choice) ? { tool_choice: choiceToChat(tool_choice, report) } : {})
  }
}

/** Translates a body of one API to the other. */
export const translate = (from: Api, body: JsonObject): Translated => {
  const problems: Array<string> = []
  const report: Report = (path, message) => problems.push(`${path}: ${message}`)
  return { body: from === "chat" ? chatToResponses(body, report) : responsesToChat(body, report), problems }
}

/**
 * Lists of messages in the form of chat completions (`messages`) and in that of
 * responses (`input`).
 *
 * @internal
 */
import { isObject } from "../../rows/JsonText.ts"
import type { JsonObject } from "../../rows/Row.ts"
import { listOf, objectOf } from "../../rows/SampleMessages.ts"
import * as content from "./content.ts"
import { forms, given, isGiven, type Report, reportOthers } from "./content.ts"

// =============================================================================
// to chat completions
// =============================================================================

/** Fields of a message of a response that its place in a conversation replaces. */
const identity = new Set(["type", "id", "status"])

const messageToChat = (message: JsonObject, path: string, report: Report): JsonObject => {
  if (isGiven(message["phase"])) report(`${path}.phase`, `has no counterpart in ${forms.chat}`)
  const isTyped = isGiven(message["type"])
  const fields = Object.entries(message).flatMap(([name, value]) =>
    name === "phase" || (isTyped && identity.has(name))
      ? []
      : [[name, name === "content" ? content.toChat(value, `${path}.content`, report) : value] as const]
  )
  return Object.fromEntries(fields)
}

const toolCall = ({ arguments: text, call_id, name }: JsonObject): JsonObject => ({
  id: call_id,
  type: "function",
  function: { name, arguments: text }
})

/**
 * Writes messages and items of responses as chat completions have them. A call of
 * a function joins the message of the assistant before it.
 */
export const toChat = (items: ReadonlyArray<unknown>, path: string, report: Report): ReadonlyArray<JsonObject> => {
  const messages: Array<JsonObject> = []
  for (const [index, item] of items.entries()) {
    const at = `${path}[${index}]`
    if (!isObject(item)) {
      report(at, "is no message: an object with a role and content")
      continue
    }
    const { type } = item
    if (!isGiven(type) || type === "message") {
      messages.push(messageToChat(item, at, report))
    } else if (type === "function_call") {
      const last = messages.at(-1)
      const call = toolCall(item)
      if (last?.["role"] === "assistant") {
        messages[messages.length - 1] = { ...last, tool_calls: [...listOf(last["tool_calls"]), call] }
      } else {
        messages.push({ role: "assistant", content: null, tool_calls: [call] })
      }
    } else if (type === "function_call_output") {
      messages.push({
        role: "tool",
        tool_call_id: item["call_id"],
        content: content.toChat(item["output"], `${at}.output`, report)
      })
    } else {
      report(at, `an item of type ${JSON.stringify(type)} has no counterpart in ${forms.chat}`)
    }
  }
  return messages
}

// =============================================================================
// to responses
// =============================================================================

const taken = new Set(["role", "content", "tool_calls", "type", "phase", "id", "status", "refusal"])
const toolTaken = new Set(["role", "content", "tool_call_id"])

const callToItem = (call: unknown, path: string, report: Report): JsonObject => {
  const { function: called, id, type } = objectOf(call)
  if (type !== "function") {
    report(path, `a tool call of type ${JSON.stringify(type ?? null)} has no counterpart in ${forms.responses}`)
  }
  const { arguments: text, name } = objectOf(called)
  return { type: "function_call", call_id: id, name, arguments: text }
}

const messageToItems = (message: JsonObject, path: string, report: Report): ReadonlyArray<JsonObject> => {
  const { refusal, role } = message
  if (role === "tool") {
    reportOthers(message, toolTaken, path, forms.responses, report)
    const output = content.toResponses(message["content"], role, `${path}.content`, report)
    return [{ type: "function_call_output", call_id: message["tool_call_id"], output }]
  }
  reportOthers(message, taken, path, forms.responses, report)
  const calls = listOf(message["tool_calls"])
  const said =
    isGiven(refusal) && !isGiven(message["content"])
      ? [{ type: "refusal", refusal }]
      : content.toResponses(message["content"], role, `${path}.content`, report)
  const isSilent = !isGiven(said) || said === ""
  return [
    // a message that only calls tools has no content
    ...(calls.length > 0 && isSilent
      ? []
      : [{ ...given(message, ["type", "id", "status"]), role, content: said ?? "", ...given(message, ["phase"]) }]),
    ...calls.map((call, index) => callToItem(call, `${path}.tool_calls[${index}]`, report))
  ]
}

/** Writes messages and items of responses as the input of a response. */
export const toResponses = (items: ReadonlyArray<unknown>, path: string, report: Report): ReadonlyArray<JsonObject> =>
  items.flatMap((item, index): ReadonlyArray<JsonObject> => {
    const at = `${path}[${index}]`
    if (!isObject(item)) {
      report(at, "is no message: an object with a role and content")
      return []
    }
    const { type } = item
    return isGiven(type) && type !== "message" ? [item] : messageToItems(item, at, report)
  })

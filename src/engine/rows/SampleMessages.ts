/**
 * The messages of a sample: the answers of the model, and the messages that were sent to it.
 *
 * Four shapes are known: a chat completion (`choices`), a response or the sample of an exported output item (`output`), a
 * line of a dashboard download (`outputs` and `trajectory`), and a text alone (`output_text`).
 *
 * @internal
 */
import type { Key } from "../../schema/template.ts"
import { isObject, type JsonText } from "./JsonText.ts"
import type { JsonObject } from "./Row.ts"

/** A message and its path in the sample. */
export interface Message {
  readonly _tag: "Message"
  readonly message: JsonObject
  readonly path: ReadonlyArray<Key>
}

/** A tool call that is an item of its own, as in a response. */
export interface Call {
  readonly _tag: "Call"
  readonly call: JsonObject
  readonly path: ReadonlyArray<Key>
}

/** A part of a model's answer. */
export type Answer = Message | Call

const nothing: JsonObject = {}

/** Returns the value if it is an object, and an empty object otherwise. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : nothing)

/** Returns the value if it is a list, and an empty list otherwise. */
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Returns the value if it is a string. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

// =============================================================================
// content of messages
// =============================================================================

/** Returns the text of one content part, as an output item shows it. */
const flatPart = (part: unknown): string => {
  if (!isObject(part)) return textOf(part) ?? JSON.stringify(part)
  const { image_url, refusal, text, type } = part
  const image = textOf(image_url) ?? textOf(objectOf(image_url)["url"])
  return image === undefined
    ? (textOf(text) ?? textOf(refusal) ?? `<${textOf(type) ?? "object"}>`)
    : `<image>${image}</image>`
}

/**
 * Flattens the content of a message to one text, as output items of the host have it. The parts of a list are joined by
 * one space. An image is written `<image>URL</image>`. A part of another type is written as that type in angle brackets
 * (`<input_audio>`), which is the engine's own rule.
 */
export const flatten = (content: unknown): string =>
  typeof content === "string"
    ? content
    : content === undefined || content === null
      ? ""
      : Array.isArray(content)
        ? content.map(flatPart).join(" ")
        : flatPart(content)

/** Returns the text of a model's message: a string, or the text parts of a list joined without a separator. */
export const written = (content: unknown): string | undefined => {
  if (!Array.isArray(content)) return textOf(content)
  const texts = content.flatMap((part) => textOf(part) ?? textOf(objectOf(part)["text"]) ?? [])
  return texts.length === 0 ? undefined : texts.join("")
}

/** Returns the refusal of a message: the field of a chat completion, or the refusal parts of a response. */
export const refusalOf = ({ content, refusal }: JsonObject): string | undefined => {
  if (!Array.isArray(content)) return textOf(refusal)
  const parts = content.flatMap((part) => textOf(objectOf(part)["refusal"]) ?? [])
  return textOf(refusal) ?? (parts.length === 0 ? undefined : parts.join(""))
}

// =============================================================================
// messages and calls
// =============================================================================

const isMessage = (value: unknown): value is JsonObject =>
  isObject(value) && (value["type"] === undefined || value["type"] === "message")

/** The last characters of the type of a call in a response: `function_call`, `web_search_call`. */
const callEnd = "_call"

const isCall = (value: unknown): value is JsonObject =>
  isObject(value) && textOf(value["type"])?.endsWith(callEnd) === true

/** Returns the messages of a list, in order. */
const messagesOf = (list: unknown, name: string): ReadonlyArray<Message> =>
  listOf(list).flatMap((message, index) =>
    isMessage(message) ? [{ _tag: "Message" as const, message, path: [name, index] }] : []
  )

const itemsOf = (list: ReadonlyArray<unknown>, name: string): ReadonlyArray<Answer> =>
  list.flatMap((item, index): ReadonlyArray<Answer> => {
    const path = [name, index]
    return isMessage(item)
      ? [{ _tag: "Message", message: item, path }]
      : isCall(item)
        ? [{ _tag: "Call", call: item, path }]
        : []
  })

/**
 * Returns the answers of the model, in order. If a chat completion has several choices, the first one counts. Items of a
 * response that are neither messages nor calls, such as `reasoning`, are left out.
 */
export const answersOf = ({ choices, output, output_text, outputs }: JsonObject): ReadonlyArray<Answer> => {
  const message = objectOf(listOf(choices)[0])["message"]
  if (isObject(message)) return [{ _tag: "Message", message, path: ["choices", 0, "message"] }]
  if (Array.isArray(output)) return itemsOf(output, "output")
  if (Array.isArray(outputs)) return itemsOf(outputs, "outputs")
  return typeof output_text === "string" ? [{ _tag: "Message", message: { content: output_text }, path: [] }] : []
}

/** The keys that identify the shapes of samples, for messages. */
export const shapes = "choices (a chat completion), output (a response), outputs (a dashboard download) or output_text"

/** Whether a sample has a known shape with at least one answer. An empty list (`"outputs": []`) does not count. */
export const hasKnownShape = (fields: JsonObject): boolean => answersOf(fields).length > 0

const noMessages: ReadonlyArray<Message> = []

/**
 * Returns the messages that were sent to the model: `input`, otherwise `messages`, otherwise `trajectory`. A string as
 * `input` is one message of the user.
 */
export const inputOf = ({ input, messages, trajectory }: JsonObject): ReadonlyArray<Message> =>
  typeof input === "string"
    ? [{ _tag: "Message", message: { role: "user", content: input }, path: [] }]
    : Array.isArray(input)
      ? messagesOf(input, "input")
      : Array.isArray(messages)
        ? messagesOf(messages, "messages")
        : trajectory === undefined
          ? noMessages
          : messagesOf(trajectory, "trajectory")

/** Fields that are not arguments, in a call that is not a function call. */
const identity: ReadonlySet<string> = new Set(["type", "id", "call_id", "name"])

/**
 * Writes a call of a response as a tool call of a chat completion. A call that is not a function call keeps its type. Its
 * name is the item's name, otherwise the type without `_call`. Its `arguments` are the JSON of all other fields, with the
 * digits of numbers unchanged.
 */
export const callText = ({ call, path }: Call, json: JsonText | undefined): string => {
  const type = textOf(call["type"]) ?? ""
  const id = textOf(call["call_id"]) ?? textOf(call["id"]) ?? ""
  const part = (key: string): string => json?.json([...path, key]) ?? "null"
  const isFunction = type === "function_call"
  const name = textOf(call["name"]) ?? (isFunction ? "" : type.slice(0, -callEnd.length))
  const own = call["arguments"]
  const others = () =>
    `{${Object.keys(call)
      .filter((key) => !identity.has(key))
      .map((key) => `${JSON.stringify(key)}:${part(key)}`)
      .join(",")}}`
  const text = isFunction ? (textOf(own) ?? (own === undefined ? "{}" : part("arguments"))) : others()
  return (
    `{"id":${JSON.stringify(id)},"type":${JSON.stringify(isFunction ? "function" : type)},` +
    `"function":{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(text)}}}`
  )
}

/**
 * The messages of a sample: which shape the sample has, what the model answered,
 * and what was sent to the model.
 *
 * Known shapes are a chat completion (`choices`), a response or the sample of an
 * exported output item (`output`), a line of a dashboard download (`outputs` and
 * `trajectory`), and a text alone (`output_text`).
 *
 * @internal
 */
import type { Key } from "../../schema/template.ts"
import { isObject, type JsonText } from "./JsonText.ts"
import type { JsonObject } from "./Row.ts"

/** A message, and where it stands in the sample. */
export interface Message {
  readonly _tag: "Message"
  readonly message: JsonObject
  readonly path: ReadonlyArray<Key>
}

/** A call of a tool that stands as an item of its own, as in a response. */
export interface Call {
  readonly _tag: "Call"
  readonly call: JsonObject
  readonly path: ReadonlyArray<Key>
}

/** A part of what a model answered. */
export type Answer = Message | Call

const nothing: JsonObject = {}

/** The value, or an empty object where it is no object. */
export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : nothing)

/** The value, or an empty list where it is no list. */
export const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The value, where it is a text. */
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

// =============================================================================
// content of messages
// =============================================================================

/** The text of a part of a message's content, as an output item shows it. */
const flatPart = (part: unknown): string => {
  if (!isObject(part)) return textOf(part) ?? JSON.stringify(part)
  const { image_url, refusal, text, type } = part
  const image = textOf(image_url) ?? textOf(objectOf(image_url)["url"])
  return image === undefined
    ? (textOf(text) ?? textOf(refusal) ?? `<${textOf(type) ?? "object"}>`)
    : `<image>${image}</image>`
}

/**
 * Flattens the content of a message to the one text that an output item has room
 * for, as the host does: the parts of a list are joined by one space, an image is
 * `<image>URL</image>`. A part of another kind is its type in angle brackets
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

/** Returns the text that a model wrote: a string, or the parts of a list that have text, joined without a space. */
export const written = (content: unknown): string | undefined => {
  if (!Array.isArray(content)) return textOf(content)
  const texts = content.flatMap((part) => textOf(part) ?? textOf(objectOf(part)["text"]) ?? [])
  return texts.length === 0 ? undefined : texts.join("")
}

/** Returns the refusal of a message: that of a chat completion, or the parts of a response that are refusals. */
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

/** The end of the type of every item of a response that is a call: `function_call`, `web_search_call`. */
const callEnd = "_call"

const isCall = (value: unknown): value is JsonObject =>
  isObject(value) && textOf(value["type"])?.endsWith(callEnd) === true

/** The messages of a list, in their order. */
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
 * Returns what the model answered, in its order. Of a chat completion with several
 * choices it is the first one. Items of a response that are neither messages nor
 * calls, such as `reasoning`, are left out.
 */
export const answersOf = ({ choices, output, output_text, outputs }: JsonObject): ReadonlyArray<Answer> => {
  const message = objectOf(listOf(choices)[0])["message"]
  if (isObject(message)) return [{ _tag: "Message", message, path: ["choices", 0, "message"] }]
  if (Array.isArray(output)) return itemsOf(output, "output")
  if (Array.isArray(outputs)) return itemsOf(outputs, "outputs")
  return typeof output_text === "string" ? [{ _tag: "Message", message: { content: output_text }, path: [] }] : []
}

/** The keys of which at least one tells the shape of a sample, for messages. */
export const shapes = "choices (a chat completion), output (a response), outputs (a dashboard download) or output_text"

/** Whether a sample has a known shape with an answer in it: a list without one (`"outputs": []`) tells nothing. */
export const hasKnownShape = (fields: JsonObject): boolean => answersOf(fields).length > 0

const noMessages: ReadonlyArray<Message> = []

/**
 * Returns the messages that were sent to the model: `input`, else `messages`, else
 * `trajectory`. An `input` that is a text is one message of the user.
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

/** What is no part of the arguments of a call that is no function. */
const identity: ReadonlySet<string> = new Set(["type", "id", "call_id", "name"])

/**
 * Writes a call of a response as a tool call of a chat completion. A call that is
 * no function has the item's type, the item's name or else its type without
 * `_call`, and as `arguments` the JSON of all its other fields; numbers keep their
 * digits.
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

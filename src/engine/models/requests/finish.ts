/**
 * The last changes to a body before it is sent: the model's name at the endpoint,
 * what an API does not have, the format of a structured answer, and the parameters
 * of the entry.
 *
 * @internal
 */
import type { JsonObject } from "../../rows/Row.ts"
import { isObject } from "../../rows/JsonText.ts"
import { listOf, objectOf } from "../../rows/SampleMessages.ts"
import type { Api, Parameters, Structured } from "../Entry.ts"
import type { Structure } from "../Models.ts"

/** The instruction for a model that is not asked by a format with the schema. */
export const instruction = ({ schema }: Structure): string =>
  "Answer with one JSON object and nothing else: no explanation, no code fence. The object must match this JSON " +
  `Schema:\n${JSON.stringify(schema)}`

/**
 * Appends a text to the last message of the user. A message of its own with
 * another role is refused by the templates of some open models.
 */
const append = (messages: ReadonlyArray<unknown>, text: string, api: Api): ReadonlyArray<unknown> => {
  const last = messages.at(-1)
  if (!isObject(last) || last["role"] !== "user") return [...messages, { role: "user", content: text }]
  const { content } = last
  const part = { type: api === "chat" ? "text" : "input_text", text }
  const said = Array.isArray(content) ? [...content, part] : `${typeof content === "string" ? content : ""}\n\n${text}`
  return [...messages.slice(0, -1), { ...last, content: said }]
}

/** Asks for a structured answer in one of the three ways. */
export const structure = (api: Api, body: JsonObject, way: Structured, wanted: Structure): JsonObject => {
  const { name, schema } = wanted
  const list = api === "chat" ? "messages" : "input"
  const asked = way === "json_schema" ? body : { ...body, [list]: append(listOf(body[list]), instruction(wanted), api) }
  if (way === "prompt") return asked
  if (api === "chat") {
    return {
      ...asked,
      response_format:
        way === "json_schema"
          ? { type: "json_schema", json_schema: { name, schema, strict: true } }
          : { type: "json_object" }
    }
  }
  const format = way === "json_schema" ? { type: "json_schema", name, schema, strict: true } : { type: "json_object" }
  return { ...asked, text: { ...objectOf(asked["text"]), format } }
}

/** Applies `rename` and `drop` of an entry. */
export const renamed = (body: JsonObject, { drop = [], rename = {} }: Parameters): JsonObject =>
  Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const sent = Object.hasOwn(rename, name) ? (rename[name] ?? name) : name
      return drop.includes(sent) ? [] : [[sent, value] as const]
    })
  )

/** Applies the parameters of an entry: `rename`, `drop`, `set`. */
const apply = (body: JsonObject, parameters: Parameters): JsonObject => ({
  ...renamed(body, parameters),
  ...parameters.set
})

/** Returns the body that is sent. `model` is the name of the model at the endpoint. */
export const finish = (api: Api, body: JsonObject, model: string, parameters: Parameters = {}): JsonObject => {
  if (api === "chat") return apply({ ...body, model }, parameters)
  // the responses API has no seed, and keeps what it answers unless it is asked not to
  const { seed: _none, store, ...others } = body
  return apply({ ...others, model, store: store ?? false }, parameters)
}

/**
 * The content of messages in the form of chat completions and in that of
 * responses. Templates of runs and graders are written in the form of responses
 * for both kinds of runs; rows may hold either.
 *
 * @internal
 */
import { isObject } from "../../rows/JsonText.ts"
import type { JsonObject } from "../../rows/Row.ts"
import { objectOf, textOf } from "../../rows/SampleMessages.ts"

/** Collects what has no counterpart: the path in the request, and why. */
export type Report = (path: string, message: string) => void

/** Picks the fields that are there and not null. */
export const given = (fields: JsonObject, names: ReadonlyArray<string>): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (isGiven(fields[name]) ? [[name, fields[name]]] : [])))

/** Whether a field has a value: null stands for a field that is left out. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null

/** Reports the fields of an object that a translation does not take over, unless they are null or an empty list. */
export const reportOthers = (
  fields: JsonObject,
  taken: ReadonlySet<string>,
  path: string,
  form: string,
  report: Report
): void => {
  for (const [name, value] of Object.entries(fields)) {
    if (!taken.has(name) && isGiven(value) && !(Array.isArray(value) && value.length === 0)) {
      report(`${path}.${name}`, `has no counterpart in ${form}`)
    }
  }
}

/** The names of the two forms, for readers. */
export const forms = { chat: "chat completions", responses: "the responses API" } as const

const cached = ["prompt_cache_breakpoint"] as const
const textTaken = new Set(["type", "text", "prompt_cache_breakpoint", "annotations", "logprobs"])
const imageTaken = new Set(["type", "image_url", "detail", "prompt_cache_breakpoint"])
const fileTaken = new Set(["type", "file_id", "filename", "file_data", "prompt_cache_breakpoint"])
const chatFileTaken = new Set(["file_id", "filename", "file_data"])
const wrapped = new Set(["type", "image_url", "file", "prompt_cache_breakpoint"])

// =============================================================================
// to chat completions
// =============================================================================

const partToChat = (part: unknown, path: string, report: Report): unknown => {
  if (typeof part === "string") return { type: "text", text: part }
  if (!isObject(part)) {
    report(path, "is no part of a message: a text or an object with a type")
    return part
  }
  switch (part["type"]) {
    case "input_text":
    case "output_text":
      reportOthers(part, textTaken, path, forms.chat, report)
      return { type: "text", text: part["text"], ...given(part, cached) }
    case "input_image": {
      // an image by the id of a file has no address, and chat completions take nothing else
      reportOthers(part, imageTaken, path, forms.chat, report)
      const image_url = { url: part["image_url"], ...given(part, ["detail"]) }
      return { type: "image_url", image_url, ...given(part, cached) }
    }
    case "input_file":
      reportOthers(part, fileTaken, path, forms.chat, report)
      return { type: "file", file: given(part, ["file_id", "filename", "file_data"]), ...given(part, cached) }
    case "text":
    case "image_url":
    case "input_audio":
    case "file":
    case "refusal":
      return part
    default:
      report(path, `a part of type ${JSON.stringify(part["type"] ?? null)} has no counterpart in ${forms.chat}`)
      return part
  }
}

/** Writes content as chat completions have it. Text stays text, and one part alone becomes a list. */
export const toChat = (content: unknown, path: string, report: Report): unknown =>
  typeof content === "string" || !isGiven(content)
    ? content
    : Array.isArray(content)
      ? content.map((part, index) => partToChat(part, `${path}[${index}]`, report))
      : [partToChat(content, path, report)]

// =============================================================================
// to responses
// =============================================================================

const textType = (role: unknown): "input_text" | "output_text" => (role === "assistant" ? "output_text" : "input_text")

const partToResponses = (part: unknown, role: unknown, path: string, report: Report): unknown => {
  if (typeof part === "string") return { type: textType(role), text: part }
  if (!isObject(part)) {
    report(path, "is no part of a message: a text or an object with a type")
    return part
  }
  switch (part["type"]) {
    case "text":
      reportOthers(part, textTaken, path, forms.responses, report)
      return { type: textType(role), text: part["text"], ...given(part, cached) }
    case "image_url": {
      reportOthers(part, wrapped, path, forms.responses, report)
      const image = objectOf(part["image_url"])
      reportOthers(image, new Set(["url", "detail"]), `${path}.image_url`, forms.responses, report)
      return {
        type: "input_image",
        image_url: textOf(part["image_url"]) ?? image["url"],
        ...given(image, ["detail"]),
        ...given(part, cached)
      }
    }
    case "file": {
      reportOthers(part, wrapped, path, forms.responses, report)
      const file = objectOf(part["file"])
      reportOthers(file, chatFileTaken, `${path}.file`, forms.responses, report)
      return { type: "input_file", ...given(file, ["file_id", "filename", "file_data"]), ...given(part, cached) }
    }
    default:
      // what is in the form of responses already, audio included, which the endpoint judges of
      return part
  }
}

/** Writes content as responses have it. Text stays text, and one part alone becomes a list. */
export const toResponses = (content: unknown, role: unknown, path: string, report: Report): unknown =>
  typeof content === "string" || !isGiven(content)
    ? content
    : Array.isArray(content)
      ? content.map((part, index) => partToResponses(part, role, `${path}[${index}]`, report))
      : [partToResponses(content, role, path, report)]

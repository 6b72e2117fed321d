/**
 * Samples: what a model answered, as templates see it and as an output item shows
 * it.
 *
 * A row's sample is a chat completion (`choices`), a response or an exported
 * output item's sample (`output`), or just `output_text` and whatever fields its
 * author likes.
 *
 * @internal
 */
import type { Key } from "../schema/template.ts"
import { isObject, JsonText } from "./JsonText.ts"
import type { JsonObject, Row } from "./Row.ts"

/**
 * What an output item shows as `temperature` and `top_p` of a sample that does
 * not say them: the API's own defaults. That a sample without them was taken with
 * them is the engine's guess; the specification wants numbers there.
 */
export const unknownTemperature = 1
/** See {@link unknownTemperature}. */
export const unknownTopP = 1

/** A message of the model, and where in the sample it is. */
interface Answer {
  readonly message: JsonObject
  readonly path: ReadonlyArray<Key>
}

const nothing: JsonObject = {}
const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : nothing)
const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const wholeOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined

const countOf = (value: unknown): number | undefined => {
  const whole = wholeOf(value)
  return whole !== undefined && whole >= 0 ? whole : undefined
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

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
 * A message's content as one text, which is all an output item has room for: the
 * parts of a list joined by one space, an image as `<image>URL</image>`, as the
 * host does. Parts of other kinds stand as their type in angle brackets
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

/** The text that a model wrote: a string, or the parts of a list that have text, one directly after the other. */
const written = (content: unknown): string | undefined => {
  if (!Array.isArray(content)) return textOf(content)
  const texts = content.flatMap((part) => textOf(part) ?? textOf(objectOf(part)["text"]) ?? [])
  return texts.length === 0 ? undefined : texts.join("")
}

const isMessage = (value: unknown): value is JsonObject =>
  isObject(value) && (value["type"] === undefined || value["type"] === "message")

const answersOf = (sample: JsonObject): ReadonlyArray<Answer> => {
  const { choices, output, output_text } = sample
  const message = objectOf(listOf(choices)[0])["message"]
  if (isObject(message)) return [{ message, path: ["choices", 0, "message"] }]
  if (Array.isArray(output)) {
    return output.flatMap((message, index) => (isMessage(message) ? [{ message, path: ["output", index] }] : []))
  }
  return typeof output_text === "string" ? [{ message: { content: output_text }, path: [] }] : []
}

/** A code or a message of an error: hosts send codes as numbers too. */
const wordOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : ""

/**
 * The error of a sample that could not be taken, with the code and the message that
 * the specification requires. What is no object, or has neither of them, does not
 * say that sampling failed.
 */
export const errorOf = (error: unknown): JsonObject | undefined => {
  if (!isObject(error)) return undefined
  const code = wordOf(error["code"])
  const message = wordOf(error["message"])
  return code === "" && message === "" ? undefined : { ...error, code, message }
}

/** Token counts as a chat completion, a response or an output item names them; 0 for what is not said. */
const usageOf = (usage: JsonObject): string => {
  const prompt = countOf(usage["prompt_tokens"]) ?? countOf(usage["input_tokens"]) ?? 0
  const completion = countOf(usage["completion_tokens"]) ?? countOf(usage["output_tokens"]) ?? 0
  const total = countOf(usage["total_tokens"]) ?? prompt + completion
  const details = objectOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"])
  const cached = countOf(usage["cached_tokens"]) ?? countOf(details["cached_tokens"]) ?? 0
  return `{"total_tokens":${total},"completion_tokens":${completion},"prompt_tokens":${prompt},"cached_tokens":${cached}}`
}

// =============================================================================
// samples
// =============================================================================

/** What stands between the parts of a summary of the model's reasoning: each is a paragraph of its own. */
export const betweenParagraphs = "\n\n"

/** What templates find in a sample that has no such field itself, where it can be derived; all but texts is JSON. */
const derivedNames = [
  "output_text",
  "output_json",
  "output_tools",
  "choices",
  "output_reasoning_summary",
  "output_audio",
  "input_tools"
] as const
const texts: ReadonlySet<string> = new Set(["output_text", "output_reasoning_summary"])

/** The sample of one row. What it derives from its fields is made when something asks for it. */
export class Sample {
  readonly #json: JsonText | undefined
  readonly #fields: JsonObject
  #answers: ReadonlyArray<Answer> | undefined
  /** Null where there is none. */
  #outputJson: JsonText | null | undefined
  #wire: string | undefined

  /** Of a row without a sample it is undefined. */
  constructor(json: JsonText | undefined) {
    this.#json = json
    this.#fields = objectOf(json?.value)
  }

  /**
   * The text that a path below `sample` stands for in a template, or undefined
   * where there is nothing. Fields that the sample has win; `output_text` and the
   * others that the host names are derived where it has none.
   */
  render(keys: ReadonlyArray<Key>): string | undefined {
    const name = keys[0]
    return name === undefined
      ? this.#whole()
      : typeof name !== "string" || Object.hasOwn(this.#fields, name)
        ? this.#json?.render(keys)
        : this.#derived(name, keys)
  }

  /**
   * The JSON of the `sample` of an output item. Of what the specification
   * requires only `max_completion_tokens` is left out when it is not known, as the
   * host does.
   */
  get wire(): string {
    return (this.#wire ??= this.#toWire())
  }

  /** Whether sampling failed, so that there is nothing to judge. */
  get failed(): boolean {
    return errorOf(this.#fields["error"]) !== undefined
  }

  #messages(): ReadonlyArray<Answer> {
    return (this.#answers ??= answersOf(this.#fields))
  }

  /** `output_text`: of several messages, and of the parts of a message, one directly after the other. */
  #text(): string | undefined {
    const own = this.#fields["output_text"]
    if (own !== undefined) return textOf(own)
    let text: string | undefined
    for (const { message } of this.#messages()) {
      const more = written(message["content"])
      if (more !== undefined) text = text === undefined ? more : text + more
    }
    return text
  }

  /**
   * `output_json`. Recorded runs of the host have it only where the text begins
   * with `{` and ends with `}`, without blanks around, whatever a JSON parser says.
   */
  #parsedText(): JsonText | undefined {
    if (this.#outputJson === undefined) {
      const text = this.#text()
      const looksRight = text !== undefined && text.startsWith("{") && text.endsWith("}")
      this.#outputJson = looksRight ? (JsonText.parse(text) ?? null) : null
    }
    return this.#outputJson ?? undefined
  }

  /** `output_reasoning_summary`: what a response tells of the model's reasoning. A chat completion tells nothing. */
  #reasoning(): string | undefined {
    const parts = listOf(this.#fields["output"]).flatMap((item) => {
      const { summary, type } = objectOf(item)
      return type === "reasoning" ? listOf(summary) : []
    })
    const paragraphs = parts.flatMap((part) => textOf(objectOf(part)["text"]) ?? [])
    return paragraphs.length === 0 ? undefined : paragraphs.join(betweenParagraphs)
  }

  /** `output_audio`: of a chat completion's message, or the first such part of a response's. */
  #audio(): ReadonlyArray<Key> | undefined {
    for (const { message, path } of this.#messages()) {
      if (isObject(message["audio"])) return [...path, "audio"]
      const part = listOf(message["content"]).findIndex((part) => objectOf(part)["type"] === "output_audio")
      if (part !== -1) return [...path, "content", part]
    }
    return undefined
  }

  #derived(name: string, keys: ReadonlyArray<Key>): string | undefined {
    switch (name) {
      case "output_text":
      case "output_reasoning_summary": {
        const text = name === "output_text" ? this.#text() : this.#reasoning()
        return keys.length === 1 || text === undefined ? text : JsonText.parse(text)?.render(keys, 1)
      }
      case "output_json":
        return this.#parsedText()?.render(keys, 1)
      case "output_tools": {
        const calls = this.#messages().find(({ message }) => Array.isArray(message["tool_calls"]))
        return calls && this.#json?.render([...calls.path, "tool_calls", ...keys.slice(1)])
      }
      case "output_audio": {
        const path = this.#audio()
        return path && this.#json?.render([...path, ...keys.slice(1)])
      }
      case "input_tools":
        return Array.isArray(this.#fields["tools"]) ? this.#json?.render(["tools", ...keys.slice(1)]) : undefined
      case "choices":
        return this.#messages().length === 0 ? undefined : JsonText.parse(this.#choices())?.render(keys, 1)
      default:
        return undefined
    }
  }

  /** All that a path below `sample` can find: the fields of the sample, and those derived from them. */
  #whole(): string | undefined {
    const own = this.#json?.json([])
    if (own === undefined) return undefined
    // without fields of its own there is nothing to derive others from, and so no comma too many
    const members = [own.slice(1, -1)]
    for (const name of derivedNames) {
      const value = Object.hasOwn(this.#fields, name) ? undefined : this.#derived(name, [name])
      if (value !== undefined) members.push(`"${name}":${texts.has(name) ? JSON.stringify(value) : value}`)
    }
    return `{${members.join(",")}}`
  }

  /** The model's messages as a chat completion has them. */
  #choices(): string {
    const finish = JSON.stringify(this.#finishReason())
    const choice = (answer: Answer, index: number) =>
      `{"index":${index},"message":${this.#toMessage(answer, "assistant")},"finish_reason":${finish}}`
    return `[${this.#messages().map(choice).join(",")}]`
  }

  #finishReason(): string {
    const { choices, finish_reason } = this.#fields
    return textOf(finish_reason) ?? textOf(objectOf(listOf(choices)[0])["finish_reason"]) ?? ""
  }

  #toMessage({ message, path }: Answer, otherwise: string): string {
    const { content, role, tool_calls } = message
    const calls = Array.isArray(tool_calls) ? this.#json?.json([...path, "tool_calls"]) : undefined
    return (
      `{"role":${JSON.stringify(textOf(role) ?? otherwise)},"content":${JSON.stringify(flatten(content))}` +
      (calls === undefined ? "}" : `,"tool_calls":${calls}}`)
    )
  }

  #input(): string {
    const messages = listOf(this.#fields["input"]).flatMap((message, index) =>
      isMessage(message) ? this.#toMessage({ message, path: ["input", index] }, "user") : []
    )
    return messages.join(",")
  }

  #toWire(): string {
    const { error, max_completion_tokens, max_completions_tokens, model, seed, temperature, top_p } = this.#fields
    const output = this.#messages().map((answer) => this.#toMessage(answer, "assistant"))
    const limit = countOf(max_completion_tokens) ?? countOf(max_completions_tokens)
    return (
      `{"input":[${this.#input()}],"output":[${output.join(",")}],` +
      `"finish_reason":${JSON.stringify(this.#finishReason())},"model":${JSON.stringify(textOf(model) ?? "")},` +
      `"usage":${usageOf(objectOf(this.#fields["usage"]))},"error":${JSON.stringify(errorOf(error) ?? null)},` +
      `"temperature":${numberOf(temperature) ?? unknownTemperature},` +
      (limit === undefined ? "" : `"max_completion_tokens":${limit},`) +
      `"top_p":${numberOf(top_p) ?? unknownTopP},"seed":${wholeOf(seed) ?? null}}`
    )
  }
}

/** The sample of all rows that have none. */
const absent = new Sample(undefined)

/** The sample of a row. */
export const ofRow = ({ long, sample, sampleText }: Row): Sample =>
  sample === undefined || sampleText === undefined ? absent : new Sample(new JsonText(sample, sampleText, long))

/** A sample that is only a text, as the grader endpoints take it. */
export const ofText = (text: string): Sample => new Sample(new JsonText({ output_text: text }, "", false))

/**
 * A sample: the answer of a model, as templates read it and as an output item shows it. A sample has one of the shapes
 * that `SampleMessages.ts` reads, and any other fields.
 *
 * @internal
 */
import type { Key } from "../../schema/template.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import { isObject, JsonText } from "./JsonText.ts"
import type { JsonObject, Row } from "./Row.ts"
import { errorOf, finishReasonOf, modelOf, settingsOf, usageOf, usageText } from "./sampleFields.ts"
import {
  type Answer,
  answersOf,
  type Call,
  callText,
  flatten,
  inputOf,
  listOf,
  type Message,
  objectOf,
  refusalOf,
  textOf,
  written
} from "./SampleMessages.ts"

/** The separator between the parts of a reasoning summary. Each part is a paragraph. */
export const betweenParagraphs = "\n\n"

/** Fields that templates can read even if the sample does not have them: they are derived from other fields. */
const derivedNames = [
  "model",
  "output_text",
  "output_json",
  "output_tools",
  "choices",
  "output_reasoning_summary",
  "output_audio",
  "input_tools"
] as const
const texts: ReadonlySet<string> = new Set(["model", "output_text", "output_reasoning_summary"])

/** The sample of one row. Derived fields are computed at the first use. */
export class Sample {
  readonly #json: JsonText | undefined
  readonly #fields: JsonObject
  #answers: ReadonlyArray<Answer> | undefined
  /** Null if the sample has none; undefined until it is computed. */
  #outputJson: JsonText | null | undefined
  /** Null if the sample has none; undefined until it is computed. */
  #outputTools: JsonText | null | undefined
  #wire: string | undefined

  /** `json` is undefined for a row without a sample. */
  constructor(json: JsonText | undefined) {
    this.#json = json
    this.#fields = objectOf(json?.value)
  }

  /**
   * Returns the text of the value at a path below `sample`, for a template. Returns undefined if there is no value. The
   * sample's own fields come first. `output_text` and the other fields that the host names are derived if the sample has
   * none.
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
   * The JSON of the `sample` of an output item. It has all fields that the specification requires, except for an unknown
   * `max_completion_tokens`: the host leaves this out too.
   */
  get wire(): string {
    return (this.#wire ??= this.#toWire())
  }

  /** The tokens of the sample, with its model; undefined if the sample has no token counts. */
  get usage(): ModelUsage | undefined {
    const { token_usage, usage } = this.#fields
    return isObject(usage ?? token_usage)
      ? { model_name: modelOf(this.#fields) ?? "", invocation_count: 1, ...usageOf(this.#fields) }
      : undefined
  }

  /** The error of a failed sample, with `code` and `message`. A failed sample is not judged. */
  get error(): JsonObject | undefined {
    return errorOf(this.#fields["error"])
  }

  /** Whether sampling failed. */
  get failed(): boolean {
    return this.error !== undefined
  }

  #parts(): ReadonlyArray<Answer> {
    return (this.#answers ??= answersOf(this.#fields))
  }

  #messages(): ReadonlyArray<Message> {
    return this.#parts().filter((part) => part._tag === "Message")
  }

  /** `output_text`: all messages and all their parts, joined without a separator. */
  #text(): string | undefined {
    const own = this.#fields["output_text"]
    if (own !== undefined) return textOf(own)
    let text: string | undefined
    for (const part of this.#parts()) {
      const more = part._tag === "Message" ? written(part.message["content"]) : undefined
      if (more !== undefined) text = text === undefined ? more : text + more
    }
    return text
  }

  /**
   * `output_json`. Recorded runs of the host have it only if the text begins with `{` and ends with `}`, without blanks
   * around it. Other JSON does not count.
   */
  #parsedText(): JsonText | undefined {
    if (this.#outputJson === undefined) {
      const text = this.#text()
      const looksRight = text !== undefined && text.startsWith("{") && text.endsWith("}")
      this.#outputJson = looksRight ? (JsonText.parse(text) ?? null) : null
    }
    return this.#outputJson ?? undefined
  }

  /** `output_reasoning_summary`: the reasoning summary of a response. A chat completion has none. */
  #reasoning(): string | undefined {
    const parts = listOf(this.#fields["output"]).flatMap((item) => {
      const { summary, type } = objectOf(item)
      return type === "reasoning" ? listOf(summary) : []
    })
    const paragraphs = parts.flatMap((part) => textOf(objectOf(part)["text"]) ?? [])
    return paragraphs.length === 0 ? undefined : paragraphs.join(betweenParagraphs)
  }

  /** `output_audio`: the audio of a chat completion's message, or the first audio part of a response. */
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
      case "model":
      case "output_text":
      case "output_reasoning_summary": {
        const text =
          name === "model" ? modelOf(this.#fields) : name === "output_text" ? this.#text() : this.#reasoning()
        return keys.length === 1 || text === undefined ? text : JsonText.parse(text)?.render(keys, 1)
      }
      case "output_json":
        return this.#parsedText()?.render(keys, 1)
      case "output_tools":
        return this.#tools()?.render(keys, 1)
      case "output_audio": {
        const path = this.#audio()
        return path && this.#json?.render([...path, ...keys.slice(1)])
      }
      case "input_tools":
        return Array.isArray(this.#fields["tools"]) ? this.#json?.render(["tools", ...keys.slice(1)]) : undefined
      case "choices":
        return this.#parts().length === 0 ? undefined : JsonText.parse(this.#choices())?.render(keys, 1)
      default:
        return undefined
    }
  }

  /** The JSON of the whole sample: its own fields and the derived ones. */
  #whole(): string | undefined {
    const own = this.#json?.json([])
    if (own === undefined) return undefined
    // a sample without own fields has no derived fields either, so no comma is left over
    const members = [own.slice(1, -1)]
    for (const name of derivedNames) {
      const value = Object.hasOwn(this.#fields, name) ? undefined : this.#derived(name, [name])
      if (value !== undefined) members.push(`"${name}":${texts.has(name) ? JSON.stringify(value) : value}`)
    }
    return `{${members.join(",")}}`
  }

  /** Returns the tool calls of an answer as JSON, without the brackets of the list. Returns undefined if there are none. */
  #callsOf(answer: Answer): string | undefined {
    if (answer._tag === "Call") return callText(answer, this.#json)
    if (!Array.isArray(answer.message["tool_calls"])) return undefined
    return this.#json?.json([...answer.path, "tool_calls"])?.slice(1, -1)
  }

  /** Returns all tool calls as a list of JSON. Returns undefined if no answer has such a list. */
  #toolCalls(): string | undefined {
    const calls = this.#parts().flatMap((answer) => this.#callsOf(answer) ?? [])
    return calls.length === 0 ? undefined : `[${calls.filter((each) => each !== "").join(",")}]`
  }

  /** `output_tools`. */
  #tools(): JsonText | undefined {
    if (this.#outputTools === undefined) {
      const calls = this.#toolCalls()
      this.#outputTools = calls === undefined ? null : (JsonText.parse(calls) ?? null)
    }
    return this.#outputTools ?? undefined
  }

  /** The whole answer as the one choice of a chat completion. */
  #choices(): string {
    const refusals = this.#messages().flatMap(({ message }) => refusalOf(message) ?? [])
    const calls = this.#toolCalls()
    const role = textOf(this.#messages()[0]?.message["role"]) ?? "assistant"
    return (
      `[{"index":0,"message":{"role":${JSON.stringify(role)},"content":${JSON.stringify(this.#text() ?? null)}` +
      (refusals.length === 0 ? "" : `,"refusal":${JSON.stringify(refusals.join(""))}`) +
      (calls === undefined ? "" : `,"tool_calls":${calls}`) +
      `},"finish_reason":${JSON.stringify(finishReasonOf(this.#fields))}}]`
    )
  }

  #toMessage(answer: Message, otherwise: string): string {
    const { content, role } = answer.message
    const calls = this.#callsOf(answer)
    // the refusal of a chat completion is a field beside the content
    const text = flatten(content) || (refusalOf(answer.message) ?? "")
    return (
      `{"role":${JSON.stringify(textOf(role) ?? otherwise)},"content":${JSON.stringify(text)}` +
      (calls === undefined ? "}" : `,"tool_calls":[${calls}]}`)
    )
  }

  /** Returns the messages that an output item shows. Adjacent calls that are items of their own become one message. */
  #output(): string {
    const parts = this.#parts()
    const [only] = parts
    if (parts.length === 1 && only?._tag === "Message") return this.#toMessage(only, "assistant")
    const messages: Array<string> = []
    let calls: Array<Call> = []
    const end = (): void => {
      if (calls.length === 0) return
      const texts = calls.map((call) => callText(call, this.#json))
      messages.push(`{"role":"assistant","content":"","tool_calls":[${texts.join(",")}]}`)
      calls = []
    }
    for (const part of parts) {
      if (part._tag === "Call") calls.push(part)
      else {
        end()
        messages.push(this.#toMessage(part, "assistant"))
      }
    }
    end()
    return messages.join(",")
  }

  #input(): string {
    const messages = inputOf(this.#fields)
    return messages.length === 0 ? "" : messages.map((message) => this.#toMessage(message, "user")).join(",")
  }

  #toWire(): string {
    const { max_completion_tokens, seed, temperature, top_p } = settingsOf(this.#fields)
    return (
      `{"input":[${this.#input()}],"output":[${this.#output()}],` +
      `"finish_reason":${JSON.stringify(finishReasonOf(this.#fields))},` +
      `"model":${JSON.stringify(modelOf(this.#fields) ?? "")},"usage":${usageText(this.#fields)},` +
      `"error":${JSON.stringify(this.error ?? null)},"temperature":${temperature},` +
      (max_completion_tokens === undefined ? "" : `"max_completion_tokens":${max_completion_tokens},`) +
      `"top_p":${top_p},"seed":${seed}${this.#fields["evals_cached"] === true ? ',"evals_cached":true' : ""}}`
    )
  }
}

/** The sample of every row without a sample. */
const absent = new Sample(undefined)

/** Returns the sample of a row. */
export const ofRow = ({ odd, sample, sampleText }: Row): Sample =>
  sample === undefined || sampleText === undefined ? absent : new Sample(new JsonText(sample, sampleText, odd))

/** Makes a sample of a text, as the grader endpoints accept it. */
export const ofText = (text: string): Sample => new Sample(new JsonText({ output_text: text }, "", false))

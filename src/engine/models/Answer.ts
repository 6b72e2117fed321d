/**
 * Answers of models: a chat completion or a response as it was received, and what
 * the engine reads in it.
 */
import * as Result from "effect/Result"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import { JsonText, maxDepth, scan } from "../rows/JsonText.ts"
import type { JsonObject } from "../rows/Row.ts"
import { Sample } from "../rows/Sample.ts"
import { counted, modelOf, type SaidUsage, saidUsageOf } from "../rows/sampleFields.ts"
import { answersOf, listOf, objectOf, refusalOf, textOf } from "../rows/SampleMessages.ts"
import type { Api } from "./Entry.ts"

/**
 * The answer of a model.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  /** The API that gave it, which says how `json` is to be read. */
  readonly api: Api
  /** The answer as it was received. */
  readonly json: JsonText
  /** `json` as an object. */
  readonly fields: JsonObject
  /** The answer as it was received, as text. */
  readonly text: string
  /** The resolved name of the model; the name that was sent where the answer has none. */
  readonly model: string
  /** The text that the model wrote; empty where it wrote none. Of several choices it is the first one's. */
  readonly output_text: string
  /** The words with which the model refuses. */
  readonly refusal: string | undefined
  /** The model's reasoning: the summary of a response, or what some servers add to chat completions. */
  readonly output_reasoning_summary: string | undefined
  /** Why the model stopped, in the words of chat completions; undefined where the answer does not say. */
  readonly finish_reason: string | undefined
  /** Undefined for each count that the answer does not say. */
  readonly usage: SaidUsage
  /** Whether the answer is from the cache, and was not paid for. */
  readonly isCached: boolean
  /**
   * Further things, as templates name them: `render(["output_tools"])`, `["choices"]`,
   * `["output_audio"]`, `["output_json"]`.
   */
  readonly sample: Sample
}

/** The reasons for which responses are incomplete, in the words of chat completions. */
const incomplete: { readonly [reason: string]: string } = {
  max_output_tokens: "length",
  content_filter: "content_filter"
}

const finishReasonOfResponse = ({ incomplete_details, output, status }: JsonObject): string | undefined => {
  if (status === "incomplete") {
    const reason = textOf(objectOf(incomplete_details)["reason"])
    return reason === undefined ? "length" : (incomplete[reason] ?? reason)
  }
  return listOf(output).some((item) => objectOf(item)["type"] === "function_call") ? "tool_calls" : "stop"
}

const reasoningOf = (api: Api, fields: JsonObject, sample: Sample): string | undefined => {
  if (api === "responses") return sample.render(["output_reasoning_summary"])
  const message = objectOf(objectOf(listOf(fields["choices"])[0])["message"])
  // chat completions have no such field; servers of open models call it by one of these names
  return textOf(message["reasoning"]) ?? textOf(message["reasoning_content"])
}

const problemOf = (api: Api, fields: JsonObject): string | undefined => {
  if (api === "chat") {
    const { choices } = fields
    if (!Array.isArray(choices)) return "it has no choices"
    if (choices.length === 0) return "its choices are empty"
    const { message } = objectOf(choices[0])
    return typeof message === "object" && message !== null ? undefined : "its first choice has no message"
  }
  if (!Array.isArray(fields["output"])) return "it has no output"
  const { status } = fields
  return status === undefined || status === null || status === "completed" || status === "incomplete"
    ? undefined
    : `its status is ${JSON.stringify(status)}`
}

const make = (api: Api, json: JsonText, text: string, sent: string): Answer => {
  const fields = objectOf(json.value)
  const sample = new Sample(json)
  const refusals = answersOf(fields).flatMap((part) => (part._tag === "Message" ? (refusalOf(part.message) ?? []) : []))
  return {
    api,
    json,
    fields,
    text,
    model: modelOf(fields) || sent,
    // from the messages: SDKs add `output_text` to a response, and what it holds is the same
    output_text: sample.render(["output_text"]) ?? "",
    refusal: refusals.length === 0 ? undefined : refusals.join(""),
    output_reasoning_summary: reasoningOf(api, fields, sample),
    finish_reason:
      api === "responses"
        ? finishReasonOfResponse(fields)
        : textOf(objectOf(listOf(fields["choices"])[0])["finish_reason"]),
    usage: saidUsageOf(fields),
    isCached: false,
    sample
  }
}

/** An item shows an answer two levels deeper than the endpoint sent it. */
const deepest = maxDepth - 2

/**
 * Reads an answer. `sent` is the name of the model in the request. The failure
 * says, for a reader, why the text is no answer: `it is no JSON`.
 *
 * @internal
 */
export const read = (api: Api, text: string, sent: string): Result.Result<Answer, string> => {
  if (text.trim() === "") return Result.fail("it is empty")
  const { depth } = scan(text)
  if (depth > deepest) return Result.fail(`it is nested deeper than ${deepest} levels`)
  const json = JsonText.parse(text)
  if (json === undefined) return Result.fail("it is no JSON")
  const { value } = json
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return Result.fail("it is no JSON object")
  }
  const problem = problemOf(api, objectOf(value))
  return problem === undefined ? Result.succeed(make(api, json, text, sent)) : Result.fail(problem)
}

/**
 * Writes an answer to be kept until its row is judged.
 *
 * @internal
 */
export const encode = ({ api, text }: Answer): string => `${api}\n${text}`

/**
 * Reads an answer that {@link encode} has written; undefined for any other text.
 *
 * @internal
 */
export const decode = (stored: string, sent: string): Answer | undefined => {
  const end = stored.indexOf("\n")
  const api = stored.slice(0, Math.max(0, end))
  if (api !== "chat" && api !== "responses") return undefined
  const answer = read(api, stored.slice(end + 1), sent)
  return Result.isSuccess(answer) ? answer.success : undefined
}

/**
 * Returns all tokens that usage says; undefined where it says none.
 *
 * @internal
 */
export const totalOf = (usage: SaidUsage): number | undefined => {
  const { completion_tokens, prompt_tokens, total_tokens } = usage
  return (
    total_tokens ??
    (completion_tokens === undefined && prompt_tokens === undefined ? undefined : counted(usage).total_tokens)
  )
}

/**
 * Returns the tokens of an answer under the resolved name of its model, for
 * `per_model_usage`; 0 for what the answer does not say.
 *
 * @internal
 */
export const usageOf = ({ model, usage }: Answer): ModelUsage => ({
  model_name: model,
  invocation_count: 1,
  ...counted(usage)
})

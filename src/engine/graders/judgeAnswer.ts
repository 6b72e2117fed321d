/**
 * Parses the answers of judges, and writes them as samples of results.
 *
 * @internal
 */
import { parseJson } from "../../schema/fields.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import { isObject, JsonText } from "../rows/JsonText.ts"
import type { JsonObject } from "../rows/Row.ts"
import { Sample } from "../rows/Sample.ts"
import { finishReasonOf, modelOf, usageOf } from "../rows/sampleFields.ts"
import { answersOf, objectOf, refusalOf } from "../rows/SampleMessages.ts"
import type { ResultSample } from "../texts/ItemText.ts"
import type { Flag } from "./flags.ts"

/** The reason for which an answer is not a judgement. */
export interface Flaw {
  readonly _tag: "Flawed"
  readonly flag: Flag
  readonly message: string
}

/** A parsed answer. */
export interface JudgeAnswer {
  /** Undefined for an answer with a result. */
  readonly flawed: Flaw | undefined
  /** `result`, of any type. */
  readonly value: unknown
  /** The tokens of the answer, under the resolved name of the model. */
  readonly usage: ModelUsage
  /** Writes the `sample` of the grader's result. */
  readonly shown: (flaw: Flaw | undefined) => ResultSample
}

// =============================================================================
// reading
// =============================================================================

/** The most opening braces that are tried. Each try may read the answer to its end. */
const mostTries = 16

/** Returns the offset after the object that begins at `start`, or -1 if it has no end. */
const endOfObject = (text: string, start: number): number => {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++
    } else if (character === "{") depth++
    else if (character === "}" && --depth === 0) return at + 1
  }
  return -1
}

/**
 * Returns the JSON object of an answer: the whole answer, otherwise the first object in it. Endpoints that ignore formats
 * wrap the object in prose or in a code fence. Returns undefined if there is none.
 */
export const objectIn = (text: string): JsonObject | undefined => {
  const whole = parseJson(text)
  if (isObject(whole)) return whole
  let start = text.indexOf("{")
  for (let tries = 0; start !== -1 && tries < mostTries; tries++) {
    const end = endOfObject(text, start)
    const value = end === -1 ? undefined : parseJson(text.slice(start, end))
    if (isObject(value)) return value
    start = text.indexOf("{", start + 1)
  }
  return undefined
}

const flaw = (flag: Flag, message: string): Flaw => ({ _tag: "Flawed", flag, message })

/** The finish reasons of answers that are not judgements. */
const cutShort: { readonly [reason: string]: Flaw } = {
  length: flaw(
    "model_grader_exceeded_max_tokens_error",
    "the answer was cut off at the limit of tokens; a higher max_completions_tokens leaves room for it"
  ),
  content_filter: flaw("model_grader_refusal_error", "a content filter withheld the answer")
}

const flawOf = (fields: JsonObject, text: string): Flaw | undefined => {
  const refusals = answersOf(fields).flatMap((part) => (part._tag === "Message" ? (refusalOf(part.message) ?? []) : []))
  const refusal = refusals.join("")
  if (refusal !== "") return flaw("model_grader_refusal_error", `the model refuses: ${refusal}`)
  const reason = finishReasonOf(fields)
  if (Object.hasOwn(cutShort, reason)) return cutShort[reason]
  return text === "" ? flaw("model_grader_parse_error", "the answer has no text") : undefined
}

/** Parses the answer of a judge. `sampling` are the parameters of the grader. */
export const readAnswer = (json: string, sampling: JsonObject): JudgeAnswer => {
  const read = JsonText.parse(json)
  const sample = new Sample(read)
  const fields = objectOf(read?.value)
  const text = sample.render(["output_text"]) ?? ""
  const flawed = flawOf(fields, text)
  const answer = flawed === undefined ? objectIn(text) : undefined
  return {
    flawed:
      flawed ??
      (answer === undefined
        ? flaw("model_grader_parse_error", "the answer holds no JSON object")
        : Object.hasOwn(answer, "result")
          ? undefined
          : flaw("model_grader_parse_error", "the answer has no result")),
    value: answer?.["result"],
    usage: sample.usage ?? { model_name: modelOf(fields) ?? "", invocation_count: 1, ...usageOf(fields) },
    shown: (error) => ({ json: shownText(sample, sampling, error) })
  }
}

// the most characters of a result that a message repeats
const longest = 100

/** Writes a result for a message. */
export const quoted = (result: unknown): string => {
  const text = typeof result === "number" ? String(result) : (JSON.stringify(result) ?? "missing")
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

// =============================================================================
// showing
// =============================================================================

/** Writes the sample of a judge, with the fields and their order as in recorded samples. */
const shownText = (sample: Sample, sampling: JsonObject, error: Flaw | undefined): string => {
  const shown = objectOf(parseJson(sample.wire))
  return JSON.stringify({
    input: shown["input"],
    output: shown["output"],
    finish_reason: shown["finish_reason"],
    model: shown["model"],
    usage: shown["usage"],
    error: error === undefined ? null : { code: error.flag, message: error.message },
    seed: shown["seed"],
    temperature: shown["temperature"],
    top_p: shown["top_p"],
    reasoning_effort: sampling["reasoning_effort"] ?? null,
    max_completions_tokens: shown["max_completion_tokens"] ?? null,
    ...(shown["evals_cached"] === true ? { evals_cached: true } : {})
  })
}

/**
 * Fields of a sample other than its messages: the model, the sampling settings, the token counts and the error.
 *
 * Some names differ between a chat completion, a response, an output item and a line of a dashboard download.
 *
 * @internal
 */
import { isObject } from "./JsonText.ts"
import type { JsonObject } from "./Row.ts"
import { listOf, objectOf, textOf } from "./SampleMessages.ts"

/**
 * The `temperature` that an output item shows if the sample has none. It is the default of the API. The specification
 * requires a number, so the engine assumes that the sample was taken with the default.
 */
export const unknownTemperature = 1
/** See {@link unknownTemperature}. */
export const unknownTopP = 1

const wholeOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined

const countOf = (value: unknown): number | undefined => {
  const whole = wholeOf(value)
  return whole !== undefined && whole >= 0 ? whole : undefined
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

/** Returns a code or a message of an error as text. Some hosts send codes as numbers. */
const wordOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : ""

/**
 * Returns the error of a failed sample, with the code and the message that the specification requires. Returns undefined
 * for a value that is not an object, or has neither code nor message: this is no failure.
 */
export const errorOf = (error: unknown): JsonObject | undefined => {
  if (!isObject(error)) return undefined
  const code = wordOf(error["code"])
  const message = wordOf(error["message"])
  return code === "" && message === "" ? undefined : { ...error, code, message }
}

/** Token counts of a sample. Unknown counts are 0. */
export interface Usage {
  readonly total_tokens: number
  readonly completion_tokens: number
  readonly prompt_tokens: number
  readonly cached_tokens: number
}

/** Token counts as a sample states them. Missing counts are undefined. */
export type SaidUsage = { readonly [name in keyof Usage]: number | undefined }

/**
 * Returns the token counts that a sample states. A chat completion, a response and an output item have them in `usage`, a
 * dashboard download in `token_usage`.
 */
export const saidUsageOf = ({ token_usage, usage }: JsonObject): SaidUsage => {
  const said = objectOf(usage ?? token_usage)
  const details = objectOf(said["prompt_tokens_details"] ?? said["input_tokens_details"])
  return {
    total_tokens: countOf(said["total_tokens"]),
    completion_tokens: countOf(said["completion_tokens"]) ?? countOf(said["output_tokens"]),
    prompt_tokens: countOf(said["prompt_tokens"]) ?? countOf(said["input_tokens"]),
    cached_tokens: countOf(said["cached_tokens"]) ?? countOf(details["cached_tokens"])
  }
}

/** Replaces missing token counts by 0, and a missing total by the sum. */
export const counted = (said: SaidUsage): Usage => {
  const { cached_tokens = 0, completion_tokens = 0, prompt_tokens = 0 } = said
  const { total_tokens = prompt_tokens + completion_tokens } = said
  return { total_tokens, completion_tokens, prompt_tokens, cached_tokens }
}

/** Returns the token counts of a sample. Missing counts are 0. */
export const usageOf = (fields: JsonObject): Usage => counted(saidUsageOf(fields))

const noUsage = '{"total_tokens":0,"completion_tokens":0,"prompt_tokens":0,"cached_tokens":0}'

/** Writes the token counts of a sample as JSON. */
export const usageText = (fields: JsonObject): string =>
  (fields["usage"] ?? fields["token_usage"]) === undefined ? noUsage : JSON.stringify(usageOf(fields))

/** Returns the name of the model that was sampled. */
export const modelOf = ({ model, sampled_model_name }: JsonObject): string | undefined =>
  textOf(model) ?? textOf(sampled_model_name)

/** Returns the finish reason; empty if the sample has none. */
export const finishReasonOf = ({ choices, finish_reason }: JsonObject): string =>
  textOf(finish_reason) ?? textOf(objectOf(listOf(choices)[0])["finish_reason"]) ?? ""

const limitOf = ({ max_completion_tokens, max_completions_tokens }: JsonObject): number | undefined =>
  countOf(max_completion_tokens) ?? countOf(max_completions_tokens)

/** Settings that a sample was taken with. */
export interface Settings {
  readonly temperature: number
  readonly top_p: number
  readonly seed: number | null
  /** Undefined if the sample has none. */
  readonly max_completion_tokens: number | undefined
}

/** Returns the settings that a sample was taken with. A dashboard download has them in `sampled_model_params`. */
export const settingsOf = (fields: JsonObject): Settings => {
  const own = fields["sampled_model_params"]
  if (own === undefined) {
    return {
      temperature: numberOf(fields["temperature"]) ?? unknownTemperature,
      top_p: numberOf(fields["top_p"]) ?? unknownTopP,
      seed: wholeOf(fields["seed"]) ?? null,
      max_completion_tokens: limitOf(fields)
    }
  }
  const params = objectOf(own)
  const specific = objectOf(params["api_specific_params"])
  return {
    temperature: numberOf(fields["temperature"]) ?? numberOf(params["temperature"]) ?? unknownTemperature,
    top_p: numberOf(fields["top_p"]) ?? numberOf(params["top_p"]) ?? unknownTopP,
    seed: wholeOf(fields["seed"]) ?? wholeOf(params["seed"]) ?? wholeOf(specific["seed"]) ?? null,
    max_completion_tokens: limitOf(fields) ?? limitOf(params) ?? limitOf(specific)
  }
}

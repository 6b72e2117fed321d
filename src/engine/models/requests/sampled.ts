/**
 * Makes requests of data sources and graders, and of their messages with all
 * variables filled in. Only the parameters that the run or the grader names are
 * sent; a parameter that is null is one that is left out.
 *
 * @internal
 */
import { isObject } from "../../rows/JsonText.ts"
import type { JsonObject } from "../../rows/Row.ts"
import { objectOf } from "../../rows/SampleMessages.ts"
import type { Request } from "../Models.ts"
import { given, isGiven, type Report } from "./content.ts"
import * as messages from "./messages.ts"

/** A request that was made, or what stands in its way. */
export interface Made {
  readonly request: Request
  /** The places that cannot be sent, each with the reason. Nothing is to be sent then. */
  readonly problems: ReadonlyArray<string>
}

/** The parts of a data source that a request is made of. */
export interface Source {
  readonly type: "completions" | "responses"
  readonly model: string
  readonly sampling_params?: unknown
}

const both = ["temperature", "top_p", "seed", "tools"] as const

/** The limit of tokens of sampling parameters. The specification has the first spelling, every official example the second. */
export const limitOf = (params: JsonObject): unknown =>
  params["max_completion_tokens"] ?? params["max_completions_tokens"]

const make = (body: (report: Report) => Request): Made => {
  const problems: Array<string> = []
  return { request: body((path, message) => problems.push(`${path}: ${message}`)), problems }
}

/** Makes the request of a row. `rendered` are the row's messages, in the form of either API. */
export const sampled = (source: Source, rendered: ReadonlyArray<unknown>): Made =>
  make((report) => {
    const { model, type } = source
    const params = objectOf(source.sampling_params)
    const limit = limitOf(params)
    const effort = params["reasoning_effort"]
    if (type === "completions") {
      return {
        dialect: "chat",
        body: {
          model,
          messages: messages.toChat(rendered, "input_messages", report),
          ...given(params, both),
          ...(isGiven(limit) ? { max_completion_tokens: limit } : {}),
          ...(isGiven(effort) ? { reasoning_effort: effort } : {}),
          ...given(params, ["response_format"])
        }
      }
    }
    // a format that is null is none
    const text = isObject(params["text"]) ? given(params["text"], Object.keys(params["text"])) : {}
    return {
      dialect: "responses",
      body: {
        model,
        input: messages.toResponses(rendered, "input_messages", report),
        // `seed` is left out where it is sent to /responses, which has none
        ...given(params, both),
        ...(isGiven(limit) ? { max_output_tokens: limit } : {}),
        // without `summary` none comes back
        ...(isGiven(effort) ? { reasoning: { effort, summary: "auto" } } : {}),
        ...(Object.keys(text).length === 0 ? {} : { text })
      }
    }
  })

/** The most tokens of a judge where the grader does not say, as recorded results of the host have it. */
export const judgeLimit = 4096

/** Makes the request of a judge in the form of responses: `reasoning` without a summary, which nothing reads. */
const judgedByResponses = (model: string, params: JsonObject, rendered: ReadonlyArray<unknown>): Made =>
  make((report) => {
    const effort = params["reasoning_effort"]
    return {
      dialect: "responses",
      body: {
        model,
        input: messages.toResponses(rendered, "input", report),
        ...given(params, ["temperature", "top_p", "seed"]),
        ...(isGiven(effort) ? { reasoning: { effort } } : {}),
        max_output_tokens: limitOf(params) ?? judgeLimit
      }
    }
  })

/**
 * Makes the request of a grader that is a model; its structured format is asked for by the call. Messages that chat
 * completions cannot say, such as those with an image by the id of a file, are written in the form of responses.
 */
export const judged = (
  grader: { readonly model: string; readonly sampling_params?: unknown },
  rendered: ReadonlyArray<unknown>
): Made => {
  const params = objectOf(grader.sampling_params)
  const { model } = grader
  const chat = make((report) => ({
    dialect: "chat",
    body: {
      model,
      messages: messages.toChat(rendered, "input", report),
      ...given(params, ["temperature", "top_p", "seed", "reasoning_effort"]),
      max_completion_tokens: limitOf(params) ?? judgeLimit
    }
  }))
  if (chat.problems.length === 0) return chat
  const responses = judgedByResponses(model, params, rendered)
  return responses.problems.length === 0 ? responses : chat
}

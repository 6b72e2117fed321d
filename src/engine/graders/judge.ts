/**
 * Graders that ask a model for a judgement: `score_model` and `label_model`.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { isObject } from "../rows/JsonText.ts"
import type { JsonObject } from "../rows/Row.ts"
import { objectOf } from "../rows/SampleMessages.ts"
import * as ValueTemplate from "../rows/ValueTemplate.ts"
import { type Fields, type Grading, notTexts, textField } from "./Grader.ts"
import { readAnswer } from "./judgeAnswer.ts"
import { type JudgeRequest, misanswered, missing, type Scored, unscored } from "./Scored.ts"

/** The differences between the types of graders that ask a model. */
export interface Judgement {
  /** The name of the format of the answer. */
  readonly name: string
  /** The JSON Schema of `result` in the answer. */
  readonly result: JsonObject
  /** The least score that passes. */
  readonly threshold: number
  /** Returns the score for `result`. A string describes the fault. */
  readonly scoreOf: (result: unknown) => number | string
}

const text = { type: "string" }

/** Makes the JSON Schema of an answer: reasons first, then the result. */
const answerSchema = (result: JsonObject): JsonObject => ({
  type: "object",
  properties: {
    steps: {
      type: "array",
      items: {
        type: "object",
        properties: { description: text, conclusion: text },
        required: ["description", "conclusion"],
        additionalProperties: false
      }
    },
    result
  },
  required: ["steps", "result"],
  additionalProperties: false
})

const isMessage = (value: unknown): boolean =>
  isObject(value) &&
  typeof value["role"] === "string" &&
  (typeof value["content"] === "string" || typeof value["content"] === "object") &&
  value["content"] !== null

/** Reads the fields of the request. The failure describes their fault. */
const requestOf = (fields: Fields): Result.Result<JudgeRequest, string> => {
  const wrong = notTexts(fields, ["model"])
  if (wrong !== undefined) return Result.fail(wrong)
  const model = textField(fields, "model")
  if (model === "") return Result.fail("model is empty; name the model that judges")
  const { input } = fields
  return Array.isArray(input) && input.length > 0 && input.every(isMessage)
    ? Result.succeed({ model, input, sampling: objectOf(fields["sampling_params"]) })
    : Result.fail("input must be a list of at least one message, each with a role and content")
}

/** Compiles a grader that asks a model. The failure describes the fault of its fields. */
export const judging = (
  fields: Fields,
  { name, result, scoreOf, threshold }: Judgement
): Result.Result<Grading, string> =>
  Result.map(requestOf(fields), (request): Grading => {
    const { model, sampling } = request
    const messages = request.input.map(ValueTemplate.compile)
    const structure = { name, schema: answerSchema(result) }

    const conclude = (sample: string): Scored => {
      const { flawed, shown, usage, value } = readAnswer(sample, sampling)
      if (flawed !== undefined) return unscored(flawed, shown(flawed), [usage])
      const score = scoreOf(value)
      if (typeof score === "string") {
        const error = { _tag: "Flawed", flag: "model_grader_parse_error", message: score } as const
        return unscored(error, shown(error), [usage])
      }
      return {
        _tag: "Scored",
        passed: score >= threshold,
        score,
        sample: shown(undefined),
        usage: [usage],
        error: undefined
      }
    }

    return {
      threshold,
      models: [{ _tag: "Judge", ...request }],
      judge: (scope) => {
        const input: Array<unknown> = []
        for (const message of messages) {
          const rendered = message.render(scope)
          if (Result.isFailure(rendered)) return missing(rendered.failure.variable)
          input.push(rendered.success)
        }
        return {
          _tag: "Ask",
          questions: [{ _tag: "Judge", model, input, sampling, structure }],
          conclude: ([reply]) => (reply?._tag === "Sampled" ? conclude(reply.sample) : misanswered())
        }
      }
    }
  })

/**
 * The verdict of a grader on a row, as a value.
 *
 * A grader that needs an answer from outside returns an {@link Ask}. Questions and replies are plain data, so that they
 * cross between the worker that judges and the process that asks.
 *
 * @internal
 */
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { JsonObject } from "../rows/Row.ts"
import type { Result, ResultSample } from "../texts/ItemText.ts"
import type { Flag } from "./flags.ts"

/** The score of a criterion that could not compare or judge: never a pass. The host scores it so. */
export const missingScore = 0

/** The reason of an errored item: a model gave no answer after all retries. */
export interface Unanswered {
  readonly _tag: "Unanswered"
  readonly flag: Flag
  readonly code: string
  readonly message: string
  /** Whether all other questions to the same model will fail too. */
  readonly fatal: boolean
}

/** The reason of a score that is not a judgement. */
export type ScoreError =
  /** The criterion scores 0, and the item is judged. */
  { readonly _tag: "Flawed"; readonly flag: Flag; readonly message: string } | Unanswered

/** The verdict of a grader. */
export interface Scored extends Result {
  readonly _tag: "Scored"
  /** The tokens of the judging. */
  readonly usage: ReadonlyArray<ModelUsage>
  readonly error: ScoreError | undefined
}

/** The parts of a request to a judge that a grader names. */
export interface JudgeRequest {
  /** The name of the model in the grader. */
  readonly model: string
  /** Messages in the format of graders. */
  readonly input: ReadonlyArray<unknown>
  /** The grader's `sampling_params`. */
  readonly sampling: JsonObject
}

/** A model that a grader asks. */
export type AskedModel =
  /** `input` holds templates that are not rendered. */
  ({ readonly _tag: "Judge" } & JudgeRequest) | { readonly _tag: "Compare"; readonly model: string }

/** A question that a grader has. */
export type Question =
  /** Asks a model for an answer in JSON of a schema. `input` is rendered. */
  | ({
      readonly _tag: "Judge"
      /** The format of the answer. `name` has letters, digits, `_` and `-`. */
      readonly structure: { readonly name: string; readonly schema: JsonObject }
    } & JudgeRequest)
  /**
   * Asks for the cosine of the embeddings of two texts. It is computed where the embeddings arrive, so that thousands of
   * numbers are not copied between processes.
   */
  | { readonly _tag: "Compare"; readonly model: string; readonly texts: readonly [string, string] }

/** The reply to a question. It is plain data that can be stored as JSON. */
export type Reply =
  /** The JSON of a sample in one of the shapes that `rows/Sample.ts` reads. */
  | { readonly _tag: "Sampled"; readonly sample: string }
  /** The cosine, from -1 to 1. */
  | { readonly _tag: "Compared"; readonly cosine: number; readonly usage: ModelUsage }
  | Unanswered

/** The questions of a grader, and the function that makes the verdict from the replies. */
export interface Ask {
  readonly _tag: "Ask"
  readonly questions: ReadonlyArray<Question>
  /** Makes the verdict from the replies, which are in the order of the questions. */
  readonly conclude: (replies: ReadonlyArray<Reply>) => Scored
}

/** The outcome of judging: a score, or questions that must be answered first. */
export type Verdict = Scored | Ask

const noUsage: ReadonlyArray<ModelUsage> = []

/** Makes a score that needed no question. */
export const scored = (score: number, threshold: number): Scored => ({
  _tag: "Scored",
  passed: score >= threshold,
  sample: null,
  score,
  usage: noUsage,
  error: undefined
})

/** Makes a score of 0 with its reason. */
export const unscored = (
  error: ScoreError,
  sample: ResultSample,
  usage: ReadonlyArray<ModelUsage> = noUsage
): Scored => ({ _tag: "Scored", passed: false, sample, score: missingScore, usage, error })

/**
 * Makes the score for a variable without a value. The result has a copy of the row's sample, byte for byte, as results of
 * the host have it.
 */
export const missing = (variable: string): Scored =>
  unscored({ _tag: "Flawed", flag: "invalid_variable_error", message: `${variable} has no value` }, "same")

/** The flag for a model that gave no answer. */
export const noAnswerFlag: Flag = "model_grader_server_error"

/** Makes the score for a reply of the wrong kind, which is a defect of the engine. */
export const misanswered = (): Scored =>
  unanswered({
    _tag: "Unanswered",
    flag: "other_error",
    code: "internal_error",
    message: "The reply does not belong to the question of the grader.",
    fatal: false
  })

/** Makes the sample of a result that has only an error. */
export const errorSample = (code: string, message: string): ResultSample => ({
  json: JSON.stringify({ error: { code, message } })
})

const unanswered = (error: Unanswered): Scored => unscored(error, errorSample(error.code, error.message))

/** Makes the verdict of an ask. A question without an answer makes its item errored. */
export const conclude = (ask: Ask, replies: ReadonlyArray<Reply>): Scored => {
  const without = replies.find((reply) => reply._tag === "Unanswered")
  return without === undefined ? ask.conclude(replies) : unanswered(without)
}

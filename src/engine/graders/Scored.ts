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

/** The reason of an item that is errored: somebody outside gave no answer, after all attempts. */
export interface Unanswered {
  readonly _tag: "Unanswered"
  readonly flag: Flag
  readonly code: string
  readonly message: string
  /** Whether all other questions to the same model will stay without an answer too. */
  readonly fatal: boolean
}

/** The reason of a score that is no judgement. */
export type ScoreError =
  /** The criterion scores 0, and the item is judged all the same. */
  { readonly _tag: "Flawed"; readonly flag: Flag; readonly message: string } | Unanswered

/** The verdict of a grader. */
export interface Scored extends Result {
  readonly _tag: "Scored"
  /** The tokens that judging took. */
  readonly usage: ReadonlyArray<ModelUsage>
  readonly error: ScoreError | undefined
}

/** The parts of a request to a judge that a grader names. */
export interface JudgeRequest {
  /** The model as the grader names it. */
  readonly model: string
  /** Messages, in the form that graders have them. */
  readonly input: ReadonlyArray<unknown>
  /** The grader's `sampling_params`. */
  readonly sampling: JsonObject
}

/** A model that a grader asks. */
export type AskedModel =
  /** `input` holds the templates as they are written. */
  ({ readonly _tag: "Judge" } & JudgeRequest) | { readonly _tag: "Compare"; readonly model: string }

/** A question that a grader has. */
export type Question =
  /** The answer of a model, as JSON of a schema. `input` has all variables filled in. */
  | ({
      readonly _tag: "Judge"
      /** The format of the answer. `name` has letters, digits, `_` and `-`. */
      readonly structure: { readonly name: string; readonly schema: JsonObject }
    } & JudgeRequest)
  /**
   * The cosine of the embeddings of two texts. Whoever embeds them computes it: thousands of numbers are not copied
   * between processes then.
   */
  | { readonly _tag: "Compare"; readonly model: string; readonly texts: readonly [string, string] }

/** The reply to a question. It is plain data that can be kept as JSON. */
export type Reply =
  /** JSON of a sample in one of the shapes that `rows/Sample.ts` reads. */
  | { readonly _tag: "Sampled"; readonly sample: string }
  /** The cosine, from -1 to 1. */
  | { readonly _tag: "Compared"; readonly cosine: number; readonly usage: ModelUsage }
  | Unanswered

/** The questions of a grader, and its verdict once they are replied to. */
export interface Ask {
  readonly _tag: "Ask"
  readonly questions: ReadonlyArray<Question>
  /** Concludes from the replies, which are in the order of the questions. */
  readonly conclude: (replies: ReadonlyArray<Reply>) => Scored
}

/** The outcome of judging: a score, or questions that come first. */
export type Verdict = Scored | Ask

const noUsage: ReadonlyArray<ModelUsage> = []

/** A score that was found without help. */
export const scored = (score: number, threshold: number): Scored => ({
  _tag: "Scored",
  passed: score >= threshold,
  sample: null,
  score,
  usage: noUsage,
  error: undefined
})

/** A score of 0 with its reason. */
export const unscored = (
  error: ScoreError,
  sample: ResultSample,
  usage: ReadonlyArray<ModelUsage> = noUsage
): Scored => ({ _tag: "Scored", passed: false, sample, score: missingScore, usage, error })

/**
 * The score of a template with a variable that has no value. The result shows the sample of the row, byte for byte as
 * the item shows it: so does the host.
 */
export const missing = (variable: string): Scored =>
  unscored({ _tag: "Flawed", flag: "invalid_variable_error", message: `${variable} has no value` }, "same")

/** The flag of a model that was asked and gave no answer. */
export const noAnswerFlag: Flag = "model_grader_server_error"

/** The score of a criterion whose question has a reply of another kind, which is a fault of the engine. */
export const misanswered = (): Scored =>
  unanswered({
    _tag: "Unanswered",
    flag: "other_error",
    code: "internal_error",
    message: "The reply does not belong to the question of the grader.",
    fatal: false
  })

/** The JSON of a result's sample that tells an error alone. */
export const errorSample = (code: string, message: string): ResultSample => ({
  json: JSON.stringify({ error: { code, message } })
})

const unanswered = (error: Unanswered): Scored => unscored(error, errorSample(error.code, error.message))

/** Concludes an ask. A question without an answer makes its item errored. */
export const conclude = (ask: Ask, replies: ReadonlyArray<Reply>): Scored => {
  const without = replies.find((reply) => reply._tag === "Unanswered")
  return without === undefined ? ask.conclude(replies) : unanswered(without)
}

/**
 * The verdict of a grader on a row, as a value.
 *
 * A grader that needs an answer from outside returns an {@link Ask}. Questions and replies are plain data, so that they
 * cross between the worker that judges and the process that asks.
 *
 * @internal
 */
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { Result, ResultSample } from "../texts/ItemText.ts"
import type { Flag } from "./flags.ts"

/** The score of a criterion that could not compare or judge: never a pass. The host scores it so. */
export const missingScore = 0

/** The reason of a score that is no judgement. */
export type ScoreError =
  /** The criterion scores 0, and the item is judged all the same. */
  | { readonly _tag: "Flawed"; readonly flag: Flag; readonly message: string }
  /** Somebody outside did not answer. The item is errored. */
  | { readonly _tag: "Unanswered"; readonly flag: Flag; readonly code: string; readonly message: string }

/** The verdict of a grader. */
export interface Scored extends Result {
  readonly _tag: "Scored"
  /** The tokens that judging took. */
  readonly usage: ReadonlyArray<ModelUsage>
  readonly error: ScoreError | undefined
}

/** A question that a grader has. */
export type Question =
  /** A chat completion whose answer is JSON of a schema. */
  | {
      readonly _tag: "Judge"
      readonly model: string
      /** The body of the request without `model` and the format of the answer. */
      readonly body: { readonly [name: string]: unknown }
      /** The JSON Schema of the answer. */
      readonly schema: { readonly [name: string]: unknown }
    }
  /** The vectors of some texts. */
  | { readonly _tag: "Embed"; readonly model: string; readonly inputs: ReadonlyArray<string> }

/** The reply to a question. */
export type Reply =
  /** JSON of a sample in one of the shapes that `rows/Sample.ts` reads. */
  | { readonly _tag: "Sampled"; readonly sample: string }
  /** One vector for each input, in their order. */
  | {
      readonly _tag: "Embedded"
      readonly vectors: ReadonlyArray<ReadonlyArray<number>>
      readonly usage: ModelUsage | undefined
    }
  /** There is no answer, after all attempts. */
  | { readonly _tag: "Unanswered"; readonly flag: Flag; readonly code: string; readonly message: string }

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

/** The JSON of a result's sample that tells an error alone. */
export const errorSample = (code: string, message: string): ResultSample => ({
  json: JSON.stringify({ error: { code, message } })
})

/** Concludes an ask. A question without an answer makes its item errored. */
export const conclude = (ask: Ask, replies: ReadonlyArray<Reply>): Scored => {
  const unanswered = replies.find((reply) => reply._tag === "Unanswered")
  return unanswered === undefined
    ? ask.conclude(replies)
    : unscored(unanswered, errorSample(unanswered.code, unanswered.message))
}

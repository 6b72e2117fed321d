/**
 * A grader that is ready to score rows, and which graders this engine has.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import type { Missing, Scope } from "../Template.ts"
import * as stringCheck from "./stringCheck.ts"
import * as textSimilarity from "./textSimilarity.ts"

/** A grader that was read. */
export interface Grading {
  /** The score of a row, or the variable that has no value there. */
  readonly score: (scope: Scope) => Result.Result<number, Missing>
  /** The least score that passes. */
  readonly threshold: number
}

/** What an input or a reference without a value scores (never a pass): the host scores it so. */
export const missingScore = 0

/** The graders that this engine runs, for messages. */
export const runs = "string_check, and text_similarity with every metric but cosine"

const notRun = (type: string): string =>
  `this engine cannot run a grader of type ${JSON.stringify(type)} yet; it runs ${runs}`

/** Why an object of this type that is no grader of the API cannot be run. */
export const unreadable = (type: string): string =>
  type === "string_check" || type === "text_similarity"
    ? `a field that ${type} needs is missing or is not of its type`
    : notRun(type)

/** Reads a grader; the failure says why this engine cannot run it. */
export const compile = (grader: Grader.Grader | Grader.GraderParam): Result.Result<Grading, string> => {
  switch (grader.type) {
    case "string_check":
      return stringCheck.compile(grader)
    case "text_similarity":
      return textSimilarity.compile(grader)
    default:
      return Result.fail(notRun(grader.type))
  }
}

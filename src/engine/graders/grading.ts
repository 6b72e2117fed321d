/**
 * A grader that is ready to score rows, and which graders this engine has.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type { Grading } from "./score.ts"
import * as stringCheck from "./stringCheck.ts"
import * as textSimilarity from "./textSimilarity.ts"

/** What an input or a reference without a value scores (never a pass): the host scores it so. */
export const missingScore = 0

/** The graders that this engine runs, for messages. */
export const runs = "string_check, and text_similarity with every metric but cosine"

const notRun = (type: string): string =>
  `this engine cannot run a grader of type ${JSON.stringify(type)} yet; it runs ${runs}`

type Fields = { readonly [name: string]: unknown }

const areTexts = (fields: Fields, ...names: ReadonlyArray<string>): boolean =>
  names.every((name) => typeof fields[name] === "string")

// looked at by hand, since the schemas take a worker longer to load than a thousand rows to judge
const isStringCheck = (fields: Fields): fields is Fields & stringCheck.StringCheck =>
  areTexts(fields, "input", "reference", "operation")

const isTextSimilarity = (fields: Fields): fields is Fields & textSimilarity.TextSimilarity =>
  areTexts(fields, "input", "reference", "evaluation_metric") &&
  (fields["pass_threshold"] === undefined ||
    fields["pass_threshold"] === null ||
    Number.isFinite(fields["pass_threshold"]))

const unreadable = (type: string): Result.Result<never, string> =>
  Result.fail(`a field that ${type} needs is missing or is not of its type`)

/** Reads a grader, which may be a host's own; the failure says why this engine cannot run it. */
export const compile = (grader: Fields): Result.Result<Grading, string> => {
  const type = String(grader["type"] ?? "")
  switch (type) {
    case "string_check":
      return isStringCheck(grader) ? stringCheck.compile(grader) : unreadable(type)
    case "text_similarity":
      return isTextSimilarity(grader) ? textSimilarity.compile(grader) : unreadable(type)
    default:
      return Result.fail(notRun(type))
  }
}

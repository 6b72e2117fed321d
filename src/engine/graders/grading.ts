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

const texts = {
  string_check: ["input", "reference", "operation"],
  text_similarity: ["input", "reference", "evaluation_metric"]
} as const

const notTexts = (type: keyof typeof texts, fields: Fields): ReadonlyArray<string> =>
  texts[type].filter((name) => typeof fields[name] !== "string")

// looked at by hand, since the schemas take a worker longer to load than a thousand rows to judge
const isStringCheck = (fields: Fields): fields is Fields & stringCheck.StringCheck =>
  notTexts("string_check", fields).length === 0

const isTextSimilarity = (fields: Fields): fields is Fields & textSimilarity.TextSimilarity =>
  notTexts("text_similarity", fields).length === 0 &&
  (fields["pass_threshold"] === undefined ||
    fields["pass_threshold"] === null ||
    Number.isFinite(fields["pass_threshold"]))

const unreadable = (type: keyof typeof texts, fields: Fields): Result.Result<never, string> => {
  const [first, ...others] = notTexts(type, fields)
  return Result.fail(
    first === undefined
      ? "pass_threshold must be a number"
      : `${[first, ...others].join(", ")} must be ${others.length === 0 ? "a text" : "texts"}`
  )
}

/** Reads a grader, which may be a host's own; the failure says why this engine cannot run it. */
export const compile = (grader: Fields): Result.Result<Grading, string> => {
  const type = String(grader["type"] ?? "")
  switch (type) {
    case "string_check":
      return isStringCheck(grader) ? stringCheck.compile(grader) : unreadable(type, grader)
    case "text_similarity":
      return isTextSimilarity(grader) ? textSimilarity.compile(grader) : unreadable(type, grader)
    default:
      return Result.fail(notRun(type))
  }
}

/**
 * Sentences for the explanations of results.
 */
import { plain } from "../report/plainText.ts"
import type { NotPassed } from "../report/problem.ts"
import type { Compared, Missing } from "../schema/Explanation.ts"
import { cut } from "./textLayout.ts"

/** The length of a compared text in a line. */
const shownLength = 40

const quoted = (text: string): string => JSON.stringify(cut(plain(text), shownLength))

/** Formats a score with at most four digits. */
export const formatScore = (score: number | null): string =>
  score === null ? "" : String(Math.round(score * 10_000) / 10_000)

/** Says which variable had no value. */
export const formatMissing = ({ certain, variables }: Missing): string => {
  const [first, ...more] = variables.map(plain)
  if (first === undefined) return "a variable has no value"
  return more.length === 0
    ? `${first} has no value`
    : `${certain ? "" : "one of "}${[first, ...more].join(", ")} ${certain ? "have" : "has"} no value`
}

const formatCompared = ({ by, input, reference }: Compared, score: number | null): string => {
  switch (by) {
    case "eq":
      return `${quoted(input)} is not ${quoted(reference)}`
    case "ne":
      return `both are ${quoted(input)}`
    case "like":
    case "ilike":
      return `${quoted(input)} does not contain ${quoted(reference)}`
    default:
      return `${quoted(input)} against ${quoted(reference)} scores ${score === null ? "no score" : formatScore(score)}`
  }
}

/** Says in a line why a criterion did not pass. Empty if only the result is known. */
export const formatExplanation = ({ explanation, score }: NotPassed): string =>
  explanation?._tag === "Missing"
    ? formatMissing(explanation)
    : explanation?._tag === "Unjudged"
      ? plain(explanation.message)
      : explanation?._tag === "Compared" && explanation.certain
        ? formatCompared(explanation, score)
        : ""

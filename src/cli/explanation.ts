/**
 * Explanations of results, in words.
 */
import type { Compared, Explanation, Missing } from "../engine/graders/explainResults.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { cut, plain } from "./format.ts"

/** How much of a text that was compared stands in a line. */
const shownLength = 40

const quoted = (text: string): string => JSON.stringify(cut(plain(text), shownLength))

const shownScore = (score: number | null): string =>
  score === null ? "no score" : String(Math.round(score * 10_000) / 10_000)

/** Says which variable had no value. */
export const missingWords = ({ certain, variables }: Missing): string => {
  const [first, ...more] = variables.map(plain)
  if (first === undefined) return "a variable has no value"
  return more.length === 0
    ? `${first} has no value`
    : `${certain ? "" : "one of "}${[first, ...more].join(", ")} ${certain ? "have" : "has"} no value`
}

/** Names each variable without a value. Several are one name where it is not known which of them it is. */
export const unsetVariables = (explanation: Explanation): ReadonlyArray<string> => {
  if (explanation._tag !== "Missing") return []
  const names = explanation.variables.map(plain)
  return explanation.certain ? names : [names.length === 0 ? "a variable" : `one of ${names.join(", ")}`]
}

const comparedWords = ({ by, input, reference }: Compared, score: number | null): string => {
  switch (by) {
    case "eq":
      return `${quoted(input)} is not ${quoted(reference)}`
    case "ne":
      return `both are ${quoted(input)}`
    case "like":
    case "ilike":
      return `${quoted(input)} does not contain ${quoted(reference)}`
    default:
      return `${quoted(input)} against ${quoted(reference)} scores ${shownScore(score)}`
  }
}

/** Says in a line why a criterion did not pass; empty where nothing but the result is known. */
export const explanationWords = (explanation: Explanation | undefined, result: OutputItem.Result): string =>
  explanation?._tag === "Missing"
    ? missingWords(explanation)
    : explanation?._tag === "Compared" && explanation.certain
      ? comparedWords(explanation, result.score)
      : ""

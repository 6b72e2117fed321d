/**
 * Output items, for people.
 */
import * as Predicate from "effect/Predicate"
import type { Explanation } from "../engine/graders/explainResults.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { shortNames } from "./criteria.ts"
import { explanationWords } from "./explanation.ts"
import { cut, plain } from "./format.ts"

const scalar = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? plain(String(value)) : ""

const mostFields = 6

const noExplanations: ReadonlyArray<Explanation> = []

/** What an item is, in short: its first fields. */
export const brief = (item: OutputItem.OutputItem, length: number): string =>
  cut(
    Object.values(item.datasource_item)
      .map(scalar)
      .filter((value) => value !== "")
      .slice(0, mostFields)
      .join(" · "),
    length
  )

const messageOf = (sample: unknown): string =>
  Predicate.hasProperty(sample, "error") && Predicate.hasProperty(sample.error, "message")
    ? scalar(sample.error.message)
    : ""

/** Why there is no outcome for an item: its sample could not be taken, or not be judged. Empty where nobody says so. */
const reasonOf = ({ results, sample }: OutputItem.OutputItem): string =>
  [sample, ...results.map((result) => result.sample)].map(messageOf).find((message) => message !== "") ?? ""

/** Whether an item neither passed nor failed. */
export const isErrored = ({ sample, status }: OutputItem.OutputItem): boolean =>
  status === "error" || Predicate.isNotNullish(sample?.error)

/**
 * What went wrong with an item: the criteria that it did not pass and why, or why
 * they could not tell. `explanations` are those of its results, in their order.
 */
export const problemOf = (
  item: OutputItem.OutputItem,
  explanations: ReadonlyArray<Explanation> = noExplanations
): string => {
  if (isErrored(item)) return reasonOf(item)
  const names = shortNames(item.results.map(({ name }) => name))
  return item.results
    .flatMap((result, index) => {
      if (result.passed) return []
      const why = explanationWords(explanations[index], result)
      return [`${names.get(result.name) ?? result.name}${why === "" ? "" : `: ${why}`}`]
    })
    .join("; ")
}

/** A line for each item. Without a width nothing is cut. */
export const lineOf = (
  item: OutputItem.OutputItem,
  explanations: ReadonlyArray<Explanation>,
  width: number | undefined
): string => {
  const head = `${String(item.datasource_item_id).padStart(7)}  ${item.status.padEnd(5)}  `
  const problem = problemOf(item, explanations)
  if (width === undefined) return `${head}${brief(item, 160)}${problem === "" ? "" : `  [${problem}]`}`
  const room = Math.max(20, width - head.length)
  const end = problem === "" ? "" : `  [${cut(problem, Math.floor(room / 2))}]`
  return cut(`${head}${brief(item, room - end.length)}${end}`, width)
}

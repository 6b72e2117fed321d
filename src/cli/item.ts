/**
 * Output items in a line.
 */
import { leadingFields, problemOf } from "../report/problem.ts"
import type { Explanation } from "../schema/Explanation.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { formatExplanation } from "./explanation.ts"
import { cut } from "./textLayout.ts"

/** Formats the first fields of an item. */
export const formatFields = (item: OutputItem.OutputItem, length: number): string =>
  cut(leadingFields(item).join(" · "), length)

/**
 * Formats the problem of an item: the criteria that it did not pass and why, or the error. `explanations` belong to its
 * results, in their order.
 */
export const formatProblem = (item: OutputItem.OutputItem, explanations: ReadonlyArray<Explanation>): string => {
  const problem = problemOf(item, explanations)
  return problem._tag === "Errored"
    ? problem.message
    : problem.criteria
        .map((one) => {
          const why = formatExplanation(one)
          return `${one.criterion}${why === "" ? "" : `: ${why}`}`
        })
        .join("; ")
}

/** Formats an item as a line. Without a width nothing is cut. */
export const formatItem = (
  item: OutputItem.OutputItem,
  explanations: ReadonlyArray<Explanation>,
  width: number | undefined
): string => {
  const head = `${String(item.datasource_item_id).padStart(7)}  ${item.status.padEnd(5)}  `
  const problem = formatProblem(item, explanations)
  if (width === undefined) return `${head}${formatFields(item, 160)}${problem === "" ? "" : `  [${problem}]`}`
  const room = Math.max(20, width - head.length)
  const end = problem === "" ? "" : `  [${cut(problem, Math.floor(room / 2))}]`
  return cut(`${head}${formatFields(item, room - end.length)}${end}`, width)
}

/**
 * Output items, for people.
 */
import type * as OutputItem from "../schema/OutputItem.ts"
import { shortNames } from "./criteria.ts"
import { cut, plain } from "./words.ts"

const scalar = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? plain(String(value)) : ""

const mostFields = 6

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

/** The criteria that an item did not pass. */
export const failedOf = (item: OutputItem.OutputItem): ReadonlyArray<string> => {
  const names = shortNames(item.results.map(({ name }) => name))
  return item.results.flatMap(({ name, passed }) => (passed ? [] : [names.get(name) ?? name]))
}

/** A line for each item. Without a width nothing is cut. */
export const lineOf = (item: OutputItem.OutputItem, width: number | undefined): string => {
  const head = `${String(item.datasource_item_id).padStart(7)}  ${item.status.padEnd(5)}  `
  const failed = failedOf(item).join(", ")
  if (width === undefined) return `${head}${brief(item, 160)}${failed === "" ? "" : `  [${failed}]`}`
  const room = Math.max(20, width - head.length)
  const end = failed === "" ? "" : `  [${cut(failed, Math.floor(room / 2))}]`
  return cut(`${head}${brief(item, room - end.length)}${end}`, width)
}

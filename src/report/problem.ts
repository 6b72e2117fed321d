/**
 * The problem of an output item: the criteria that it did not pass, or the error that kept it from being judged.
 */
import type { Explanation } from "../schema/Explanation.ts"
import { at } from "../schema/fields.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { shortNames } from "./criteria.ts"
import { plain } from "./plainText.ts"

/** A criterion that an item did not pass. */
export interface NotPassed {
  readonly criterion: string
  readonly score: number | null
  readonly explanation: Explanation | undefined
}

/** The problem of an output item. The list of a passed item is empty, and so is the message of an unknown error. */
export type Problem =
  | { readonly _tag: "Errored"; readonly message: string }
  | { readonly _tag: "NotPassed"; readonly criteria: ReadonlyArray<NotPassed> }

/** Returns whether an item neither passed nor failed. */
export const isErrored = ({ sample, status }: OutputItem.OutputItem): boolean =>
  status === "error" || (sample?.error !== undefined && sample.error !== null)

const scalar = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? plain(String(value)) : ""

/** Returns the error of sampling, or the first error of judging. */
const errorMessage = ({ results, sample }: OutputItem.OutputItem): string =>
  [sample, ...results.map((result) => result.sample)]
    .map((each) => scalar(at(each, "error", "message")))
    .find((message) => message !== "") ?? ""

/** Returns the problem of an item. `explanations` belong to its results, in their order. */
export const problemOf = (item: OutputItem.OutputItem, explanations: ReadonlyArray<Explanation>): Problem => {
  if (isErrored(item)) return { _tag: "Errored", message: errorMessage(item) }
  const names = shortNames(item.results.map(({ name }) => name))
  return {
    _tag: "NotPassed",
    criteria: item.results.flatMap(({ name, passed, score }, index) =>
      passed ? [] : [{ criterion: names.get(name) ?? name, score, explanation: explanations[index] }]
    )
  }
}

const mostFields = 6

/** Returns the first fields of an item that have a short text: its row in brief. */
export const leadingFields = (item: OutputItem.OutputItem): ReadonlyArray<string> =>
  Object.values(item.datasource_item)
    .map(scalar)
    .filter((value) => value !== "")
    .slice(0, mostFields)

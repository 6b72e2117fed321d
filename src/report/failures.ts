/**
 * Items that did not pass: some examples, and the variables that had no value.
 */
import type * as Eval from "../schema/Eval.ts"
import type { Explanation } from "../schema/Explanation.ts"
import { at } from "../schema/fields.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { shortNames } from "./criteria.ts"
import { plain } from "./plainText.ts"

/** An item, and the explanations of its results in their order. */
export interface Example {
  readonly item: OutputItem.OutputItem
  readonly explanations: ReadonlyArray<Explanation>
}

/** A variable without a value. */
export interface UnsetVariable {
  /** The variable as the template has it. Several are joined if the item does not tell which of them it is. */
  readonly variable: string
  /** The number of items without it. */
  readonly items: number
  /** The names of the criteria that read it. */
  readonly criteria: ReadonlyArray<string>
}

/** Items that did not pass. */
export interface Failures {
  readonly examples: ReadonlyArray<Example>
  /** The variable that most items lack comes first. */
  readonly unset: ReadonlyArray<UnsetVariable>
  /** The number of failed items that were searched for variables without a value. */
  readonly looked: number
}

/** The most examples of a report. */
export const mostExamples = 5

/** No item was read. */
export const none: Failures = { examples: [], unset: [], looked: 0 }

/** Names each variable without a value. Candidates are one name if it is not known which of them it is. */
const unsetVariables = (explanation: Explanation): ReadonlyArray<string> => {
  if (explanation._tag !== "Missing") return []
  const names = explanation.variables.map(plain)
  return explanation.certain ? names : [names.length === 0 ? "a variable" : `one of ${names.join(", ")}`]
}

/** Collects failed items of an eval, one after another. Undefined stands for an item that cannot be decoded. */
export const collectFailures = (one: Eval.Eval) => {
  const names = shortNames(
    one.testing_criteria.map((grader) => at(grader, "id")).filter((id) => typeof id === "string")
  )
  const examples: Array<Example> = []
  const counts = new Map<string, { items: number; readonly criteria: Set<string> }>()
  let looked = 0
  const countUnset = ({ explanations, item }: Example): void => {
    const variables = new Map<string, Set<string>>()
    for (const [index, explanation] of explanations.entries()) {
      const name = item.results[index]?.name ?? ""
      for (const variable of unsetVariables(explanation)) {
        variables.set(variable, (variables.get(variable) ?? new Set()).add(names.get(name) ?? name))
      }
    }
    for (const [variable, criteria] of variables) {
      const known = counts.get(variable) ?? { items: 0, criteria: new Set() }
      known.items++
      for (const name of criteria) known.criteria.add(name)
      counts.set(variable, known)
    }
  }
  return {
    add: (example: Example | undefined): void => {
      looked++
      if (example === undefined) return
      if (examples.length < mostExamples) examples.push(example)
      countUnset(example)
    },
    failures: (): Failures => {
      const unset = Array.from(counts, ([variable, known]) => ({ variable, ...known, criteria: [...known.criteria] }))
      return { examples, unset: unset.toSorted((one, other) => other.items - one.items), looked }
    }
  }
}

/**
 * Items of a run that failed or errored, for its summary: some examples, and how
 * many items lacked which variable.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Explanation } from "../engine/graders/explainResults.ts"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type * as Eval from "../schema/Eval.ts"
import { at } from "../schema/fields.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import type * as Run from "../schema/Run.ts"
import { shortNames } from "./criteria.ts"
import { unsetVariables } from "./explanation.ts"
import { isErrored } from "./item.ts"
import { explained, isItem, rawItems } from "./rawItems.ts"

/** An item, and why its results are what they are. */
export interface Example {
  readonly item: OutputItem.OutputItem
  readonly explanations: ReadonlyArray<Explanation>
}

/** A variable without a value. */
export interface Unset {
  /** As the template has it; several, joined, where the item does not tell which of them it is. */
  readonly variable: string
  /** How many items lacked it. */
  readonly items: number
  /** The names of the criteria that read it. */
  readonly criteria: ReadonlyArray<string>
}

/** What a summary says of items that did not pass. */
export interface Failures {
  readonly examples: ReadonlyArray<Example>
  /** Most items first. */
  readonly unset: ReadonlyArray<Unset>
  /** How many failed items were looked at for {@link Failures.unset}. */
  readonly looked: number
}

/** How many items that failed, or else errored, a summary shows. */
const mostExamples = 5

/** How many items are looked at; a host is asked for a hundred at a time. */
const most = { file: 10_000, host: 1000 } as const

/** How many bytes of items are looked at. */
const mostBytes = 64 * 1024 * 1024

const failedOf = (one: Eval.Eval, { eval_id, id }: Run.Run, embedded: boolean) => {
  const ids = one.testing_criteria.map((grader) => at(grader, "id"))
  const names = shortNames(ids.filter((id) => typeof id === "string"))
  const examples: Array<Example> = []
  const counts = new Map<string, { items: number; readonly criteria: Set<string> }>()
  let looked = 0
  let bytes = 0
  const count = ({ explanations, item }: Example): void => {
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
  return rawItems(eval_id, id, { status: "fail" }).pipe(
    Stream.take(embedded ? most.file : most.host),
    Stream.takeUntil((found) => (bytes += found.bytes.length) > mostBytes),
    Stream.runForEach(({ bytes: text, value }) =>
      Effect.sync(() => {
        looked++
        if (!isItem(value)) return
        const example = { item: value, explanations: explained(one.testing_criteria, value, text) }
        if (examples.length < mostExamples) examples.push(example)
        count(example)
      })
    ),
    Effect.map((): Failures => {
      const unset = Array.from(counts, ([variable, known]) => ({ variable, ...known, criteria: [...known.criteria] }))
      return { examples, unset: unset.toSorted((one, other) => other.items - one.items), looked }
    })
  )
}

// a host lists those that failed alone, but not those that errored
const erroredOf = ({ eval_id, id }: Run.Run) =>
  rawItems(eval_id, id, {}).pipe(
    Stream.take(most.host),
    Stream.filterMap(({ value }) => (isItem(value) && isErrored(value) ? Result.succeed(value) : Result.fail(value))),
    Stream.take(mostExamples),
    Stream.runCollect,
    Effect.map((items): Failures => ({
      examples: items.map((item) => ({ item, explanations: [] })),
      unset: [],
      looked: 0
    }))
  )

const none: Failures = { examples: [], unset: [], looked: 0 }

/** Looks at items that failed, or else errored. `embedded` says that no host has to be asked for them. */
export const failuresOf = (
  one: Eval.Eval,
  run: Run.Run,
  embedded: boolean
): Effect.Effect<Failures, EvalsError, EvalsClient> =>
  run.result_counts.failed > 0
    ? failedOf(one, run, embedded)
    : run.result_counts.errored > 0
      ? erroredOf(run)
      : Effect.succeed(none)

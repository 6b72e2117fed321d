/**
 * What a run came to: for people, and as JSON.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type * as Eval from "../schema/Eval.ts"
import { at } from "../schema/fields.ts"
import * as Run from "../schema/Run.ts"
import { comparison } from "./comparison.ts"
import * as Criteria from "./criteria.ts"
import { type Example, type Failures, failuresOf } from "./failures.ts"
import * as Item from "./item.ts"
import { outputWidth } from "./outputWidth.ts"
import type { Target } from "./target.ts"
import { couldNotRun, gateNotMet, type Stop, unfinished } from "./Stop.ts"
import {
  bar,
  count,
  cut,
  duration,
  fittedTable,
  percent,
  percentAgainst,
  plain,
  shareAgainst,
  some,
  table
} from "./format.ts"

/** A run to be summed up. */
export interface Subject {
  readonly eval: Eval.Eval
  readonly run: Run.Run
  /** The run of the same eval that was completed last before, where they are compared. */
  readonly before?: Run.Run | undefined
  readonly target: Target
  /** The criteria as they were sent, where that is known. */
  readonly sent?: ReadonlyArray<unknown> | undefined
  /** The number of its rows, where the run does not say it itself and it is known. */
  readonly rows?: number | undefined
  /** How long it took, where that was seen. */
  readonly seconds: number | undefined
  /** The least share of items that must pass, where one was asked for. */
  readonly minPassRate: number | undefined
  /** What the host warned of when the run was created. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

const criteriaOf = ({ eval: one, target, run, sent }: Subject): ReadonlyArray<Criteria.Criterion> =>
  Criteria.of(one, run, { embedded: target.database !== undefined, sent })

/** Whether enough items passed; null where nothing was asked for, the run is not completed, or nothing was judged. */
export type Gate = "passed" | "failed" | null

/** Why a gate decides nothing: without criteria every item passes, and without items there is no share. */
const emptyGate = ({ eval: one, minPassRate, run }: Subject): string | undefined =>
  minPassRate === undefined || run.status !== "completed"
    ? undefined
    : one.testing_criteria.length === 0
      ? "the eval has no criteria, so that every item passes; add one to its testing_criteria"
      : run.result_counts.total === 0
        ? "the run has no items"
        : undefined

/** The share of items that passed, from 0 to 1; null while there are none. Items that errored count among all. */
export const passRate = ({ result_counts: { passed, total } }: Run.Run): number | null =>
  total === 0 ? null : passed / total

const gateOf = (subject: Subject): Gate => {
  const { minPassRate, run } = subject
  return minPassRate === undefined || run.status !== "completed" || emptyGate(subject) !== undefined
    ? null
    : (passRate(run) ?? 0) >= minPassRate
      ? "passed"
      : "failed"
}

const failures = ({ eval: one, target, run }: Subject) => failuresOf(one, run, target.database !== undefined)

// =============================================================================
// words
// =============================================================================

/** Without a terminal lines are as long as they are. */
const ample = 120

const heading = ({ eval: one, run, seconds }: Subject): ReadonlyArray<string> => {
  const name = plain(run.name ?? "")
  return [
    `run    ${run.id}  ${run.status}${seconds === undefined ? "" : ` in ${duration(seconds)}`}`,
    ...(name === "" || name === run.id || name === run.model ? [] : [`       ${name}`]),
    `eval   ${one.id}`,
    ...(one.name === null || plain(one.name) === "" ? [] : [`       ${plain(one.name)}`]),
    ...(run.model === null || plain(run.model) === "" ? [] : [`model  ${plain(run.model)}`])
  ]
}

const rowsOf = ({ rows, run }: Subject): number | undefined => {
  const inline = at(run, "data_source", "source", "content")
  return run.evals_rows?.total ?? rows ?? (Array.isArray(inline) ? inline.length : undefined)
}

// what was judged may look perfect, and be a part
const partly = (subject: Subject): ReadonlyArray<string> => {
  const { result_counts, status } = subject.run
  const rows = rowsOf(subject)
  if (status === "completed" || rows === result_counts.total) return []
  // a run may have failed for what became of all its rows
  if (status === "failed" && rows === undefined && result_counts.total > 0) return []
  const so = Run.isTerminal(status) ? `${status} before its end` : `${status}, not at its end yet`
  return [
    rows === undefined
      ? `       ${so}: only the rows judged so far are counted`
      : `       ${so}: ${count(rows - result_counts.total)} of ${some(rows, "row")} not judged`
  ]
}

const totals = ({ minPassRate, run }: Subject): string => {
  const { errored, failed, passed, total } = run.result_counts
  const rate = passRate(run)
  return (
    `items  ${count(passed)} passed, ${count(failed)} failed, ${count(errored)} errored, ${count(total)} ` +
    (run.status === "completed" ? "in all" : "judged") +
    (rate === null ? "" : `: ${percentAgainst(rate, minPassRate)} passed`)
  )
}

const thresholdWords = ({ assumed, passThreshold }: Criteria.Criterion): string =>
  assumed ? (passThreshold === undefined ? "(not given)" : `${passThreshold} (assumed)`) : String(passThreshold ?? "")

const criteria = (found: ReadonlyArray<Criteria.Criterion>, width: number): ReadonlyArray<string> => {
  const rows = found.map((one) => [
    `${one.type} ${one.detail}`.trimEnd(),
    thresholdWords(one),
    count(one.passed),
    count(one.failed),
    one.passRate === null ? "" : percent(one.passRate)
  ])
  const figures = table([["grader", "threshold", "passed", "failed", "rate"], ...rows], 1)
  const most = Math.max(9, ...found.map(({ name }) => name.length))
  const room = Math.max(16, Math.min(most, width - Math.max(...figures.map(({ length }) => length)) - 2))
  if (width < room + 2 + Math.max(...figures.map(({ length }) => length))) {
    const heads = ["criterion", "grader", "threshold", "passed", "failed", "rate"]
    return fittedTable([heads, ...rows.map((cells, index) => [found[index]?.name ?? "", ...cells])], 2, width)
  }
  const bars = width >= room + Math.max(...figures.map(({ length }) => length)) + 2 + 14
  return figures.map((line, index) => {
    const one = found[index - 1]
    const name = one === undefined ? "criterion" : cut(one.name, room)
    const drawn = bars && one !== undefined && one.passRate !== null ? `  ${bar(one.passRate, 12)}` : ""
    return `${name.padEnd(room)}  ${line}${drawn}`
  })
}

const footnotes = (found: ReadonlyArray<Criteria.Criterion>): ReadonlyArray<string> => {
  const named = (some: ReadonlyArray<Criteria.Criterion>) => some.map(({ name }) => `"${name}"`).join(", ")
  const assumed = found.filter((one) => one.assumed && one.passThreshold !== undefined)
  const open = found.filter((one) => one.assumed && one.passThreshold === undefined)
  return [
    ...(assumed.length === 0
      ? []
      : ["", `(assumed)  no pass_threshold is set for ${named(assumed)}: the default is taken`]),
    ...(open.length === 0 ? [] : ["", `(not given)  no pass_threshold is set for ${named(open)}: the host decides`])
  ]
}

/** The flags that lead to the items of a run. */
export const itemFlags = ({ target, run }: Pick<Subject, "target" | "run">): string =>
  `${target.flags}${target.database === undefined ? ` --eval ${run.eval_id}` : ""}`

/** The least that is shown of an item beside the other columns. */
const leastOfItem = 20

/** How many variables without a value a summary names. */
const mostUnset = 10

const unsetLines = ({ run }: Subject, { looked, unset }: Failures, width: number): ReadonlyArray<string> => {
  if (unset.length === 0) return []
  const { failed } = run.result_counts
  const among = looked < failed ? ` among the first ${count(looked)} of ${some(failed, "failing item")}` : ""
  const more = unset.length - mostUnset
  return [
    "",
    ...fittedTable(
      [
        [`without a value${among}`, "items", "criterion"],
        ...unset
          .slice(0, mostUnset)
          .map(({ criteria, items, variable }) => [variable, count(items), criteria.join(", ")])
      ].map(([variable = "", items = "", names = ""]) => [variable, items.padStart(7), names]),
      3,
      width
    ),
    ...(more > 0 ? [`and ${some(more, "other variable")}`] : [])
  ]
}

const exampleLines = (subject: Subject, shown: ReadonlyArray<Example>, width: number) => {
  const { errored, failed } = subject.run.result_counts
  const [all, one, status] =
    failed > 0 ? ([failed, "failing item", "fail"] as const) : ([errored, "errored item", "error"] as const)
  const more = `more: effect-evals items ${subject.run.id} --status ${status}${itemFlags(subject)}`
  if (shown.length === 0) return failed === 0 && errored > 0 ? ["", more] : []
  const room = Math.max(20, Math.floor(width * 0.5))
  const problems = shown.map(({ explanations, item }) => cut(Item.problemOf(item, explanations), room))
  const heads = table(
    [
      ["row", failed > 0 ? "failed" : "why"],
      ...shown.map(({ item }, index) => [String(item.datasource_item_id), problems[index] ?? ""])
    ].map(([row = "", what = ""]) => [row.padStart(5), what]),
    2
  )
  const most = Math.max(...heads.map(({ length }) => length))
  if (width < most + 2 + leastOfItem) {
    return [
      "",
      `${count(shown.length)} of ${some(all, one)}`,
      ...shown.flatMap(({ item }, index) => [
        cut(`row ${item.datasource_item_id}: ${problems[index] ?? ""}`, width),
        `  ${Item.brief(item, width - 2)}`
      ]),
      more
    ]
  }
  return [
    "",
    `${count(shown.length)} of ${some(all, one)}`,
    ...heads.map((head, index) => {
      const item = shown[index - 1]?.item
      const what = item === undefined ? "item" : Item.brief(item, width - most - 2)
      return `${head.padEnd(most)}  ${what}`
    }),
    more
  ]
}

const judgement = ({ minPassRate, run }: Subject): string => {
  const { passed, total } = run.result_counts
  const rate = passRate(run)
  const came =
    rate === null
      ? "no item was judged"
      : `${count(passed)} of ${count(total)} items passed, ${shareAgainst(rate, minPassRate)}`
  return `${came}; at least ${String(minPassRate)} was asked for`
}

const gateWords = (subject: Subject): ReadonlyArray<string> => {
  const gate = gateOf(subject)
  const empty = emptyGate(subject)
  return empty !== undefined
    ? ["", `gate   undecided: ${empty}`]
    : gate === null
      ? []
      : ["", `gate   ${gate}: ${judgement(subject)}`]
}

const reason = ({ run }: Subject): ReadonlyArray<string> =>
  run.error === null || run.error === undefined ? [] : ["", `error  ${plain(run.error.message)}`]

/** The summary for people, at most so wide where that can be. */
export const words = (subject: Subject, failures: Failures, width: number): string => {
  const found = criteriaOf(subject)
  const judged = subject.run.result_counts.total > 0
  return [
    ...heading(subject),
    ...reason(subject),
    "",
    totals(subject),
    ...(subject.before === undefined || subject.run.status !== "completed"
      ? []
      : [comparison(subject.run, subject.before)]),
    ...partly(subject),
    ...(subject.warnings ?? []).flatMap((warning) => ["", `warning  ${plain(warning)}`]),
    ...(judged && found.length > 0 ? ["", ...criteria(found, width), ...footnotes(found)] : []),
    ...unsetLines(subject, failures, width),
    ...exampleLines(subject, failures.examples, width),
    ...gateWords(subject)
  ].join("\n")
}

/** The summary as one JSON object. Rates are from 0 to 1. */
export const json = (subject: Subject, { looked, unset }: Failures): string =>
  JSON.stringify({
    eval: subject.eval,
    run: subject.run,
    ...(subject.before === undefined
      ? {}
      : { before: { run_id: subject.before.id, result_counts: subject.before.result_counts } }),
    pass_rate: passRate(subject.run),
    min_pass_rate: subject.minPassRate ?? null,
    gate: gateOf(subject),
    criteria: criteriaOf(subject).map((one) => ({
      id: one.id,
      name: one.name,
      type: one.type,
      pass_threshold: one.passThreshold ?? null,
      pass_threshold_assumed: one.assumed,
      passed: one.passed,
      failed: one.failed,
      pass_rate: one.passRate
    })),
    warnings: subject.warnings ?? [],
    variables_without_value: unset,
    failing_items_looked_at: looked,
    ...(subject.target.database === undefined ? {} : { database: subject.target.database })
  })

/** The summary for people, with some items that failed or else errored, as wide as standard output. */
export const picture = (
  subject: Subject
): Effect.Effect<string, EvalsError, EvalsClient | Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function* () {
    return words(subject, yield* failures(subject), (yield* outputWidth) ?? ample)
  })

/** Prints the summary of a run. */
export const print = (subject: Subject, asJson: boolean) =>
  Effect.flatMap(asJson ? Effect.map(failures(subject), (found) => json(subject, found)) : picture(subject), (text) =>
    Console.log(text)
  )

const unjudged = (subject: Subject): string => {
  const { minPassRate, run } = subject
  const rows = rowsOf(subject)
  const judged = `${run.id} is ${run.status}, with ${count(run.result_counts.total)}${
    rows === undefined ? "" : ` of ${count(rows)}`
  } rows judged`
  return minPassRate === undefined ? judged : `${judged}: whether ${String(minPassRate)} of all pass is not known`
}

/** Ends as the run did: a run that failed could not run, a canceled one is incomplete, and the gate may be missed. */
export const conclude = (subject: Subject): Effect.Effect<void, Stop> => {
  const { minPassRate, run } = subject
  const empty = emptyGate(subject)
  if (empty !== undefined) return Effect.fail(couldNotRun(`the gate decides nothing: ${empty}`))
  switch (run.status) {
    case "completed":
      return gateOf(subject) === "failed"
        ? Effect.fail(
            gateNotMet(
              `too few items passed: ${shareAgainst(passRate(run) ?? 0, minPassRate)}, below ${String(minPassRate)}`
            )
          )
        : Effect.void
    case "failed":
      return Effect.fail(couldNotRun(`${run.id} failed: ${plain(run.error?.message ?? "no reason was given")}`))
    default:
      return Effect.fail(unfinished(unjudged(subject)))
  }
}

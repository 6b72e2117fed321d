/**
 * The report of a run as text for a terminal.
 */
import type { Criterion } from "../report/criteria.ts"
import { count, date, duration, percent, percentAgainst, quantity, shareAgainst } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import { formatSpending, spendingOf, stopOf } from "../report/spending.ts"
import type { Change, Gate, RunReport, Undecided } from "../report/RunReport.ts"
import type * as Run from "../schema/Run.ts"
import { formatFields, formatProblem } from "./item.ts"
import { bar, cut, fittedTable, table } from "./textLayout.ts"

type Lines = ReadonlyArray<string>

const formatHeading = ({ eval: one, evalName, model, run, runName, seconds }: RunReport): Lines => [
  `run    ${run.id}  ${run.status}${seconds === undefined ? "" : ` in ${duration(seconds)}`}`,
  ...(runName === undefined ? [] : [`       ${runName}`]),
  `eval   ${one.id}`,
  ...(evalName === undefined ? [] : [`       ${evalName}`]),
  ...(model === undefined ? [] : [`model  ${model}`])
]

const formatCounts = ({ minPassRate, passRate, run }: RunReport): string => {
  const { errored, failed, passed, total } = run.result_counts
  return (
    `items  ${count(passed)} passed, ${count(failed)} failed, ${count(errored)} errored, ${count(total)} ` +
    (run.status === "completed" ? "in all" : "judged") +
    (passRate === null ? "" : `: ${percentAgainst(passRate, minPassRate)} passed`)
  )
}

const signed = (difference: number): string => `${difference > 0 ? "+" : "-"}${count(Math.abs(difference))}`

const formatComparison = (before: Run.Run, changes: ReadonlyArray<Change>): string => {
  const { errored, failed, passed, total } = before.result_counts
  const differences = changes.map(({ difference, kind }) => `${signed(difference)} ${kind}`).join(", ")
  return (
    `before ${count(passed)} passed, ${count(failed)} failed, ${count(errored)} errored, ${count(total)} in all: ` +
    `${differences === "" ? "no change" : differences}  (${before.id}, ${date(before.created_at, "minute")})`
  )
}

const formatUnjudged = ({ run, unjudged }: RunReport): Lines => {
  if (unjudged === undefined) return []
  const state = unjudged.ended ? `${run.status} before its end` : `${run.status}, not ended yet`
  return [
    unjudged.rows === undefined
      ? `       ${state}: only the rows judged so far are counted`
      : `       ${state}: ${count(unjudged.rows.unjudged)} of ${quantity(unjudged.rows.total, "row")} not judged`
  ]
}

const formatThreshold = ({ assumed, passThreshold }: Criterion): string =>
  assumed ? (passThreshold === undefined ? "(not given)" : `${passThreshold} (assumed)`) : String(passThreshold ?? "")

const formatCriteria = (criteria: ReadonlyArray<Criterion>, width: number): Lines => {
  const rows = criteria.map((one) => [
    `${one.type} ${one.detail}`.trimEnd(),
    formatThreshold(one),
    count(one.passed),
    count(one.failed),
    one.passRate === null ? "" : percent(one.passRate)
  ])
  const figures = table([["grader", "threshold", "passed", "failed", "rate"], ...rows], 1)
  const figuresWidth = Math.max(...figures.map(({ length }) => length))
  const longest = Math.max(9, ...criteria.map(({ name }) => name.length))
  const room = Math.max(16, Math.min(longest, width - figuresWidth - 2))
  if (width < room + 2 + figuresWidth) {
    const heads = ["criterion", "grader", "threshold", "passed", "failed", "rate"]
    return fittedTable([heads, ...rows.map((cells, index) => [criteria[index]?.name ?? "", ...cells])], 2, width)
  }
  const bars = width >= room + figuresWidth + 2 + 14
  return figures.map((line, index) => {
    const one = criteria[index - 1]
    const name = one === undefined ? "criterion" : cut(one.name, room)
    const drawn = bars && one !== undefined && one.passRate !== null ? `  ${bar(one.passRate, 12)}` : ""
    return `${name.padEnd(room)}  ${line}${drawn}`
  })
}

const formatFootnotes = (criteria: ReadonlyArray<Criterion>): Lines => {
  const names = (some: ReadonlyArray<Criterion>) => some.map(({ name }) => `"${name}"`).join(", ")
  const assumed = criteria.filter((one) => one.assumed && one.passThreshold !== undefined)
  const open = criteria.filter((one) => one.assumed && one.passThreshold === undefined)
  return [
    ...(assumed.length === 0
      ? []
      : ["", `(assumed)  no pass_threshold is set for ${names(assumed)}: the default is taken`]),
    ...(open.length === 0 ? [] : ["", `(not given)  no pass_threshold is set for ${names(open)}: the host decides`])
  ]
}

/** The most variables without a value that are listed. */
const mostUnset = 10

const formatUnset = ({ failures: { looked, unset }, run }: RunReport, width: number): Lines => {
  if (unset.length === 0) return []
  const { failed } = run.result_counts
  const among = looked < failed ? ` among the first ${count(looked)} of ${quantity(failed, "failing item")}` : ""
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
    ...(more > 0 ? [`and ${quantity(more, "other variable")}`] : [])
  ]
}

/** The smallest width of an item's fields beside other columns. */
const leastFields = 20

const formatExamples = ({ failures: { examples }, run }: RunReport, itemFlags: string, width: number): Lines => {
  const { errored, failed } = run.result_counts
  const [all, one, status] =
    failed > 0 ? ([failed, "failing item", "fail"] as const) : ([errored, "errored item", "error"] as const)
  const more = `more: effect-evals items ${run.id} --status ${status}${itemFlags}`
  if (examples.length === 0) return failed === 0 && errored > 0 ? ["", more] : []
  const room = Math.max(20, Math.floor(width * 0.5))
  const problems = examples.map(({ explanations, item }) => cut(formatProblem(item, explanations), room))
  const heads = table(
    [
      ["row", failed > 0 ? "failed" : "why"],
      ...examples.map(({ item }, index) => [String(item.datasource_item_id), problems[index] ?? ""])
    ].map(([row = "", problem = ""]) => [row.padStart(5), problem]),
    2
  )
  const headsWidth = Math.max(...heads.map(({ length }) => length))
  if (width < headsWidth + 2 + leastFields) {
    return [
      "",
      `${count(examples.length)} of ${quantity(all, one)}`,
      ...examples.flatMap(({ item }, index) => [
        cut(`row ${item.datasource_item_id}: ${problems[index] ?? ""}`, width),
        `  ${formatFields(item, width - 2)}`
      ]),
      more
    ]
  }
  return [
    "",
    `${count(examples.length)} of ${quantity(all, one)}`,
    ...heads.map((head, index) => {
      const item = examples[index - 1]?.item
      const fields = item === undefined ? "item" : formatFields(item, width - headsWidth - 2)
      return `${head.padEnd(headsWidth)}  ${fields}`
    }),
    more
  ]
}

/** Says why a gate of a completed run is undecided. */
export const formatUndecided = (reason: Exclude<Undecided, "not completed">): string =>
  reason === "no criteria"
    ? "the eval has no criteria, so that every item passes; add one to its testing_criteria"
    : "the run has no items"

const formatGate = (gate: Gate | undefined, run: Run.Run): Lines => {
  if (gate === undefined) return []
  if (gate._tag === "Undecided") {
    return gate.reason === "not completed" ? [] : ["", `gate   undecided: ${formatUndecided(gate.reason)}`]
  }
  const { passed, total } = run.result_counts
  return [
    "",
    `gate   ${gate.passed ? "passed" : "failed"}: ${count(passed)} of ${count(total)} items passed, ` +
      `${shareAgainst(gate.passRate, gate.minPassRate)}; at least ${String(gate.minPassRate)} is required`
  ]
}

const formatSpent = (run: Run.Run): Lines => {
  const spending = spendingOf(run)
  const stop = stopOf(run)
  return [
    ...(spending === undefined ? [] : [`spent  ${formatSpending(spending)}`]),
    ...(stop === undefined ? [] : [`stop   ${stop}`])
  ]
}

/** Formats a report within a width. `itemFlags` lead the command to the items of the run. */
export const formatReport = (report: RunReport, itemFlags: string, width: number): string => {
  const { before, changes, criteria, error, gate, run, warnings } = report
  return [
    ...formatHeading(report),
    ...(error === undefined ? [] : ["", `error  ${error}`]),
    "",
    formatCounts(report),
    ...(before === undefined || changes === undefined ? [] : [formatComparison(before, changes)]),
    ...formatUnjudged(report),
    ...formatSpent(run),
    ...warnings.flatMap((warning) => ["", `warning  ${plain(warning)}`]),
    ...(run.result_counts.total > 0 && criteria.length > 0
      ? ["", ...formatCriteria(criteria, width), ...formatFootnotes(criteria)]
      : []),
    ...formatUnset(report, width),
    ...formatExamples(report, itemFlags, width),
    ...formatGate(gate, run)
  ].join("\n")
}

/**
 * The report of a run, as a value: the counts, the criteria, the comparison with an earlier run, the examples and the
 * gate. It knows no terminal; the command prints it.
 */
import type * as Eval from "../schema/Eval.ts"
import { at } from "../schema/fields.ts"
import * as Run from "../schema/Run.ts"
import { criteriaOf, type Criterion } from "./criteria.ts"
import type { Failures } from "./failures.ts"
import { plain } from "./plainText.ts"

/** The data of a report. */
export interface Source {
  readonly eval: Eval.Eval
  readonly run: Run.Run
  /** The completed run of the same eval that the run is compared with. */
  readonly before?: Run.Run | undefined
  /** The criteria as they were sent, if they are known. */
  readonly sent?: ReadonlyArray<unknown> | undefined
  /** Whether this engine judged the run. Its default thresholds are known, those of a host are not. */
  readonly embedded: boolean
  /** The number of rows, if it is known. The number that the run itself states comes first. */
  readonly rows?: number | undefined
  /** The duration of the run, if it was measured. */
  readonly seconds?: number | undefined
  /** The lowest share of items that must pass. */
  readonly minPassRate?: number | undefined
  /** The warnings of the host about the creation of the run. */
  readonly warnings?: ReadonlyArray<string> | undefined
  readonly failures: Failures
}

/** The reason why a gate is undecided. Without criteria every item passes, and without items there is no share. */
export type Undecided = "not completed" | "no criteria" | "no items"

/** The verdict on the share of items that passed. Rates are from 0 to 1. */
export type Gate =
  | { readonly _tag: "Undecided"; readonly reason: Undecided; readonly minPassRate: number }
  | { readonly _tag: "Decided"; readonly passed: boolean; readonly passRate: number; readonly minPassRate: number }

/** Rows that the run did not judge. */
export interface Unjudged {
  /** Whether the run has ended. */
  readonly ended: boolean
  /** The number of these rows and of all rows. Undefined if it is not known. */
  readonly rows: { readonly unjudged: number; readonly total: number } | undefined
}

/** The change of one count since an earlier run. */
export interface Change {
  readonly kind: "passed" | "failed" | "errored"
  readonly difference: number
}

/** The report of a run. Names and the error are plain text on one line; the rest is as the host sent it. */
export interface RunReport {
  readonly eval: Eval.Eval
  readonly run: Run.Run
  /** The name of the run, if it differs from its id and its model. */
  readonly runName: string | undefined
  readonly evalName: string | undefined
  readonly model: string | undefined
  readonly seconds: number | undefined
  readonly error: string | undefined
  /** The number of rows, if it is known. */
  readonly rows: number | undefined
  /** The share of items that passed, from 0 to 1. Items that errored are counted. Null if there are no items. */
  readonly passRate: number | null
  readonly minPassRate: number | undefined
  readonly before: Run.Run | undefined
  /** The counts that changed since the earlier run. Undefined unless both runs are completed. */
  readonly changes: ReadonlyArray<Change> | undefined
  readonly unjudged: Unjudged | undefined
  readonly warnings: ReadonlyArray<string>
  readonly criteria: ReadonlyArray<Criterion>
  readonly failures: Failures
  /** Undefined if no share was required. */
  readonly gate: Gate | undefined
}

const kinds = ["passed", "failed", "errored"] as const

const changesOf = (run: Run.Run, before: Run.Run): ReadonlyArray<Change> =>
  kinds.flatMap((kind) => {
    const difference = run.result_counts[kind] - before.result_counts[kind]
    return difference === 0 ? [] : [{ kind, difference }]
  })

const rowsOf = ({ rows, run }: Source): number | undefined => {
  const inline = at(run, "data_source", "source", "content")
  return run.evals_rows?.total ?? rows ?? (Array.isArray(inline) ? inline.length : undefined)
}

const unjudgedOf = ({ result_counts, status }: Run.Run, rows: number | undefined): Unjudged | undefined => {
  const { total } = result_counts
  if (status === "completed" || rows === total) return undefined
  // a run can fail after all its rows were judged
  if (status === "failed" && rows === undefined && total > 0) return undefined
  return {
    ended: Run.isTerminal(status),
    rows: rows === undefined ? undefined : { unjudged: rows - total, total: rows }
  }
}

const gateOf = ({ eval: one, minPassRate, run }: Source): Gate | undefined => {
  if (minPassRate === undefined) return undefined
  const undecided = (reason: Undecided): Gate => ({ _tag: "Undecided", reason, minPassRate })
  const { passed, total } = run.result_counts
  if (run.status !== "completed") return undecided("not completed")
  if (one.testing_criteria.length === 0) return undecided("no criteria")
  if (total === 0) return undecided("no items")
  const passRate = passed / total
  return { _tag: "Decided", passed: passRate >= minPassRate, passRate, minPassRate }
}

const nameOf = (name: string | null | undefined, ...known: ReadonlyArray<string | null>): string | undefined => {
  const shown = plain(name ?? "")
  return shown === "" || known.includes(shown) ? undefined : shown
}

/** Makes the report of a run. */
export const make = (source: Source): RunReport => {
  const { before, embedded, eval: one, failures, minPassRate, run, seconds, sent, warnings = [] } = source
  const { passed, total } = run.result_counts
  const rows = rowsOf(source)
  return {
    eval: one,
    run,
    runName: nameOf(run.name, run.id, run.model),
    evalName: nameOf(one.name),
    model: nameOf(run.model),
    seconds,
    error: run.error === null || run.error === undefined ? undefined : plain(run.error.message),
    rows,
    passRate: total === 0 ? null : passed / total,
    minPassRate,
    before,
    changes: before === undefined || run.status !== "completed" ? undefined : changesOf(run, before),
    unjudged: unjudgedOf(run, rows),
    warnings,
    criteria: criteriaOf(one, run, { embedded, sent }),
    failures,
    gate: gateOf(source)
  }
}

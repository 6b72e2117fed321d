/**
 * A run as the JSON that is served.
 *
 * Its data source stands last: rows that a request brought are kept as a file,
 * one a line, and are put between the brackets of an empty list when the run is
 * served.
 *
 * @internal
 */
import { at } from "../../schema/fields.ts"
import type { Totals } from "../../store/Runs.ts"

/** The status of a run that this engine executes. */
export type Status = "queued" | "in_progress" | "completed" | "canceled" | "failed"

/** What a run is created with. */
export interface NewRun {
  readonly id: string
  readonly evalId: string
  readonly createdAt: number
  readonly name: string
  readonly model: string
  readonly metadata: object
  readonly reportUrl: string
  /** The number of its rows. */
  readonly rows: number
  readonly dataSource: object
}

/** Why a run failed. */
export interface RunError {
  readonly code: string
  readonly message: string
}

/** The text of a run that waits to be executed. */
export const queued = (run: NewRun): string =>
  JSON.stringify({
    object: "eval.run",
    id: run.id,
    eval_id: run.evalId,
    report_url: run.reportUrl,
    status: "queued" satisfies Status,
    model: run.model,
    name: run.name,
    created_at: run.createdAt,
    result_counts: { total: 0, errored: 0, failed: 0, passed: 0 },
    evals_rows: { total: run.rows, not_judged: run.rows },
    per_model_usage: null,
    per_testing_criteria_results: null,
    metadata: run.metadata,
    error: null,
    data_source: run.dataSource
  })

/** What a run has come to. */
export interface State {
  readonly status: Status
  readonly totals: Totals
  /** The ids of the eval's criteria. */
  readonly criteria: ReadonlyArray<string>
  readonly error: RunError | null
}

/** The text of a run with what it has come to. */
export const withState = (text: string, { criteria, error, status, totals }: State): string => {
  const run: unknown = JSON.parse(text)
  const total = totals.passed + totals.failed + totals.errored
  // a run that an earlier version created does not say how many rows it has
  const rows = at(run, "evals_rows", "total")
  // null until there are results, as the host has it
  const results =
    total === 0 && status !== "completed"
      ? null
      : criteria.map((id, index) => ({
          testing_criteria: id,
          testing_criteria_id: id,
          passed: totals.criteria[index]?.[0] ?? 0,
          failed: totals.criteria[index]?.[1] ?? 0
        }))
  return JSON.stringify({
    ...(typeof run === "object" ? run : {}),
    status,
    result_counts: { total, errored: totals.errored, failed: totals.failed, passed: totals.passed },
    ...(typeof rows === "number" ? { evals_rows: { total: rows, not_judged: Math.max(0, rows - total) } } : {}),
    per_model_usage: results === null ? null : totals.usage,
    per_testing_criteria_results: results,
    error
  })
}

/** A data source whose rows are kept apart: in whatever order it was sent, an empty list in their place stands last. */
export const withRowsLast = ({ source, ...others }: { readonly source: object }): object => ({
  ...others,
  source: { ...Object.fromEntries(Object.entries(source).filter(([name]) => name !== "content")), content: [] }
})

/** Splits the text of a run that keeps its rows apart ({@link withRowsLast}) within its empty list, where the rows go. */
export const aroundRows = (text: string): readonly [before: string, after: string] => {
  const rowsAt = text.lastIndexOf("[") + 1
  return [text.slice(0, rowsAt), text.slice(rowsAt)]
}

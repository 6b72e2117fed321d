/**
 * Writes the JSON of a run as it is served.
 *
 * The data source is the last field. The rows of a request are stored in a file, one a line. When the run is served,
 * they are inserted between the brackets of an empty list.
 *
 * @internal
 */
import { at } from "../../schema/fields.ts"
import type { Totals } from "../../store/RunBatches.ts"

/** The status of a run that this engine executes. */
export type Status = "queued" | "in_progress" | "completed" | "canceled" | "failed"

/** The fields of a new run. */
export interface NewRun {
  readonly id: string
  readonly evalId: string
  readonly createdAt: number
  readonly name: string
  readonly model: string
  readonly metadata: object
  readonly reportUrl: string
  /** The number of rows. */
  readonly rows: number
  readonly dataSource: object
}

/** The error of a failed run. */
export interface RunError {
  readonly code: string
  readonly message: string
}

/** Writes a run that waits for its execution. */
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

/** The state of a run: its status, its counts and its error. */
export interface State {
  readonly status: Status
  readonly totals: Totals
  /** The ids of the eval's criteria. */
  readonly criteria: ReadonlyArray<string>
  readonly error: RunError | null
}

/** Writes the state of a run into its text. */
export const withState = (text: string, { criteria, error, status, totals }: State): string => {
  const run: unknown = JSON.parse(text)
  const total = totals.passed + totals.failed + totals.errored
  // a run that an earlier version created has no number of rows
  const rows = at(run, "evals_rows", "total")
  // null until there are results, as the host writes it
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

/** The text of a run with what it has spent on models, before its data source. */
export const withUsage = (
  text: string,
  { spent, stopped }: { readonly spent: object | undefined; readonly stopped: object | undefined }
): string => {
  const run: unknown = JSON.parse(text)
  const { data_source: source, ...fields } = { data_source: undefined, ...(typeof run === "object" ? run : {}) }
  return JSON.stringify({
    ...fields,
    ...(spent === undefined ? {} : { evals_usage: spent }),
    ...(stopped === undefined ? {} : { evals_stopped: stopped }),
    data_source: source
  })
}

/** Replaces the rows of a data source by an empty list, and moves this list to the end. */
export const withRowsLast = ({ source, ...others }: { readonly source: object }): object => ({
  ...others,
  source: { ...Object.fromEntries(Object.entries(source).filter(([name]) => name !== "content")), content: [] }
})

/** Splits the text of a run at the place for its rows, within the empty list of {@link withRowsLast}. */
export const aroundRows = (text: string): readonly [before: string, after: string] => {
  const rowsAt = text.lastIndexOf("[") + 1
  return [text.slice(0, rowsAt), text.slice(rowsAt)]
}

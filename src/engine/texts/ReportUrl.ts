/**
 * Where a person looks at a run.
 */
import * as Context from "effect/Context"

/**
 * Makes a run's `report_url`. A server sets it to its own address; an engine in a
 * process has no page to show, and names the run by a URI of its own.
 *
 * @category references
 * @since 0.1.0
 */
export const ReportUrl = Context.Reference<(evalId: string, runId: string) => string>("effect-evals/engine/ReportUrl", {
  defaultValue: () => (evalId, runId) => `effect-evals:/evaluations/${evalId}?run_id=${runId}`
})

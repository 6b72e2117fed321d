/**
 * The address at which a person views a run.
 */
import * as Context from "effect/Context"

/**
 * Makes a run's `report_url`. A server sets it to its own address. An engine in a process has no page to show: its URI
 * only identifies the run.
 *
 * @category references
 * @since 0.1.0
 */
export const ReportUrl = Context.Reference<(evalId: string, runId: string) => string>("effect-evals/engine/ReportUrl", {
  defaultValue: () => (evalId, runId) => `effect-evals:/evaluations/${evalId}?run_id=${runId}`
})

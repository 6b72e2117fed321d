/**
 * The report of a run as one JSON object. Rates are from 0 to 1.
 */
import type { RunReport } from "./RunReport.ts"

/** Writes a report as JSON. `database` is the file that holds the run, if it is one of this machine. */
export const toJson = (report: RunReport, database: string | undefined): string => {
  const { before, failures, gate } = report
  return JSON.stringify({
    eval: report.eval,
    run: report.run,
    ...(before === undefined ? {} : { before: { run_id: before.id, result_counts: before.result_counts } }),
    pass_rate: report.passRate,
    min_pass_rate: report.minPassRate ?? null,
    gate: gate === undefined || gate._tag === "Undecided" ? null : gate.passed ? "passed" : "failed",
    criteria: report.criteria.map((one) => ({
      id: one.id,
      name: one.name,
      type: one.type,
      pass_threshold: one.passThreshold ?? null,
      pass_threshold_assumed: one.assumed,
      passed: one.passed,
      failed: one.failed,
      pass_rate: one.passRate
    })),
    warnings: report.warnings,
    variables_without_value: failures.unset,
    failing_items_looked_at: failures.looked,
    ...(database === undefined ? {} : { database })
  })
}

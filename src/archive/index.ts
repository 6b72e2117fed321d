/**
 * Archives of hosted projects: saving, verifying, exporting.
 */
export { archive, type Options } from "./Archive.ts"
export { csv, type CsvOptions, exportCsv } from "./Csv.ts"
export * as Database from "./Database.ts"
export { ExportError } from "./ExportError.ts"
export { exportTo, type Manifest, type ProjectExport, type Written } from "./Export.ts"
export { type EvalPlan, type Plan, plan } from "./Plan.ts"
export type { Problem, Progress, Report, Retrying, Shortfall } from "./Report.ts"
export { type Verified, verify, type Wrong } from "./Verify.ts"

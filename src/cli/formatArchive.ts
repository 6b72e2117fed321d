/**
 * The reports of `archive` and `export` as text.
 */
import type { Manifest } from "../archive/Export.ts"
import type { Plan } from "../archive/Plan.ts"
import type { Problem, Report, Shortfall } from "../archive/Report.ts"
import type { Verified } from "../archive/Verify.ts"
import type { Outcome } from "../store/Objects.ts"
import { byteSize, count, quantity, roughDuration } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import { cut, fittedTable, section, table, wrapped } from "./textLayout.ts"

const kinds = [
  ["evals", "evals"],
  ["runs", "runs"],
  ["output items", "output_items"],
  ["files", "files"]
] as const

const shortfall = ({ evalId, runId, saved, total }: Shortfall): string =>
  `${runId} of ${evalId}: ${count(saved)} of ${quantity(total, "item")}`

const kindNames: { readonly [kind in Problem["kind"]]: string } = {
  evals: "eval",
  runs: "run",
  output_items: "item",
  files: "file"
}

const problem = ({ id, kind, message }: Problem): string =>
  `${id === "*" ? `the list of ${kind}` : `${kindNames[kind]} ${plain(id)}`}: ${plain(message)}`

// items of a run that cannot be read are missing for that reason
const formatNextStep = ({ failed, missing }: Report): string => {
  if (failed.some(({ hasEnded }) => hasEnded === true)) {
    return "No more evals and runs can be saved. The saved ones are kept."
  }
  const failedRuns = new Set(failed.flatMap(({ id, kind }) => (kind === "runs" ? [id] : [])))
  return failed.some(({ isRetryable }) => isRetryable !== false) || missing.some(({ runId }) => !failedRuns.has(runId))
    ? "Call the same command again: it fetches the missing objects."
    : "First fix the failures: the same command would fail again. It then fetches the missing objects."
}

/** Formats the report of an archive. */
export const formatReport = (report: Report, filename: string, width?: number): string => {
  const row = (name: string, outcome: Outcome) => [
    name,
    count(outcome.saved),
    count(outcome.unchanged),
    count(outcome.changed)
  ]
  return [
    `project ${plain(report.project)} in ${filename}: ${report.complete ? "complete" : "NOT COMPLETE"}`,
    "",
    ...fittedTable(
      [["", "saved", "already there", "changed since"], ...kinds.map(([name, kind]) => row(name, report[kind]))],
      1,
      width
    ),
    ...(report.skippedRuns === 0
      ? []
      : [`${quantity(report.skippedRuns, "finished run")} complete before: not read again`]),
    ...section(
      `${quantity(report.unfinishedRuns.length, "run")} not ended yet, saved as they are now (archive again after their end)`,
      report.unfinishedRuns
    ),
    ...section("missing: the host shows fewer items than the run counts", report.missing.map(shortfall)),
    ...section("failed", report.failed.map(problem)),
    ...section("gone: files that runs refer to and the host no longer has", report.gone),
    ...(report.complete ? [] : ["", formatNextStep(report)])
  ].join("\n")
}

/** Formats the report of a verification. */
export const formatVerification = (found: Verified, filename: string): string => {
  const { checked } = found
  const inProject = <A extends { readonly project: string }>(one: A, text: string) =>
    found.projects.length > 1 && one.project !== "" ? `[${one.project}] ${text}` : text
  return [
    `${filename}: ${found.complete ? "as it was received, and complete" : "NOT AS IT SHOULD BE"}`,
    `checked: ${quantity(checked.evals, "eval")}, ${quantity(checked.runs, "run")}, ${quantity(checked.output_items, "output item")}, ` +
      `${quantity(checked.files, "file")}, ${quantity(checked.superseded, "older version")}, ${byteSize(checked.bytes)}`,
    ...section(
      "damaged",
      found.wrong.map((one) =>
        inProject(
          one,
          one.kind === "database"
            ? `the database: ${one.message}`
            : `${one.kind} ${one.id}${one.runId === undefined ? "" : ` of ${one.runId}`}: ${one.message}`
        )
      )
    ),
    ...section(
      "missing: fewer items are saved than the run counts",
      found.missing.map((one) => inProject(one, shortfall(one)))
    ),
    ...section(
      "not saved by the last archive",
      found.failed.map((one) => inProject(one, problem(one)))
    ),
    ...(found.unfinishedRuns.length === 0
      ? []
      : [`${quantity(found.unfinishedRuns.length, "run")} had not ended when they were read`])
  ].join("\n")
}

const listed = (rows: ReadonlyArray<ReadonlyArray<string>>, width = Number.MAX_SAFE_INTEGER): ReadonlyArray<string> => {
  const lines = table(rows)
  return lines.every(({ length }) => length <= width)
    ? lines
    : rows.flatMap(([id = "", ...cells]) => [id, ...wrapped(cells, width)])
}

/** Formats the plan of an archive. */
export const formatPlan = (
  plan: Plan,
  settings: { readonly concurrency: number; readonly width?: number | undefined }
): string => {
  const { items } = plan
  const unfinished = (runs: number) => (runs === 0 ? "" : `, ${count(runs)} not ended`)
  const evals = plan.evals.map((found) => [
    found.id,
    quantity(found.runs, "run") + unfinished(found.unfinishedRuns),
    quantity(found.items.total, "item"),
    cut(plain(found.name), 60)
  ])
  return [
    ...listed(evals, settings.width),
    "",
    `the host lists: ${quantity(plan.evals.length, "eval")}, ${quantity(plan.runs, "run")}${unfinished(plan.unfinishedRuns)}, ` +
      `${quantity(items.total, "output item")} (${count(items.passed)} passed, ${count(items.failed)} failed, ` +
      `${count(items.errored)} errored), ${quantity(plan.files, "file")} (${byteSize(plan.fileBytes)})`,
    `into an empty file: about ${quantity(plan.requests, "request")}, ${roughDuration(plan.seconds)} with ${settings.concurrency} at a time; ` +
      "objects that the file already holds are not read again",
    ...section("could not be listed", plan.failed.map(problem)),
    "Nothing was written."
  ].join("\n")
}

/** Formats the manifest of an export. */
export const formatManifest = (manifest: Manifest, out: string): string =>
  [
    `wrote ${quantity(manifest.files.length + 1, "file")} into ${out}, ${byteSize(
      manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
    )}; manifest.json names them with their hashes`,
    ...manifest.projects.map(
      (project) =>
        `project ${project.name}: ${quantity(project.evals, "eval")}, ${quantity(project.runs, "run")}, ` +
        `${quantity(project.output_items, "output item")}, ${quantity(project.files, "file")} ` +
        `(${quantity(project.contents, "content")}), ${quantity(project.superseded, "older version")}`
    ),
    ...section(
      "damaged in the archive, written as they are",
      manifest.problems.map((one) => `[${one.project}] ${one.kind} ${one.id}: ${one.message}`)
    )
  ].join("\n")

/**
 * `npm run bench`: all benchmarks and one table. `npm run bench -- decode bundle`
 * runs just these. Figures are ratios of one run on one machine; a target that is
 * not met is no failure of the run.
 */
import { bundle } from "./bundle.ts"
import { command } from "./command.ts"
import { decode } from "./decode.ts"
import { engine } from "./engine.ts"
import type { Result } from "./lib/harness.ts"
import { list } from "./list.ts"
import { models } from "./models.ts"
import { pacer } from "./pacer.ts"
import { requests } from "./requests.ts"
import { startup } from "./startup.ts"

const benchmarks = [bundle, decode, startup, command, list, requests, engine, pacer, models]

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(", ")}; there are ${benchmarks.map(({ name }) => name).join(", ")}`)
  process.exit(2)
}

const results: Array<Result> = []
for (const benchmark of benchmarks.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  console.error(`${benchmark.name} …`)
  results.push(...(await benchmark.run()))
}

const rows = [
  ["benchmark", "ours", "theirs", "ratio", "target", "met"],
  ...results.map(({ benchmark, met, ours, ratio, target, theirs }) => [
    benchmark,
    ours,
    theirs,
    ratio?.toFixed(2) ?? "",
    target ?? "",
    met === undefined ? "" : met ? "yes" : "NO"
  ])
]
const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
for (const row of rows) {
  console.log(
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  )
}

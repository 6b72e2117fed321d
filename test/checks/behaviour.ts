/**
 * `npm run docs:behaviour` writes docs/behaviour.md from lib/behaviour.ts. With `--check`, as a step of `npm test`, it says
 * whether the file is what would be written. Either way the names and the tests that the page links must exist.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import { graderTypes } from "../../src/engine/graders/registry.ts"
import { metricNames } from "../../src/engine/graders/textSimilarity.ts"
import { dataSourceTypes } from "../../src/engine/sources/registry.ts"
import { DataSourceParam } from "../../src/schema/DataSource.ts"
import { Metric, TestingCriterion } from "../../src/schema/Grader.ts"
import { facts, type Group, type Named, rules } from "./lib/behaviour.ts"
import { testNamesOf } from "./lib/docs.ts"

const root = join(import.meta.dirname, "../..")
const page = "docs/behaviour.md"

// =============================================================================
// what is linked
// =============================================================================

const problems: Array<string> = []

const distinct = (linked: ReadonlyArray<Named>): Map<string, Set<string>> => {
  const byFile = new Map<string, Set<string>>()
  for (const { file, name } of linked) byFile.set(file, (byFile.get(file) ?? new Set()).add(name))
  return byFile
}

const rows = <A>(groups: ReadonlyArray<Group<A>>): ReadonlyArray<A> => groups.flatMap((group) => group.rows)

for (const [file, names] of distinct(rows(rules).map(({ code }) => code))) {
  const exported: object = await import(pathToFileURL(join(root, file)).href)
  for (const name of names) if (!(name in exported)) problems.push(`${file} exports no ${name}`)
}
for (const [path, names] of distinct([...rows(facts), ...rows(rules)].map(({ test }) => test))) {
  const there = existsSync(join(root, path))
  const known = there ? testNamesOf({ path, text: readFileSync(join(root, path), "utf8") }) : new Set<string>()
  for (const name of names) if (!known.has(name)) problems.push(`${path} has no test named: ${name}`)
}

const named = (singular: string, plural: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0
    ? []
    : [`${names.length === 1 ? singular : plural} ${names.map((name) => `\`${name}\``).join(", ")}`]

/** What the API has and the engine does not run. */
const missing = [
  ...named(
    "data sources of the type",
    "data sources of the types",
    Object.keys(DataSourceParam.cases).filter((type) => !dataSourceTypes.some((each) => each.type === type))
  ),
  ...named(
    "graders of the type",
    "graders of the types",
    Object.keys(TestingCriterion.cases).filter((type) => !graderTypes.some((each) => each.type === type))
  ),
  ...named(
    "the metric",
    "the metrics",
    Metric.literals.filter((metric) => !metricNames.includes(metric))
  )
]

// =============================================================================
// the page
// =============================================================================

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = (head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")

const section = <A>(
  { heading, rows }: Group<A>,
  head: ReadonlyArray<string>,
  cells: (row: A) => ReadonlyArray<string>
): string => `### ${heading}\n\n${table(head, rows.map(cells))}\n`

/** A path of the project, as a link on the page leads to it. */
const link = (path: string): string => relative(dirname(page), path)
const code = ({ file, name }: Named): string => `[\`${name}\`](${link(file)})`
const test = ({ file, name }: Named): string => `[${name}](${link(file)})`

const text = `# Behaviour of the engine

The engine behaves as OpenAI's hosted Evals API did, as far as public material shows it: guides, the OpenAPI file, types of the SDKs, recorded answers and downloads. [The first half](#rules-of-the-hosted-service) of this page lists these rules. Where public material is silent, the engine has rules of its own. [The second half](#rules-of-this-engine) lists them. You can rely on them with this engine only.

Each rule of the engine stands in one place of the code, which its row names. It changes there when better evidence appears. Each row names the test that checks it.

The engine does not have these features yet, and refuses them with 400: ${missing.join("; ")}.

\`npm run docs:behaviour\` writes this page, with the values of the code.

## Rules of the hosted service

Evidence of a rule: **documented**, a guide or a reference states it; **specified**, the OpenAPI file or the SDKs' types state it; **seen**, recorded answers or downloads show it; **inferred**, it follows from such answers. Microsoft's documentation of the same API counts as documented.

${facts.map((group) => section(group, ["Rule", "Evidence", "Test"], ({ evidence, says, test: held }) => [says, evidence.join(", "), test(held)])).join("\n")}
## Rules of this engine

${rules.map((group) => section(group, ["Unknown of the hosted service", "Rule of this engine", "Code", "Test"], ({ code: at, open, says, test: held }) => [open, says, code(at), test(held)])).join("\n")}`

// as the rest of the project is formatted, so that the formatter has nothing to change
const formatted = spawnSync(join(root, "node_modules/.bin/oxfmt"), ["--stdin-filepath", page], {
  cwd: root,
  input: text,
  encoding: "utf8"
})
if (formatted.status !== 0) problems.push(`oxfmt could not format the page: ${formatted.stderr}`)

if (problems.length === 0) {
  const path = join(root, page)
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined
  if (!process.argv.includes("--check")) writeFileSync(path, formatted.stdout)
  else if (before !== formatted.stdout) problems.push(`${page} is not what the code says: npm run docs:behaviour`)
}

for (const problem of problems) console.error(problem)
const linked = `${rows(facts).length} of the host, ${rows(rules).length} of the engine`
console.log(`behaviour: ${linked}: ${problems.length === 0 ? "ok" : "see above"}`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * `npm run docs:behaviour` writes BEHAVIOUR.md from lib/behaviour.ts. With `--check`, as a step of `npm test`, it says
 * whether the file is what would be written. Either way the names and the tests that the page links must exist.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { facts, type Group, type Named, rules } from "./lib/behaviour.ts"
import { testNamesOf } from "./lib/docs.ts"

const root = join(import.meta.dirname, "../..")
const page = "BEHAVIOUR.md"

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

const code = ({ file, name }: Named): string => `[\`${name}\`](${file})`
const test = ({ file, name }: Named): string => `[${name}](${file})`

const text = `# What is the host's behaviour, what is ours

The engine answers as OpenAI's hosted Evals API does, as far as public material shows how that is: guides, the OpenAPI file, types of the SDKs, recorded answers and downloads. That is [the first half](#the-hosts) of this page. Where all of it is silent the engine has rules of its own: [the second half](#ours), on which you can rely with this engine alone.

A rule of the engine's own stands in one place of the code, which its row names, and changes there when better evidence appears. Each row names the test that holds it.

Not built yet, and therefore not here: sampling (\`completions\` and \`responses\` data sources), graders that ask a model (\`label_model\`, \`score_model\`, the metric \`cosine\`), Python graders. The engine refuses them with 400.

\`npm run docs:behaviour\` writes this page, with the values that the code has.

## The host's

How it is known: **documented**, a guide or a reference says it in words; **specified**, the OpenAPI file or the SDKs' types say it; **seen**, recorded answers or downloads show it; **inferred**, it follows from what was seen. Microsoft's documentation of the same API counts as documented.

${facts.map((group) => section(group, ["What happens", "Known how", "Test"], ({ evidence, says, test: held }) => [says, evidence.join(", "), test(held)])).join("\n")}
## Ours

${rules.map((group) => section(group, ["Where nothing is known", "What happens here", "Code", "Test"], ({ code: at, open, says, test: held }) => [open, says, code(at), test(held)])).join("\n")}`

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

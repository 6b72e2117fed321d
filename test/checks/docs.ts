/**
 * `npm run test:docs`: every `ts` block of the Markdown files and of the docblocks in src type-checks as a module of its
 * own, a block that is fenced as `ts run` prints what the `text` block behind it says, links between the files lead
 * somewhere, the README is short, and every public export is described. lib/docs.ts has the rules for docblocks.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { anchorsOf, checkDocblocks, type Example, examplesOf, linksOf } from "./lib/docs.ts"
import { print, readFiles } from "./lib/source.ts"

const root = join(import.meta.dirname, "../..")
// Inside the project, so that "effect-evals" means this package and its dependencies are found.
const folder = "tmp/docs"

const files = readFiles(root, "src/**/*.ts")
const { findings, names } = checkDocblocks(files)
const problems = findings.map(print)

const examples = new Map<string, Example>()
rmSync(join(root, folder), { recursive: true, force: true })
mkdirSync(join(root, folder), { recursive: true })
const pages = [...readFiles(root, "*.md"), ...readFiles(root, "docs/*.md")]
for (const example of [...pages, ...files].flatMap(examplesOf)) {
  const path = `${folder}/${example.path.replaceAll("/", "__")}_${example.line}.ts`
  examples.set(path, example)
  writeFileSync(join(root, path), example.code)
}

if (examples.size > 0) {
  const config = {
    extends: "../../tsconfig.json",
    // An example may stop at the value that it shows.
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"]
  }
  writeFileSync(join(root, folder, "tsconfig.json"), JSON.stringify(config))
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  const run = spawnSync(process.execPath, [tsc, "-p", `${folder}/tsconfig.json`, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8"
  })
  if (run.status !== 0) {
    const output = `${run.stdout}${run.stderr}`.trim()
    problems.push(
      output.replaceAll(
        /^(tmp\/docs\/[^(\n]+)\((\d+),(\d+)\)/gm,
        (place, path: string, line: string, column: string) => {
          const example = examples.get(path)
          return example === undefined
            ? place
            : `${example.path}:${example.line + Number(line) - 1} (column ${column} of the example)`
        }
      )
    )
  }
}

// what does not type-check has been reported
for (const [path, { code, line, path: page, prints }] of problems.length === 0 ? examples : []) {
  if (prints === undefined) continue
  const run = spawnSync(process.execPath, ["--conditions=effect-evals-source", path], { cwd: root, encoding: "utf8" })
  if (run.status !== 0 || run.stdout !== prints) {
    problems.push(`${page}:${line} prints\n${run.stdout}${run.stderr}instead of\n${prints}for\n${code}`)
  }
}

const readmeLines =
  pages
    .find(({ path }) => path === "README.md")
    ?.text.trimEnd()
    .split("\n").length ?? 0
if (readmeLines > 250) {
  problems.push(`README.md has ${readmeLines} lines, 250 are allowed: move details to a page in docs`)
}

for (const page of pages) {
  for (const { line, target } of linksOf(page)) {
    const [relative = "", anchor] = target.split("#")
    const path = relative === "" ? "" : join(dirname(page.path), relative)
    const there = path === "" ? page : pages.find((other) => other.path === path)
    if (path !== "" && !existsSync(join(root, path))) problems.push(`${page.path}:${line} there is no ${path}`)
    else if (anchor !== undefined && there?.path.endsWith(".md") === true && !anchorsOf(there).has(anchor)) {
      problems.push(`${page.path}:${line} ${there.path} has no heading for #${anchor}`)
    }
  }
}

for (const problem of problems) {
  console.error(problem)
}
console.log(`docs: ${examples.size} examples, ${names} public names: ${problems.length === 0 ? "ok" : "see above"}`)
process.exitCode = problems.length === 0 ? 0 : 1

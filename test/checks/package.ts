/**
 * `npm run test:package`: builds, packs, installs the tarball into an empty project, and uses it there as a user would.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run } from "./lib/run.ts"
import { parse, resolve } from "./lib/source.ts"

const root = join(import.meta.dirname, "../..")
const temporary = mkdtempSync(join(tmpdir(), "effect-evals-package-"))

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Entries of the client: they must run anywhere, so nothing but `effect` may be reached from them. */
const clientEntries = ["dist/index.js", "dist/testing/index.js"]
const neededFiles = [
  "package.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "ARCHIVE.md",
  "BEHAVIOUR.md",
  "MOVING.md",
  "models.schema.json",
  ...[
    "archive",
    "behaviour",
    "bundling",
    "client",
    "command",
    "engine",
    "graders",
    "models",
    "moving",
    "rows",
    "server",
    "testing"
  ].map((page) => `docs/${page}.md`),
  "src/index.ts",
  ...clientEntries,
  "dist/index.d.ts",
  "dist/archive/index.js",
  "dist/archive/index.d.ts",
  "dist/inProcess/index.js",
  "dist/inProcess/index.d.ts",
  "dist/engine/work/worker.js",
  "dist/server/index.js",
  "dist/server/index.d.ts",
  "dist/testing/engine/index.js",
  "dist/testing/engine/index.d.ts",
  "dist/cli/main.js",
  "dist/cli/LICENSES.txt"
]
const allowedFiles =
  /^(?:dist\/.*\.(?:js|d\.ts)(?:\.map)?|dist\/cli\/LICENSES\.txt|src\/.*\.ts|docs\/[\w-]+\.md|package\.json|models\.schema\.json|(?:README|ARCHIVE|BEHAVIOUR|CHANGELOG|MOVING)\.md|LICENSE)$/

const tsconfig = (module: string, moduleResolution: string) => ({
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"],
    module,
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ["node"],
    // Our declarations, and those of effect that they name, must be right under a user's options.
    skipLibCheck: false
  },
  files: ["program.ts"]
})

const checkTarball = (files: ReadonlyArray<string>) => {
  const wrong = [
    ...neededFiles.filter((path) => !files.includes(path)).map((path) => `lacks ${path}`),
    ...files.filter((path) => !allowedFiles.test(path)).map((path) => `should not hold ${path}`),
    ...files
      .filter((path) => /(?:^|\/)tests?\/|\.(?:test|tst|contract|browser)\./.test(path))
      .map((path) => `holds the test ${path}`)
  ]
  if (wrong.length > 0) {
    throw new Error(`the tarball ${wrong.join("\nthe tarball ")}`)
  }
}

const checkImportGraph = () => {
  const seen = new Set<string>()
  const queue = [...clientEntries]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (!seen.has(path)) {
      seen.add(path)
      for (const { specifier } of parse({ path, text: readFileSync(join(root, path), "utf8") }).references) {
        if (specifier.startsWith(".")) {
          queue.push(resolve(path, specifier))
        } else if (!specifier.startsWith("effect/")) {
          throw new Error(`${path} imports "${specifier}": the client depends on effect alone`)
        }
      }
    }
  }
  return seen.size
}

/** The installed command: it describes itself, and says what it lacks instead of breaking off. */
const checkCommand = (consumer: string): string => {
  const command = join(consumer, "node_modules/.bin/effect-evals")
  const env = { ...process.env, OPENAI_API_KEY: "", OPENAI_BASE_URL: "" }
  const start = (...args: ReadonlyArray<string>) => spawnSync(command, args, { cwd: consumer, encoding: "utf8", env })

  const help = start("--help")
  if (help.status !== 0 || !/^ +archive\b/m.test(help.stdout) || !/^ +export\b/m.test(help.stdout)) {
    throw new Error(`effect-evals --help ended with ${help.status}:\n${help.stdout}${help.stderr}`)
  }
  const unable = start("archive", "--db", "evals.db", "--dry-run")
  if (unable.status !== 2 || unable.stdout !== "" || !unable.stderr.startsWith("effect-evals: OPENAI_API_KEY")) {
    throw new Error(`effect-evals archive without a key ended with ${unable.status}:\n${unable.stdout}${unable.stderr}`)
  }
  if (existsSync(join(consumer, "evals.db"))) throw new Error("effect-evals archive --dry-run made a file")
  const version = start("--version").stdout.trim()
  if (!version.endsWith(manifest.version)) throw new Error(`effect-evals --version says ${version}`)
  return `command ${version}`
}

const steps: Array<string> = []
try {
  run("npm", ["run", "build"], { cwd: root })
  steps.push(`${checkImportGraph()} modules import effect only`)

  run(join(root, "node_modules/.bin/publint"), ["--strict"], { cwd: root })
  steps.push("publint")

  const packed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", temporary], { cwd: root })
  const [tarball] = JSON.parse(packed) as Array<{
    readonly filename: string
    readonly size: number
    readonly files: Array<{ readonly path: string }>
  }>
  if (tarball === undefined) {
    throw new Error("npm pack made nothing")
  }
  checkTarball(tarball.files.map(({ path }) => path))
  steps.push(`tarball of ${tarball.files.length} files, ${Math.round(tarball.size / 1024)} KiB`)

  const consumer = join(temporary, "consumer")
  cpSync(join(root, "test/checks/consumer"), consumer, { recursive: true })
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const packages = [
    join(temporary, tarball.filename),
    ...["effect", "@types/node"].map((name) => `${name}@${manifest.devDependencies[name]}`)
  ]
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages], { cwd: consumer })
  steps.push(`installed: ${run(process.execPath, ["program.ts"], { cwd: consumer }).trim()}`)

  steps.push(checkCommand(consumer))

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"]
  ] as const) {
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(tsconfig(module, resolution)))
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"], { cwd: consumer })
    steps.push(`types under moduleResolution ${resolution}`)
  }
  console.log(`package: ${steps.join("; ")}`)
} catch (error) {
  console.error(
    `package: ${steps.join("; ") || "nothing"} ok, then:\n${error instanceof Error ? error.message : String(error)}`
  )
  process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

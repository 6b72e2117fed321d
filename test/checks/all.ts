/**
 * `npm test`: the steps below, two at a time; the first that fails ends the run and shows what it printed.
 * `npm test -- lint test:unit` runs just these.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { stripVTControlCharacters } from "node:util"

const root = join(import.meta.dirname, "../..")
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** Scripts of package.json: quick ones first, so that a slip shows early. `result` finds the line worth repeating. */
const steps: ReadonlyArray<{ readonly script: string; readonly result?: RegExp }> = [
  { script: "check:dependencies", result: /^dependencies: (.*)/m },
  { script: "format:check" },
  { script: "lint", result: /on (\d+ files with \d+ rules)/ },
  { script: "check:layout", result: /^layout: (.*)/m },
  { script: "typecheck" },
  { script: "check:unused" },
  { script: "test:docs", result: /^docs: (.*)/m },
  { script: "test:behaviour", result: /^behaviour: (.*)/m },
  { script: "test:types", result: /^Assertions: +(.*)/m },
  { script: "test:unit", result: /^ +Tests +(.*)/m },
  { script: "test:package", result: /^package: (.*)/m }
]
const parallel = 2

interface Outcome {
  readonly ok: boolean
  readonly output: string
  readonly seconds: string
}

const stop = new AbortController()
// As npm does it for scripts, so that this file can be started without npm too.
const PATH = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`

const execute = (command: string): Promise<Outcome> =>
  new Promise((done) => {
    const started = performance.now()
    let output = ""
    // `detached` makes a process group, so that stopping a step stops what it started.
    const child = spawn(command, {
      cwd: root,
      shell: true,
      detached: true,
      env: { ...process.env, PATH },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const kill = () => child.pid !== undefined && process.kill(-child.pid)
    stop.signal.addEventListener("abort", kill)
    child.stdout.on("data", (chunk) => (output += chunk))
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("close", (code) => {
      stop.signal.removeEventListener("abort", kill)
      done({
        ok: code === 0,
        output: stripVTControlCharacters(output),
        seconds: ((performance.now() - started) / 1000).toFixed(1)
      })
    })
  })

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !steps.some(({ script }) => script === name))
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(", ")}; there are ${steps.map(({ script }) => script).join(", ")}`)
  process.exit(2)
}
const queue = steps.filter(({ script }) => chosen.length === 0 || chosen.includes(script))
const started = performance.now()
let passed = 0

const work = async () => {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const { ok, output, seconds } = await execute(scripts[step.script] ?? `echo "no script ${step.script}" && false`)
    if (stop.signal.aborted) {
      return
    }
    if (!ok) {
      queue.length = 0
      stop.abort()
      console.error(`FAIL  ${step.script} (${seconds} s)\n\n${output.trim()}\n\nAgain: npm run ${step.script}`)
      process.exitCode = 1
      return
    }
    passed++
    console.log(`ok    ${`${step.script} (${seconds} s)`.padEnd(28)} ${step.result?.exec(output)?.[1] ?? ""}`.trimEnd())
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stop.abort()
    process.exit(130)
  })
}
await Promise.all(Array.from({ length: parallel }, work))
if (process.exitCode === undefined) {
  console.log(`all ${passed} steps ok in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

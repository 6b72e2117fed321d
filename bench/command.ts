/**
 * The time that the built command takes from its start to its end, against the
 * smallest program over Effect's command line modules.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Benchmark, inTurns } from "./lib/harness.ts"

const root = join(import.meta.dirname, "..")
const folder = join(root, "tmp/bench/command")
const database = join(folder, "evals.db")
const built = join(root, "dist/cli/main.js")
const rounds = 9

/** It begins as the command does: with what was compiled before. */
const bare = {
  "bare.mjs": `import { enableCompileCache } from "node:module"
enableCompileCache()
await import("./program.mjs")
`,
  "program.mjs": `import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
Command.runWith(Command.make("bare"), { version: "0.0.0" })(["--version"]).pipe(
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
`
}

const subjects = {
  bare: [join(folder, "bare.mjs")],
  version: [built, "--version"],
  help: [built, "--help"],
  list: [built, "list", "--db", database]
}

const millis = (args: ReadonlyArray<string>): number => {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`)
  return performance.now() - start
}

export const command: Benchmark = {
  name: "command",
  run: async () => {
    execFileSync("npm", ["run", "build"], { cwd: root })
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries(bare)) writeFileSync(join(folder, name), text)
    const example = join(root, "examples/support-tickets")
    millis([built, "run", `${example}/definition.json`, "--data", `${example}/tickets.jsonl`, "--db", database])
    for (const args of Object.values(subjects)) millis(args)
    const took = await inTurns(["bare", "version", "help", "list"], rounds, (subject) =>
      Promise.resolve([millis(subjects[subject])])
    )
    return (["version", "help", "list"] as const).map((subject) => {
      const ratio = took(subject) / took("bare")
      return {
        benchmark: `effect-evals ${subject === "list" ? "list" : `--${subject}`} / bare effect/cli`,
        ours: `${took(subject).toFixed(0)} ms`,
        theirs: `${took("bare").toFixed(0)} ms`,
        ratio,
        target: "<= 1",
        met: ratio <= 1
      }
    })
  }
}

/**
 * Sampling and judging, without a key: `npm run example:models` starts a server that only plays a model, and runs
 * support-tickets/sampled.json against it with the command. The model answers each ticket, and judges each answer twice.
 * The file of models and the database stay in tmp/example-models until the next time.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { join } from "node:path"
import * as StandInModel from "./support/standInModel.ts"

const tickets = "examples/support-tickets"
const folder = "tmp/example-models"

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = join(import.meta.dirname, "..")
  yield* fs.remove(join(root, folder), { recursive: true, force: true })
  yield* fs.makeDirectory(join(root, folder), { recursive: true })
  // for a real model the entry has its address and its key: docs/models.md
  const entry = {
    match: "gpt-*",
    baseUrl: yield* StandInModel.baseUrl,
    model: StandInModel.modelName,
    price: { input: 0.4, output: 1.6 }
  }
  yield* fs.writeFileString(join(root, folder, "models.json"), JSON.stringify({ entries: [entry] }, null, 2))

  const flags = {
    "--data": `${tickets}/tickets.jsonl`,
    "--models": `${folder}/models.json`,
    "--db": `${folder}/evals.db`
  }
  const words = ["run", `${tickets}/sampled.json`, ...Object.entries(flags).flat()]
  yield* Console.log(`effect-evals ${words.join(" ")}\n`)
  const command = ChildProcess.make(
    process.execPath,
    ["--conditions=effect-evals-source", "src/cli/main.ts", ...words],
    { cwd: root, stdin: "inherit", stdout: "inherit", stderr: "inherit" }
  )
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  process.exitCode = yield* spawner.exitCode(command)
})

program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)

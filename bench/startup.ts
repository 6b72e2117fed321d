/**
 * What an import costs: the built entry in a fresh process, against openai-node.
 */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Benchmark, inTurns } from "./lib/harness.ts"

const root = join(import.meta.dirname, "..")
const built = join(root, "tmp/bench/dist")
const rounds = 7

const millis = (specifier: string): number => {
  const program = `const start = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - start)`
  return Number(
    execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: root, encoding: "utf8" })
  )
}

export const startup: Benchmark = {
  name: "import",
  run: async () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc")
    execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", built], { cwd: root })
    const specifiers = { ours: pathToFileURL(join(built, "index.js")).href, theirs: "openai" }
    const took = await inTurns(["ours", "theirs"], rounds, (subject) => Promise.resolve([millis(specifiers[subject])]))
    const ratio = took("ours") / took("theirs")
    return [
      {
        benchmark: "import in a fresh process / openai-node",
        ours: `${took("ours").toFixed(0)} ms`,
        theirs: `${took("theirs").toFixed(0)} ms`,
        ratio
      }
    ]
  }
}

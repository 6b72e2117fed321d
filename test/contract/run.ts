/**
 * `npm run test:contract -- DIR`: the contract tests, against the OpenAPI document and the recorded payloads in DIR.
 * The tests read the folder's path from EVALS_CONTRACT_DIR.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"

const root = join(import.meta.dirname, "../..")
// Arguments that begin with a dash are vitest's.
const given = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? process.env["EVALS_CONTRACT_DIR"]
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"))
const directory = given === undefined ? resolve(root, "../shared/contract") : resolve(given)

const absent = ["evals.openapi.json", "payloads"].filter((name) => !existsSync(join(directory, name)))
if (absent.length > 0) {
  console.error(
    `The contract tests need a folder with evals.openapi.json and payloads/; ${directory} has no ${absent.join(" and no ")}.\n` +
      "Name it: npm run test:contract -- DIR"
  )
  process.exit(2)
}

const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "contract", ...flags],
  { cwd: root, stdio: "inherit", env: { ...process.env, EVALS_CONTRACT_DIR: directory } }
)
process.exitCode = status ?? 1

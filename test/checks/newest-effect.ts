/**
 * `npm run check:newest`: types and unit tests against the newest effect 4, in a copy of the project. Parts of effect
 * that we use may change between minor versions; this tells early. Its last line is the verdict.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { run } from "./lib/run.ts"

const root = join(import.meta.dirname, "../..")
/** The version that is installed, which the lock pins. */
const installed = (name: string): string => {
  const manifest = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as {
    readonly version: string
  }
  return manifest.version
}

/** The newest 4.x that is no pre-release. The registry lists versions by date, and fixes to older lines come late. */
const newest = (name: string): string => {
  const answer = JSON.parse(
    run("npm", ["view", `${name}@^4`, "version", "--json", "--fetch-retries=1"], { cwd: root })
  ) as string | Array<string>
  const last = [answer]
    .flat()
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1)
  if (last === undefined) {
    throw new Error(`${name} has no version 4`)
  }
  return last
}

const verdict = (): { readonly ok: boolean; readonly text: string } => {
  const wanted = ["effect", "@effect/platform-node", "@effect/vitest"].map((name) => ({ name, version: newest(name) }))
  const listed = wanted.map(({ name, version }) => `${name}@${version}`)
  if (wanted.every(({ name, version }) => installed(name) === version)) {
    return { ok: true, text: `${listed.join(", ")} are installed here, nothing newer to try` }
  }
  const temporary = mkdtempSync(join(tmpdir(), "effect-evals-newest-"))
  try {
    const left = new Set(["node_modules", "dist", "tmp", ".git"])
    cpSync(root, temporary, { recursive: true, filter: (path) => path === root || !left.has(basename(path)) })
    run("npm", ["install", "--save-dev", "--save-exact", "--prefer-offline", ...listed], { cwd: temporary })
    const failed = ["typecheck", "test:unit"].filter((script) => {
      try {
        run("npm", ["run", script], { cwd: temporary })
        return false
      } catch (error) {
        console.error(error instanceof Error ? error.message : error)
        return true
      }
    })
    return failed.length === 0
      ? { ok: true, text: `types and unit tests pass with ${listed.join(", ")}` }
      : { ok: false, text: `${failed.join(" and ")} FAIL with ${listed.join(", ")}` }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

try {
  const { ok, text } = verdict()
  console.log(`newest effect: ${text}`)
  process.exitCode = ok ? 0 : 1
} catch (error) {
  console.log(`newest effect: could not be tried: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

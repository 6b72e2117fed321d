/**
 * `npm run check:dependencies`: package.json and the lock file hold what a fresh `npm ci` needs, on any platform.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"

interface Manifest {
  readonly version?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "../..", path), "utf8"))
const manifest = read("package.json") as Manifest
const { packages } = read("package-lock.json") as { readonly packages: Readonly<Record<string, Manifest>> }
const problems: Array<string> = []

for (const [path, locked] of Object.entries(packages)) {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
  if (locked.resolved !== undefined) {
    problems.push(`the lock names the host of ${name}: remove "resolved" (.npmrc keeps npm from writing it)`)
  }
  // npm leaves a platform's package out of the lock when the registry lacks it, and `npm ci` then refuses the lock.
  for (const [optional, version] of Object.entries(locked.optionalDependencies ?? {})) {
    const places = path
      .split("/node_modules/")
      .map((_, depth, parts) => parts.slice(0, depth + 1).join("/node_modules/"))
    const found = [...places.map((place) => `${place}/node_modules/${optional}`), `node_modules/${optional}`]
    if (!found.some((place) => Object.hasOwn(packages, place))) {
      problems.push(`the lock lacks ${optional}@${version}: take a version of ${name} whose packages are all published`)
    }
  }
  // Without addresses in the lock npm cannot tell versions apart here, so an approval is by name.
  if (locked.hasInstallScript === true && manifest.allowScripts?.[name] === undefined) {
    problems.push(`${name} has an install script: say in "allowScripts" whether it may run`)
  }
}
for (const [name, version] of Object.entries(manifest.devDependencies ?? {})) {
  if (!/^(?:npm:.+@)?\d/.test(version)) {
    problems.push(`${name}: pin "${version}" to one version, so that a build is the same tomorrow`)
  }
}

for (const problem of problems) {
  console.error(problem)
}
console.log(`dependencies: ${Object.keys(packages).length} locked packages, ${problems.length} findings`)
process.exitCode = problems.length === 0 ? 0 : 1

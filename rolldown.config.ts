/**
 * Bundles the built command. Node takes longer to find and read the modules of
 * Effect one by one than to run them, so a command of few files starts in a third
 * of the time. What a verb loads when it is chosen is a file of its own.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type Plugin } from "rolldown"

const worker = "effect-evals/worker"
const undici = "@effect/platform-node/Undici"

/** Leaves undici out: it is a package of CommonJS, and is loaded by commands that talk to a host alone. */
const withoutUndici: Plugin = {
  name: "without-undici",
  resolveId: (id, importer) =>
    id === "./Undici.js" && importer?.includes("/@effect/platform-node/") === true
      ? { id: undici, external: true }
      : undefined
}

const packageFolder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/

const licenseOf = (folder: string): string => {
  const { name, version }: { readonly name: string; readonly version: string } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8")
  )
  return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`
}

/** Writes the licenses of the packages whose code is in the bundle. */
const licenses: Plugin = {
  name: "licenses",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []))
    const folders = new Set(modules.flatMap((path) => packageFolder.exec(path.replaceAll("\\", "/"))?.[0] ?? []))
    const source = [...folders]
      .toSorted()
      .map(licenseOf)
      .join(`\n${"-".repeat(80)}\n\n`)
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source })
  }
}

export default defineConfig({
  input: "dist/cli/main.js",
  platform: "node",
  external: [worker, undici],
  plugins: [withoutUndici, licenses],
  output: { dir: "dist/cli", cleanDir: true, comments: false }
})

import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse, resolve, visit } from "../checks/lib/source.ts"

const root = join(import.meta.dirname, "../..")

/** The modules that are loaded with a file: those that it imports statically, and theirs. */
const loadedWith = (entry: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const queue = [entry]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    if (!path.startsWith("src/")) continue
    const from = path
    const add = (specifier: string) => queue.push(specifier.startsWith(".") ? resolve(from, specifier) : specifier)
    visit(parse({ path, text: readFileSync(join(root, path), "utf8") }), {
      ImportDeclaration: ({ importKind, source }) => importKind !== "type" && add(source.value),
      ExportNamedDeclaration: ({ exportKind, source }) => exportKind !== "type" && source !== null && add(source.value),
      ExportAllDeclaration: ({ source }) => add(source.value)
    })
  }
  return seen
}

const withoutCommand = (modules: ReadonlySet<string>): ReadonlyArray<string> =>
  [...modules].filter((path) => path.startsWith("src/") && !path.startsWith("src/cli/"))

it("the command starts without loading client, store, engine, server and transport", () => {
  const loaded = loadedWith("src/cli/process.ts")
  assert.isTrue(loaded.has("src/cli/commands/serve.ts"))
  assert.sameMembers(
    [...withoutCommand(loaded)],
    ["src/report/plainText.ts", "src/schema/fields.ts", "src/schema/packageVersion.ts", "src/store/systemReason.ts"]
  )
  assert.isFalse(loaded.has("@effect/platform-node/NodeHttpClient"))
})

it("a verb that reads a file loads no workflow engine, no cluster and no transport", () => {
  const loaded = loadedWith("src/cli/targetInFile.ts")
  assert.isTrue(loaded.has("src/engine/Engine.ts"))
  assert.deepStrictEqual(
    [...loaded].filter((path) => /^effect\/(?:cluster|rpc|workflow)\/|NodeHttpClient|NodeHttpServer/.test(path)),
    []
  )
})

it("a verb that works at a host loads neither store nor engine", () => {
  assert.deepStrictEqual(
    [...loadedWith("src/cli/targetAtHost.ts")].filter(
      (path) => /^src\/(?:engine|server|store)\//.test(path) && !/isLoopback|systemReason/.test(path)
    ),
    []
  )
})

/** The JSON Schema of the file of models in the package, and the files of docs/models.md. */
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as ModelError from "../../../src/engine/models/ModelError.ts"
import * as ModelsFile from "../../../src/engine/models/ModelsFile.ts"

const root = join(import.meta.dirname, "../../..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")
const schema: object = JSON.parse(read("models.schema.json"))
const page = read("docs/models.md")

const blocks = Array.from(page.matchAll(/^```json\n([^]*?)^```/gm), ([, text = ""]) => text)
const titleOf = (text: string): string =>
  page
    .slice(0, page.indexOf(text))
    .match(/^#+ (.*)$/gm)
    ?.at(-1) ?? ""
const anyKey = new Proxy<{ readonly [name: string]: string }>({}, { get: () => "sk-1" })

describe("the JSON Schema of the file of models", () => {
  it("is the one of the code; npm run docs:models writes it", () => {
    assert.deepStrictEqual(schema, ModelsFile.jsonSchema())
  })

  it("is exported by the package", () => {
    assert.isTrue(import.meta.resolve("effect-evals/models.schema.json").endsWith("/models.schema.json"))
  })
})

describe("the page about models", () => {
  const validate = new Ajv2020().compile(schema)

  it("has a file for each kind of endpoint", () => {
    assert.isAtLeast(blocks.length, 8)
  })

  for (const [index, text] of blocks.entries()) {
    it.effect(`has a file that is right: ${index + 1}, ${titleOf(text)}`, () =>
      Effect.gen(function* () {
        assert.isTrue(validate(JSON.parse(text)), JSON.stringify(validate.errors))
        const entries = yield* ModelsFile.parse(text, "models.json", { env: anyKey })
        assert.isAbove(entries.length, 0)
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )
  }

  it("names every field", () => {
    const table = page.slice(page.indexOf("| Field"), page.indexOf("A path in `keyFile`"))
    for (const name of Object.keys(ModelsFile.FileEntry.fields)) assert.include(table, `\`${name}\``)
  })

  it("names every reason of an error", () => {
    const table = page.slice(page.indexOf("| Reason"), page.indexOf("An errored row has the error"))
    const reasons = Object.keys(ModelError).filter((name) => name !== "ModelError" && name !== "Reason")
    assert.isAtLeast(reasons.length, 14)
    for (const name of reasons) assert.include(table, `\`${name}\``)
  })
})

/** openai-node's methods, one by one, against an engine. */
import { assert, describe, it, layer } from "@effect/vitest"
import type { Layer } from "effect"
import OpenAI from "openai"
import type { Backend } from "./backend.ts"
import { errors } from "./errors.ts"
import { evals, listedEvals } from "./evals.ts"
import { files, listedFiles } from "./files.ts"
import { graders } from "./graders.ts"
import { outputItems, runs } from "./runs.ts"

const methodsOf = (resource: object): ReadonlyArray<string> =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
    .filter((name) => name !== "constructor")
    .toSorted()

/** The suite. Each part has an engine of its own, which holds nothing at first. */
export const suite = (name: string, backend: Layer.Layer<Backend>): void => {
  describe(name, () => {
    layer(backend)("evals", evals)
    layer(backend)("lists of evals", listedEvals)
    layer(backend)("evals.runs", runs)
    layer(backend)("evals.runs.outputItems", outputItems)
    layer(backend)("files", files)
    layer(backend)("lists of files", listedFiles)
    layer(backend)("fineTuning.alpha.graders", graders)
    layer(backend)("errors", errors)

    it("leaves none of openai-node's methods out", () => {
      const client = new OpenAI({ apiKey: "none" })
      assert.deepStrictEqual(methodsOf(client.evals), ["create", "delete", "list", "retrieve", "update"])
      assert.deepStrictEqual(methodsOf(client.evals.runs), ["cancel", "create", "delete", "list", "retrieve"])
      assert.deepStrictEqual(methodsOf(client.evals.runs.outputItems), ["list", "retrieve"])
      assert.deepStrictEqual(methodsOf(client.files), [
        "content",
        "create",
        "delete",
        "list",
        "retrieve",
        "waitForProcessing"
      ])
      assert.deepStrictEqual(methodsOf(client.fineTuning.alpha.graders), ["run", "validate"])
    })
  })
}

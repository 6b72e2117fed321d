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

/** The suite. */
export const suite = (name: string, backend: Layer.Layer<Backend>): void => {
  describe(name, () => {
    layer(backend)("an engine", (it) => {
      describe("evals", () => evals(it))
      describe("evals.runs", () => runs(it))
      describe("evals.runs.outputItems", () => outputItems(it))
      describe("fineTuning.alpha.graders", () => graders(it))
      describe("errors", () => errors(it))
      // last: its time goes on
      describe("files", () => files(it))
    })
    // these hold nothing else
    layer(backend)("lists of evals", listedEvals)
    layer(backend)("lists of files", listedFiles)

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

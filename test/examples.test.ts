/** The definitions of examples/support-tickets. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Eval, lintEval, Run } from "effect-evals"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "../examples/support-tickets")
const Definition = Schema.fromJsonString(Schema.Struct({ eval: Eval.CreateParams, run: Run.CreateParams }))

describe("definitions of the examples", () => {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    it.effect(`${name} can be sent, and has no findings`, () =>
      Effect.gen(function* () {
        const text = readFileSync(join(folder, name), "utf8")
        const definition = yield* Schema.decodeUnknownEffect(Definition)(text)
        assert.deepStrictEqual(lintEval(definition.eval, definition.run), [])
      })
    )
  }
})

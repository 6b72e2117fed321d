/** Lists of runs whose rows are many bytes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createEval, executeRun, listRunsPage } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { definition, label, over } from "./lib/engine.ts"

const timeout = 300_000
const mebibyte = 1024 * 1024

describe("a list of runs", () => {
  it.live(
    "has as many pages as the bytes of the rows need",
    () =>
      Effect.gen(function* () {
        yield* Effect.gen(function* () {
          const { id } = yield* createEval(definition({ ...label, input: "{{ item.label }}" }))
          const row = { item: { label: "yes", text: "x".repeat(mebibyte) } }
          const rows = over(Array.from({ length: 7 }, () => row))
          const made = yield* Effect.forEach(
            Array.from({ length: 10 }),
            () => Effect.map(executeRun(id, rows), (run) => String(run.id)),
            { concurrency: 1 }
          )
          const first = yield* listRunsPage(id, { limit: 100 })
          assert.isTrue(first.has_more)
          const last = first.data.at(-1)
          const rest = yield* listRunsPage(id, { limit: 100, ...(last === undefined ? {} : { after: last.id }) })
          assert.isFalse(rest.has_more)
          assert.deepStrictEqual(
            [...first.data, ...rest.data].map((run) => String(run.id)),
            made
          )
        }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory))))
      }),
    timeout
  )
})

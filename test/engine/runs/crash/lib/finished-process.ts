/**
 * Executes small runs in memory, one after another, and prints how many bytes the
 * heap holds after some of them and after many more. Needs `--expose-gc`.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createEval, executeRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"

const [some = 0, more = 0] = process.argv.slice(2).map(Number)

// as large as what one run would keep if it kept anything
const content = Array.from({ length: 40 }, (_, n) => ({ item: { n, text: "lorem ipsum ".repeat(40), label: "a" } }))

const heap = Effect.promise(async () => {
  await globalThis.gc?.({ type: "major", execution: "async" })
  return process.memoryUsage().heapUsed
})

const measured = Effect.gen(function* () {
  const { id } = yield* createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" } },
    testing_criteria: [
      { type: "string_check", name: "label", input: "{{ item.label }}", reference: "a", operation: "eq" }
    ]
  })
  const one = executeRun(id, { data_source: { type: "jsonl", source: { type: "file_content", content } } })
  yield* Effect.repeat(one, { times: some - 1 })
  const before = yield* heap
  yield* Effect.repeat(one, { times: more - 1 })
  return [before, yield* heap]
})

console.log(
  JSON.stringify(
    await Effect.runPromise(
      Effect.provide(measured, EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory)))
    )
  )
)

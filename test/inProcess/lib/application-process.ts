/**
 * An application with the engine, which is bundled and then started. Each argument
 * is the worker program that an engine is given; `-` stands for none. It prints one
 * line for each.
 */
import { Console, Effect, Layer } from "effect"
import { createEval, executeRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"

const program = Effect.gen(function* () {
  const { id } = yield* createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
    testing_criteria: [
      { type: "string_check", name: "ok", input: "{{sample.output_text}}", reference: "{{item.team}}", operation: "eq" }
    ]
  })
  const rows = [
    { item: { team: "Hardware" }, sample: { output_text: "Hardware" } },
    { item: { team: "Billing" }, sample: { output_text: "Shipping" } }
  ]
  const run = yield* executeRun(id, { data_source: { type: "jsonl", source: { type: "file_content", content: rows } } })
  return `${run.result_counts.passed} of ${run.result_counts.total} passed`
})

const withWorker = (worker: string | undefined) =>
  program.pipe(
    Effect.catch((error) => Effect.succeed(error.message)),
    Effect.provide(
      EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename: ":memory:", worker })))
    )
  )

const workers = process.argv.slice(2)

Effect.runPromise(
  Effect.forEach(workers, (worker) => Effect.flatMap(withWorker(worker === "-" ? undefined : worker), Console.log), {
    concurrency: 1,
    discard: true
  })
).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})

/**
 * Sampling and judging, without a key: `npm run example:models` starts a server that only plays a model, and runs
 * support-tickets/sampled.json against it. The model answers each ticket, and judges each answer twice.
 */
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option, Schema, Stream } from "effect"
import { awaitRun, createEval, createRun, Eval, listOutputItems, Run, Upload, uploadFile, watchRun } from "effect-evals"
import { EvalsEngine, Models } from "effect-evals/engine"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as StandInModel from "./support/standInModel.ts"
import { bar, percent, progressLine, show } from "./support/terminal.ts"

const folder = join(import.meta.dirname, "support-tickets")

const Definition = Schema.fromJsonString(Schema.Struct({ eval: Eval.CreateParams, run: Run.CreateParams }))
const Tickets = Schema.Array(Schema.fromJsonString(Schema.Struct({ item: Schema.Record(Schema.String, Schema.Json) })))

const lines = readFileSync(join(folder, "tickets.jsonl"), "utf8").trim().split("\n")

const program = Effect.gen(function* () {
  const definition = yield* Schema.decodeEffect(Definition)(readFileSync(join(folder, "sampled.json"), "utf8"))
  // the items alone: the answers that the file has are not used
  const tickets = yield* Schema.decodeEffect(Tickets)(lines)
  const { id: file } = yield* uploadFile({ file: Upload.fromRows(tickets), purpose: "evals" })

  const { id } = yield* createEval(definition.eval)
  const { data_source } = definition.run
  const run = yield* createRun(id, {
    ...definition.run,
    data_source: { ...data_source, source: { type: "file_id", id: file } }
  })
  yield* watchRun(run).pipe(
    Stream.runForEach((run) => show(progressLine(run, tickets.length), Run.isTerminal(run.status)))
  )
  const completed = yield* awaitRun(run)

  yield* Console.log("")
  for (const { failed, passed, testing_criteria } of completed.per_testing_criteria_results ?? []) {
    // the id of a criterion is its name and a UUID
    const name = testing_criteria.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "")
    const rate = passed + failed === 0 ? 0 : passed / (passed + failed)
    yield* Console.log(`${name.padEnd(26)} ${bar(rate)} ${percent(rate).padStart(7)}`)
  }
  for (const { completion_tokens, invocation_count, model_name, prompt_tokens } of completed.per_model_usage ?? []) {
    yield* Console.log(
      `\n${model_name}: ${invocation_count} requests, ${prompt_tokens} tokens of prompts, ${completion_tokens} of answers`
    )
  }
  const first = yield* Stream.runHead(listOutputItems(id, run.id))
  if (Option.isSome(first)) {
    yield* Console.log(`\nthe first ticket: ${String(first.value.datasource_item["subject"])}`)
    yield* Console.log(first.value.sample?.output[0]?.content)
  }
})

// for a real model the entry has its address and its key: docs/models.md
const models = Layer.unwrap(
  Effect.map(StandInModel.baseUrl, (baseUrl) => Models.layer([{ match: "*", baseUrl, model: StandInModel.modelName }]))
)

const layer = EvalsEngine.layerClient().pipe(
  Layer.provide(EvalsEngine.layerMemory),
  Layer.provide(models),
  Layer.provide(NodeHttpClient.layerUndici)
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)

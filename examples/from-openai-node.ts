/**
 * Coming from openai-node: the same bodies give the same results. Bodies and results
 * keep the API's own names, so they are pasted, not translated.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Stream } from "effect"
import {
  awaitRun,
  createEval,
  createRun,
  type Eval,
  EvalId,
  EvalsClient,
  listOutputItems,
  retrieveRun,
  type Run,
  RunId
} from "effect-evals"
import { FetchHttpClient } from "effect/http"
import assert from "node:assert/strict"
import { setTimeout } from "node:timers/promises"
import OpenAI from "openai"
import * as Host from "./support/host.ts"

// The bodies, once: they fit the types of both.
const evalBody = {
  name: "arithmetic",
  data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
  testing_criteria: [
    {
      type: "string_check",
      name: "sum",
      input: "{{ item.answer }}",
      reference: "{{ item.expected }}",
      operation: "eq"
    }
  ]
} satisfies Eval.CreateParams & OpenAI.EvalCreateParams

const runBody = {
  name: "first",
  data_source: {
    type: "jsonl",
    source: {
      type: "file_content",
      content: [{ item: { answer: "4", expected: "4" } }, { item: { answer: "5", expected: "7" } }]
    }
  }
} satisfies Run.CreateParams & OpenAI.Evals.RunCreateParams

// With openai-node, waiting is a loop of one's own.
const before = async (client: OpenAI) => {
  const { id: eval_id } = await client.evals.create(evalBody)
  let run: OpenAI.Evals.RunRetrieveResponse = await client.evals.runs.create(eval_id, runBody)
  while (run.status === "queued" || run.status === "in_progress") {
    await setTimeout(50)
    run = await client.evals.runs.retrieve(run.id, { eval_id })
  }
  const items: Array<OpenAI.Evals.Runs.OutputItemListResponse> = []
  for await (const item of client.evals.runs.outputItems.list(run.id, { eval_id, limit: 1 })) items.push(item)
  return { run, items }
}

// With effect-evals, ids come in the order of the path: eval, run, item.
const after = Effect.gen(function* () {
  const { id: evalId } = yield* createEval(evalBody)
  const { id: runId } = yield* createRun(evalId, runBody)
  const run = yield* awaitRun(evalId, runId)
  const items = yield* Stream.runCollect(listOutputItems(evalId, runId, { limit: 1 }))
  return { run, items }
})

const program = Effect.gen(function* () {
  const baseUrl = yield* Host.baseUrl
  const openai = new OpenAI({ apiKey: "sk-example", baseURL: baseUrl })
  const layer = EvalsClient.layer({ apiKey: Redacted.make("sk-example"), baseUrl }).pipe(
    Layer.provide(FetchHttpClient.layer)
  )

  const theirs = yield* Effect.promise(() => before(openai))
  const ours = yield* Effect.provide(after, layer)
  assert.deepEqual(ours.run.result_counts, theirs.run.result_counts)
  yield* Console.log("openai-node ", JSON.stringify(theirs.run.result_counts), `${theirs.items.length} items`)
  yield* Console.log("effect-evals", JSON.stringify(ours.run.result_counts), `${ours.items.length} items`)

  // What one has created the other reads, field by field the same.
  const again = yield* retrieveRun(EvalId.make(theirs.run.eval_id), RunId.make(theirs.run.id)).pipe(
    Effect.provide(layer)
  )
  assert.deepEqual(again, { ...theirs.run })
  yield* Console.log("the same run, read by both: equal in every field")
})

program.pipe(Effect.scoped, NodeRuntime.runMain)

/**
 * The flow of the API's guide with openai-node: an eval with judges, an uploaded file, a run that samples, waiting for it,
 * and its output items. Over a socket and without one.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Models } from "effect-evals/engine"
import { type OpenAI, toFile } from "openai"
import { completion, failure, type Received, type Reply, response, serve } from "../../lib/modelServer.ts"
import { all, type Backend, makeFetch, socket, using } from "../engine/lib/backend.ts"
import { jsonl } from "../engine/lib/material.ts"

const tickets = [
  { ticket: "My screen stays black.", correct_label: "Hardware" },
  { ticket: "The app crashes.", correct_label: "Software" },
  { ticket: "Break the endpoint.", correct_label: "Other" },
  { ticket: "Refuse to judge me.", correct_label: "Other" }
]

const definition = {
  name: "tickets",
  data_source_config: {
    type: "custom",
    item_schema: {
      type: "object",
      properties: { ticket: { type: "string" }, correct_label: { type: "string" } },
      required: ["ticket", "correct_label"]
    },
    include_sample_schema: true
  },
  testing_criteria: [
    {
      type: "string_check",
      name: "exact",
      input: "{{ sample.output_text }}",
      reference: "{{ item.correct_label }}",
      operation: "eq"
    },
    {
      type: "score_model",
      name: "quality",
      model: "o4-mini",
      range: [1, 7],
      pass_threshold: 5,
      input: [{ role: "user", content: "Score {{ sample.output_text }} for: {{ item.ticket }}" }],
      sampling_params: { seed: 1, max_completions_tokens: 200 }
    },
    {
      type: "label_model",
      name: "tone",
      model: "gpt-4.1-mini",
      labels: ["kind", "rude"],
      passing_labels: ["kind"],
      input: [
        { role: "developer", content: "Label the tone." },
        { role: "user", content: "{{ item.ticket }}" }
      ]
    }
  ]
} satisfies OpenAI.EvalCreateParams

const judgement = (result: unknown) =>
  JSON.stringify({ steps: [{ description: "Read it.", conclusion: "It is so." }], result })

const refusal = {
  index: 0,
  message: { role: "assistant", content: null, refusal: "I will not." },
  finish_reason: "stop"
}

/** Answers by the ticket in a request. */
const script = ({ body }: Received): Reply => {
  const text = JSON.stringify(body)
  const which = tickets.findIndex(({ ticket }) => text.includes(ticket))
  switch (body["model"]) {
    case "gpt-4.1":
      return which === 2
        ? { status: 400, body: failure("Too odd.", { code: "odd_prompt" }) }
        : { body: response(which === 3 ? "Other" : "Hardware") }
    case "o4-mini": {
      const fields = { model: "o4-mini-2025-04-16", ...(which === 3 ? { choices: [refusal] } : {}) }
      return { body: completion(judgement(which === 0 ? 6.5 : 2), fields) }
    }
    default:
      return { body: completion(judgement("kind"), { model: "gpt-4.1-mini-2025-04-14" }) }
  }
}

/** The flow, and what a user sees of it. */
const flow = async (client: OpenAI) => {
  const made = await client.evals.create(definition)
  const file = await client.files.create({
    file: await toFile(Buffer.from(jsonl(tickets.map((item) => ({ item })))), "tickets.jsonl"),
    purpose: "evals"
  })
  const created = await client.evals.runs.create(made.id, {
    name: "gpt-4.1",
    data_source: {
      type: "responses",
      model: "gpt-4.1",
      source: { type: "file_id", id: file.id },
      input_messages: {
        type: "template",
        template: [
          { role: "developer", content: "Sort the ticket." },
          { role: "user", content: "{{ item.ticket }}" }
        ]
      },
      sampling_params: { temperature: 0.5, max_completion_tokens: 100 }
    }
  })
  let run = created
  while (run.status === "queued" || run.status === "in_progress") {
    run = await client.evals.runs.retrieve(run.id, { eval_id: made.id })
  }
  const items = await all(client.evals.runs.outputItems.list(run.id, { eval_id: made.id }))
  return { made, created, run, items }
}

const tokens = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18, cached_tokens: 4 }
const usageOf = (model_name: string) => ({
  model_name,
  invocation_count: 3,
  prompt_tokens: 33,
  completion_tokens: 21,
  total_tokens: 54,
  cached_tokens: 12
})

const sampleOf = (ticket: string, answer: string) => ({
  input: [
    { role: "developer", content: "Sort the ticket." },
    { role: "user", content: ticket }
  ],
  output: [{ role: "assistant", content: answer }],
  finish_reason: "stop",
  model: "gpt-4.1-2025-04-14",
  usage: tokens,
  error: null,
  temperature: 0.5,
  top_p: 1,
  seed: null,
  max_completion_tokens: 100
})

const judged = (input: ReadonlyArray<object>, content: string, more: object) => ({
  input,
  output: [{ role: "assistant", content }],
  finish_reason: "stop",
  usage: tokens,
  error: null,
  seed: null,
  temperature: 1,
  top_p: 1,
  reasoning_effort: null,
  max_completions_tokens: 4096,
  ...more
})

const quality = (ticket: string, answer: string, content: string, more: object = {}) =>
  judged([{ role: "user", content: `Score ${answer} for: ${ticket}` }], content, {
    model: "o4-mini-2025-04-16",
    seed: 1,
    max_completions_tokens: 200,
    ...more
  })

const tone = (ticket: string) =>
  judged(
    [
      { role: "developer", content: "Label the tone." },
      { role: "user", content: ticket }
    ],
    judgement("kind"),
    { model: "gpt-4.1-mini-2025-04-14" }
  )

const check = ({ created, items, made, run }: Awaited<ReturnType<typeof flow>>) => {
  assert.deepStrictEqual([created.status, created.model], ["queued", "gpt-4.1"])
  assert.deepStrictEqual([run.status, run.error], ["completed", null])
  assert.deepStrictEqual(run.result_counts, { total: 4, errored: 1, failed: 2, passed: 1 })
  assert.sameDeepMembers(run.per_model_usage, [
    usageOf("gpt-4.1-2025-04-14"),
    usageOf("gpt-4.1-mini-2025-04-14"),
    usageOf("o4-mini-2025-04-16")
  ])
  const ids = made.testing_criteria.map((criterion) => ("id" in criterion ? String(criterion.id) : ""))
  assert.deepStrictEqual(
    run.per_testing_criteria_results.map(({ failed, passed, testing_criteria }) => [testing_criteria, passed, failed]),
    [
      [ids[0], 2, 1],
      [ids[1], 1, 2],
      [ids[2], 3, 0]
    ]
  )
  const result = (index: number, score: number, passed: boolean, sample: unknown = null) => ({
    name: ids[index],
    passed,
    sample,
    score
  })
  const [black, crash, , refused] = tickets.map(({ ticket }) => ticket)
  assert(black !== undefined && crash !== undefined && refused !== undefined)
  assert.deepStrictEqual<unknown>(
    items.map(({ datasource_item_id, results, sample, status }) => [datasource_item_id, status, sample, results]),
    [
      [
        0,
        "pass",
        sampleOf(black, "Hardware"),
        [
          result(0, 1, true),
          result(1, 6.5, true, quality(black, "Hardware", judgement(6.5))),
          result(2, 1, true, tone(black))
        ]
      ],
      [
        1,
        "fail",
        sampleOf(crash, "Hardware"),
        [
          result(0, 0, false),
          result(1, 2, false, quality(crash, "Hardware", judgement(2))),
          result(2, 1, true, tone(crash))
        ]
      ],
      [2, "error", items[2]?.sample, []],
      [
        3,
        "fail",
        sampleOf(refused, "Other"),
        [
          result(0, 1, true),
          result(
            1,
            0,
            false,
            quality(refused, "Other", "I will not.", {
              error: { code: "model_grader_refusal_error", message: "the model refuses: I will not." }
            })
          ),
          result(2, 1, true, tone(refused))
        ]
      ]
    ]
  )
  assert.deepStrictEqual(
    items.map(({ datasource_item }) => datasource_item),
    tickets
  )
  const error = items[2]?.sample.error
  assert.strictEqual(error?.code, "odd_prompt")
  assert.match(error?.message ?? "", /^model "gpt-4\.1" at http:\/\/127\.0\.0\.1:\d+\/v1: 400 Too odd\.$/)
}

describe("the flow of the guide", () => {
  const ways: { readonly [name: string]: (models: Layer.Layer<never>) => Layer.Layer<Backend> } = {
    "over a socket": (models) => socket(undefined, models),
    "through makeFetch": (models) => makeFetch(undefined, models)
  }
  for (const [name, backend] of Object.entries(ways)) {
    it.live(name, () =>
      Effect.gen(function* () {
        const { baseUrl, paths } = yield* serve(script)
        const models = Models.layer([{ match: "*", baseUrl, key: Redacted.make("sk-flow") }]).pipe(
          Layer.provide(NodeHttpClient.layerUndici),
          Layer.orDie
        )
        check(yield* using(flow).pipe(Effect.provide(backend(models))))
        assert.strictEqual(paths().filter((path) => path === "/responses").length, 4)
        assert.strictEqual(paths().filter((path) => path === "/chat/completions").length, 6)
      })
    )
  }
})

/** Operations on evals, output items and graders, as both clients write them. */
import {
  createEval,
  deleteEval,
  EvalId,
  listEvalsPage,
  listOutputItemsPage,
  OutputItemId,
  retrieveEval,
  retrieveOutputItem,
  RunId,
  runGrader,
  updateEval,
  validateGrader
} from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import type OpenAI from "openai"
import type { Case } from "./compare.ts"

const evalId = EvalId.make("eval_67abd54d9b0081909a86353f6fb9317a")
const runId = RunId.make("evalrun_67abd54d60ec8190832b46859da808f7")
const itemId = OutputItemId.make("outputitem_67abd55eb6548190bb580745d5644a33")

const range: [number, number] = [1, 7]

const criteria = {
  string_check: {
    type: "string_check",
    name: "label",
    input: "{{ sample.output_text }}",
    reference: "{{ item.label }}",
    operation: "ilike"
  },
  text_similarity: {
    type: "text_similarity",
    name: "close",
    input: "{{ sample.output_text }}",
    reference: "{{ item.summary }}",
    evaluation_metric: "fuzzy_match",
    pass_threshold: 0.8
  },
  python: {
    type: "python",
    name: "length",
    source: 'def grade(sample, item):\n    return 1.0 if len(sample["output_text"]) < 80 else 0.0\n',
    image_tag: "2025-05-08",
    pass_threshold: 1
  },
  score_model: {
    type: "score_model",
    name: "tone",
    model: "o4-mini",
    input: [
      { role: "developer", content: "Rate how polite the answer is, from 1 to 7." },
      { role: "user", content: [{ type: "input_text", text: "{{ sample.output_text }}" }] }
    ],
    range,
    pass_threshold: 5.5,
    sampling_params: { seed: 7, top_p: 1, temperature: null, max_completions_tokens: 512, reasoning_effort: "low" }
  },
  label_model: {
    type: "label_model",
    name: "mood",
    model: "gpt-4.1",
    input: [
      { role: "system", content: "Say whether the customer is content." },
      { role: "user", content: "{{ item.ticket }} ☃" }
    ],
    labels: ["content", "angry"],
    passing_labels: ["content"]
  }
} satisfies { [K in string]: OpenAI.Evals.EvalCreateParams["testing_criteria"][number] }

const evaluation = WireBuilder.evaluation()

const custom = {
  name: "support tickets",
  metadata: { team: "support", günstig: "ja" },
  data_source_config: {
    type: "custom",
    item_schema: {
      type: "object",
      properties: { ticket: { type: "string" }, label: { type: "string" }, summary: { type: ["string", "null"] } },
      required: ["ticket", "label"]
    },
    include_sample_schema: true
  },
  testing_criteria: [
    criteria.string_check,
    criteria.text_similarity,
    criteria.python,
    criteria.score_model,
    criteria.label_model
  ]
} satisfies OpenAI.EvalCreateParams

const logs = {
  data_source_config: { type: "logs", metadata: { usecase: "chat" } },
  testing_criteria: [criteria.string_check]
} satisfies OpenAI.EvalCreateParams

const stored = {
  data_source_config: { type: "stored_completions", metadata: { usecase: "chat" } },
  testing_criteria: [criteria.string_check]
} satisfies OpenAI.EvalCreateParams

const list = { after: evalId, limit: 7, order: "desc", order_by: "updated_at" } satisfies OpenAI.EvalListParams

const items = { after: itemId, limit: 100, order: "desc", status: "fail" } as const

const { label_model, ...standalone } = criteria

const sample = { model_sample: "Hardware", item: { label: "Hardware" } }

const graders = Object.values(standalone).flatMap((grader): ReadonlyArray<Case> => [
  {
    name: `fineTuning.alpha.graders.run, ${grader.type}`,
    theirs: (client) => client.fineTuning.alpha.graders.run({ grader, ...sample }),
    ours: runGrader({ grader, ...sample }),
    answer: { reward: 1, metadata: {} }
  },
  {
    name: `fineTuning.alpha.graders.validate, ${grader.type}`,
    theirs: (client) => client.fineTuning.alpha.graders.validate({ grader }),
    ours: validateGrader({ grader }),
    answer: { grader }
  }
])

const multi = {
  type: "multi",
  name: "mean",
  graders: criteria.string_check,
  calculate_output: "0.5 * label + 0.5"
} satisfies OpenAI.Graders.MultiGrader

// openai-node's types have one grader here, where the guide has a map of names
const multiOfTwo = {
  type: "multi",
  name: "mean",
  graders: { label: criteria.string_check, close: criteria.text_similarity },
  calculate_output: "(label + close) / 2"
} as const

export const cases: ReadonlyArray<Case> = [
  {
    name: "evals.create, rows of one's own and every grader",
    theirs: (client) => client.evals.create(custom),
    ours: createEval(custom),
    answer: evaluation
  },
  {
    name: "evals.create, logs",
    theirs: (client) => client.evals.create(logs),
    ours: createEval(logs),
    answer: evaluation
  },
  {
    name: "evals.create, stored completions",
    theirs: (client) => client.evals.create(stored),
    ours: createEval(stored),
    answer: evaluation
  },
  {
    name: "evals.retrieve",
    theirs: (client) => client.evals.retrieve(evalId),
    ours: retrieveEval(evalId),
    answer: evaluation
  },
  {
    name: "evals.retrieve, an id that is encoded",
    theirs: (client) => client.evals.retrieve("eval 1/ä?#%"),
    ours: retrieveEval(EvalId.make("eval 1/ä?#%")),
    answer: evaluation
  },
  {
    name: "evals.update",
    theirs: (client) => client.evals.update(evalId, { name: "tickets", metadata: { team: "" } }),
    ours: updateEval(evalId, { name: "tickets", metadata: { team: "" } }),
    answer: evaluation
  },
  {
    name: "evals.update, metadata of null",
    theirs: (client) => client.evals.update(evalId, { metadata: null }),
    ours: updateEval(evalId, { metadata: null }),
    answer: evaluation
  },
  {
    name: "evals.list",
    theirs: (client) => client.evals.list(),
    ours: listEvalsPage(),
    answer: WireBuilder.page([evaluation])
  },
  {
    name: "evals.list, every parameter",
    theirs: (client) => client.evals.list(list),
    ours: listEvalsPage(list),
    answer: WireBuilder.page([evaluation])
  },
  {
    name: "evals.delete",
    theirs: (client) => client.evals.delete(evalId),
    ours: deleteEval(evalId),
    answer: { object: "eval.deleted", deleted: true, eval_id: evalId }
  },
  {
    name: "evals.runs.outputItems.retrieve",
    theirs: (client) => client.evals.runs.outputItems.retrieve(itemId, { eval_id: evalId, run_id: runId }),
    ours: retrieveOutputItem(evalId, runId, itemId),
    answer: WireBuilder.outputItem()
  },
  {
    name: "evals.runs.outputItems.list",
    theirs: (client) => client.evals.runs.outputItems.list(runId, { eval_id: evalId }),
    ours: listOutputItemsPage(evalId, runId),
    answer: WireBuilder.page([WireBuilder.outputItem()])
  },
  {
    name: "evals.runs.outputItems.list, every parameter",
    theirs: (client) => client.evals.runs.outputItems.list(runId, { eval_id: evalId, ...items }),
    ours: listOutputItemsPage(evalId, runId, items),
    answer: WireBuilder.page([WireBuilder.outputItem()])
  },
  ...graders,
  {
    name: "fineTuning.alpha.graders.run, multi",
    theirs: (client) => client.fineTuning.alpha.graders.run({ grader: multi, model_sample: "Hardware" }),
    ours: runGrader({ grader: multi, model_sample: "Hardware" }),
    answer: { reward: 0.5, metadata: {}, sub_rewards: { label: 0 } }
  },
  {
    name: "fineTuning.alpha.graders.validate, multi",
    theirs: (client) => client.fineTuning.alpha.graders.validate({ grader: multi }),
    ours: validateGrader({ grader: multi }),
    answer: { grader: multi }
  },
  {
    name: "fineTuning.alpha.graders.run, multi of two",
    theirs: (client) => client.post("/fine_tuning/alpha/graders/run", { body: { grader: multiOfTwo, ...sample } }),
    ours: runGrader({ grader: multiOfTwo, ...sample }),
    answer: { reward: 0.5, metadata: {}, sub_rewards: { label: 0, close: 1 } }
  },
  // openai-node's types leave this grader out here
  {
    name: "fineTuning.alpha.graders.run, label_model",
    theirs: (client) => client.post("/fine_tuning/alpha/graders/run", { body: { grader: label_model, ...sample } }),
    ours: runGrader({ grader: label_model, ...sample }),
    answer: { reward: 1, metadata: {} }
  },
  {
    name: "fineTuning.alpha.graders.validate, label_model",
    theirs: (client) => client.post("/fine_tuning/alpha/graders/validate", { body: { grader: label_model } }),
    ours: validateGrader({ grader: label_model }),
    answer: { grader: label_model }
  }
]

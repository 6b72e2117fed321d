/**
 * Wire values for tests. Given fields replace the defaults.
 */
import type * as Eval from "../schema/Eval.ts"
import type * as EvalsFile from "../schema/EvalsFile.ts"
import { EvalId, FileId, OutputItemId, RunId } from "../schema/Ids.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import type { Page } from "../schema/Page.ts"
import type * as Run from "../schema/Run.ts"

const created_at = 1_760_000_000

/**
 * Makes an eval with a criterion that compares the output with a label.
 *
 * @category testing
 * @since 0.1.0
 */
export const evaluation = (fields: Partial<Eval.Eval> = {}): Eval.Eval => ({
  id: EvalId.make("eval_1"),
  object: "eval",
  name: "tickets",
  created_at,
  data_source_config: {
    type: "custom",
    schema: {
      type: "object",
      properties: { item: { type: "object", properties: { label: { type: "string" } } } },
      required: ["item"]
    }
  },
  testing_criteria: [
    {
      type: "string_check",
      id: "label-5f0c3a52-90b4-4f0e-9b53-6f1a5a0f7c11",
      name: "label",
      input: "{{ sample.output_text }}",
      reference: "{{ item.label }}",
      operation: "eq"
    }
  ],
  metadata: {},
  ...fields
})

/**
 * Makes a queued run.
 *
 * @category testing
 * @since 0.1.0
 */
export const run = (fields: Partial<Run.Run> = {}): Run.Run => ({
  id: RunId.make("evalrun_1"),
  object: "eval.run",
  eval_id: EvalId.make("eval_1"),
  status: "queued",
  model: "gpt-4.1",
  name: "first",
  created_at,
  report_url: "https://host.example/evaluations/eval_1?run_id=evalrun_1",
  result_counts: { total: 0, errored: 0, failed: 0, passed: 0 },
  per_model_usage: null,
  per_testing_criteria_results: null,
  data_source: { type: "jsonl", source: { type: "file_id", id: FileId.make("file-1") } },
  metadata: {},
  error: null,
  ...fields
})

/**
 * Makes an output item that passed its only criterion.
 *
 * @category testing
 * @since 0.1.0
 */
export const outputItem = (fields: Partial<OutputItem.OutputItem> = {}): OutputItem.OutputItem => ({
  id: OutputItemId.make("outputitem_1"),
  object: "eval.run.output_item",
  run_id: RunId.make("evalrun_1"),
  eval_id: EvalId.make("eval_1"),
  created_at,
  status: "pass",
  datasource_item_id: 0,
  datasource_item: { text: "the screen stays black", label: "Hardware" },
  results: [{ name: "label-5f0c3a52-90b4-4f0e-9b53-6f1a5a0f7c11", sample: null, passed: true, score: 1 }],
  sample: {
    input: [{ role: "user", content: "the screen stays black" }],
    output: [{ role: "assistant", content: "Hardware" }],
    finish_reason: "stop",
    model: "gpt-4.1-2025-04-14",
    usage: { total_tokens: 60, completion_tokens: 2, prompt_tokens: 58, cached_tokens: 0 },
    error: null,
    temperature: 1,
    max_completion_tokens: 2048,
    top_p: 1,
    seed: 42
  },
  ...fields
})

/**
 * Makes a JSONL file of rows.
 *
 * @category testing
 * @since 0.1.0
 */
export const file = (fields: Partial<EvalsFile.EvalsFile> = {}): EvalsFile.EvalsFile => ({
  id: FileId.make("file-1"),
  object: "file",
  bytes: 1024,
  created_at,
  expires_at: null,
  filename: "rows.jsonl",
  purpose: "evals",
  status: "processed",
  status_details: null,
  ...fields
})

/**
 * Makes a page of a list. `has_more` says whether another page follows.
 *
 * @category testing
 * @since 0.1.0
 */
export const page = <A extends { readonly id: string }>(data: ReadonlyArray<A>, has_more = false): Page<A> => ({
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more
})

/**
 * Makes the body of an error, in the form of OpenAI.
 *
 * @category testing
 * @since 0.1.0
 */
export const error = (fields: {
  readonly message: string
  readonly type?: string | null
  readonly param?: string | null
  readonly code?: string | null
}) => ({ error: { type: "invalid_request_error", param: null, code: null, ...fields } })

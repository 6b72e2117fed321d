/**
 * What the host of the benchmarks answers: values with every field that a hosted
 * service sends, made from a number, so that each run measures the same.
 */

const hex = (seed: number, digits: number) =>
  Array.from({ length: digits }, (_, i) =>
    ((Math.imul(seed + 1, 2654435761 + i * 40503) >>> 24) & 15).toString(16)
  ).join("")

const words = "the printer shows a blue light and does nothing when I press start please help me soon ".repeat(2)

/** About so many characters of prose. */
const prose = (seed: number, length: number): string => {
  let text = ""
  for (let i = seed; text.length < length; i++) text += words.slice((i * 7) % 60, 90 + ((i * 13) % 80))
  return text.slice(0, length)
}

const criteria = ["label", "tone", "length"].map((name, i) => `${name}-${hex(i, 8)}-90b4-4f0e-9b53-${hex(i, 12)}`)

/** A run that has ended, as it is polled for. */
export const run = () => ({
  object: "eval.run",
  id: `evalrun_${hex(3, 32)}`,
  eval_id: `eval_${hex(2, 32)}`,
  report_url: `https://platform.openai.com/evaluations/eval_${hex(2, 32)}?project_id=proj_${hex(9, 24)}&run_id=evalrun_${hex(3, 32)}`,
  status: "in_progress",
  model: "gpt-4.1",
  name: "nightly classification of tickets",
  created_at: 1_760_000_000,
  result_counts: { total: 812, errored: 2, failed: 93, passed: 717 },
  per_model_usage: [
    {
      model_name: "gpt-4.1-2025-04-14",
      invocation_count: 812,
      prompt_tokens: 104_220,
      completion_tokens: 2_436,
      total_tokens: 106_656,
      cached_tokens: 51_200
    }
  ],
  per_testing_criteria_results: criteria.map((testing_criteria, i) => ({
    testing_criteria,
    testing_criteria_id: testing_criteria,
    passed: 717 + i,
    failed: 93 - i
  })),
  data_source: {
    type: "completions",
    source: { type: "file_id", id: `file-${hex(5, 22)}` },
    input_messages: {
      type: "template",
      template: [
        {
          type: "message",
          role: "developer",
          content: { type: "input_text", text: "Categorize the ticket into Hardware, Software or Other." }
        },
        { type: "message", role: "user", content: { type: "input_text", text: "{{ item.ticket_text }}" } }
      ]
    },
    model: "gpt-4.1",
    sampling_params: { temperature: 1, max_completions_tokens: 2048, top_p: 1, seed: 42 }
  },
  metadata: { team: "support", commit: hex(8, 40) },
  error: null,
  shared_with_openai: false
})

/** An output item of about so many characters, most of them in what was asked and answered. */
export const outputItem = (index: number, size: number) => {
  const bare = {
    object: "eval.run.output_item",
    id: itemId(index),
    created_at: 1_760_000_000 + index,
    run_id: `evalrun_${hex(3, 32)}`,
    eval_id: `eval_${hex(2, 32)}`,
    status: index % 7 === 0 ? "fail" : "pass",
    _datasource_item_content_hash: hex(index, 64),
    datasource_item_id: index,
    datasource_item: { ticket_text: "", correct_label: "Hardware", priority: index % 3 },
    results: criteria
      .slice(0, 2)
      .map((name, i) => ({ name, sample: null, passed: index % (7 + i) !== 0, score: index % (7 + i) === 0 ? 0 : 1 })),
    sample: {
      input: [
        { role: "developer", content: "Categorize the ticket into Hardware, Software or Other." },
        { role: "user", content: "" }
      ],
      output: [{ role: "assistant", content: "Hardware" }],
      finish_reason: "stop",
      model: "gpt-4.1-2025-04-14",
      usage: { total_tokens: 325, completion_tokens: 2, prompt_tokens: 323, cached_tokens: 0 },
      error: null,
      seed: null,
      temperature: 1,
      top_p: 1,
      reasoning_effort: null,
      max_completions_tokens: 2048
    }
  }
  const text = prose(index, Math.max(0, size - JSON.stringify(bare).length) / 2)
  const [system, user] = bare.sample.input
  return {
    ...bare,
    datasource_item: { ...bare.datasource_item, ticket_text: text },
    sample: { ...bare.sample, input: [system, { ...user, content: text }] }
  }
}

/** The id of an output item, which the cursor of a list is. */
export const itemId = (index: number): string => `outputitem_${hex(3, 24)}${String(index).padStart(8, "0")}`

/** The number of an output item, 0 for none. */
export const itemIndex = (id: string | null): number => (id === null ? -1 : Number(id.slice(-8)))

/** A page of output items as the host sends it. */
export const page = (first: number, count: number, size: number, has_more: boolean): string => {
  const data = Array.from({ length: count }, (_, i) => outputItem(first + i, size))
  return JSON.stringify({ object: "list", data, first_id: data[0]?.id, last_id: data.at(-1)?.id, has_more })
}

/** Evals and rows that are sent with openai-node. */
import type OpenAI from "openai"

/** Passes where the answer is the label. */
export const label = {
  type: "string_check",
  name: "label",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
} as const

/** Passes where three of four characters are alike. */
export const close = {
  type: "text_similarity",
  name: "close-enough",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "fuzzy_match",
  pass_threshold: 0.75
} as const

const item_schema = {
  type: "object",
  properties: { ticket: { type: "string" }, label: { enum: ["Hardware", "Software"] } },
  required: ["ticket", "label"]
}

/** An eval of tickets with labels. */
export const tickets = {
  name: "tickets",
  metadata: { team: "support" },
  data_source_config: { type: "custom", item_schema },
  testing_criteria: [label, close]
} satisfies OpenAI.EvalCreateParams

const answered = (label: "Hardware" | "Software", output_text: string) => ({
  item: { ticket: "the screen stays black", label },
  sample: {
    model: "gpt-4.1-mini",
    choices: [{ index: 0, message: { role: "assistant", content: output_text }, finish_reason: "stop" }]
  }
})

/** Three tickets: one has its label, one nearly, one another. */
export const rows = [
  answered("Hardware", "Hardware"),
  answered("Hardware", "Hardwara"),
  answered("Software", "no idea")
] as const

/** The request for a run over rows. */
export const over = (content: ReadonlyArray<{ item: Record<string, unknown>; sample?: Record<string, unknown> }>) =>
  ({
    data_source: { type: "jsonl", source: { type: "file_content", content: [...content] } }
  }) satisfies OpenAI.Evals.RunCreateParams

/** So many tickets; each fifth has a wrong label. */
export const many = (count: number) =>
  over(Array.from({ length: count }, (_, index) => answered("Hardware", index % 5 === 4 ? "Software" : "Hardware")))

const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => `w${(index * from) % 9973}`).join(" ")

/** An eval whose rows each take long to judge, so that a run of many can be canceled before it is through. */
export const laborious = {
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: [
    {
      type: "text_similarity",
      name: "alike",
      input: words(20_000, 7),
      reference: words(20_000, 11),
      evaluation_metric: "rouge_l",
      pass_threshold: 0.5
    }
  ]
} satisfies OpenAI.EvalCreateParams

/** JSON Lines. */
export const jsonl = (lines: ReadonlyArray<unknown>): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("")

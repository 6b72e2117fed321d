/** An eval and rows for the contract suite. */
import { createEval, type DataSource, type Eval, type EvalId, executeRun, type Run } from "effect-evals"
import { Effect } from "effect"

/** Passes where the answer is the label. */
export const label = {
  type: "string_check",
  name: "label",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
} as const

/** Passes where the answer is in the language that it should be in. */
export const language = { ...label, name: "in-language", input: "{{ item.language }}", reference: "en" } as const

/** An eval of tickets with labels. */
export const tickets: Eval.CreateParams = {
  name: "tickets",
  metadata: { team: "support" },
  data_source_config: {
    type: "custom",
    item_schema: {
      type: "object",
      properties: { label: { type: "string" }, language: { type: "string" } },
      required: ["label"]
    }
  },
  testing_criteria: [label, language]
}

const row = (label: string, output_text: string, language = "en"): DataSource.RowParam => ({
  item: { label, language },
  sample: { model: "gpt-4.1", output_text }
})

/** Four tickets: two pass, one has a wrong label, one is in another language. */
export const rows: ReadonlyArray<DataSource.RowParam> = [
  row("Hardware", "Hardware"),
  row("Hardware", "Software"),
  row("Software", "Software", "de"),
  row("Software", "Software")
]

/** The request for a run over rows. */
export const over = (content: ReadonlyArray<DataSource.RowParam>): Run.CreateParams => ({
  data_source: { type: "jsonl", source: { type: "file_content", content } }
})

const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => `w${(index * from) % 9973}`).join(" ")

/** An eval whose rows each take long to judge, so that a run of many can be canceled before it is through. */
export const laborious: Eval.CreateParams = {
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
}

/** The request for a run of so many rows. */
export const many = (count: number) => over(Array.from({ length: count }, () => row("Hardware", "Hardware")))

/** The id that the results of a criterion carry. */
export const idOf = (criterion: object | undefined): string =>
  criterion !== undefined && "id" in criterion ? String(criterion.id) : ""

/** An eval, and a run of it that has ended. */
export const evaluated: Effect.Effect<
  { readonly made: Eval.Eval; readonly evalId: EvalId; readonly run: Run.Run },
  Effect.Error<ReturnType<typeof createEval>> | Effect.Error<ReturnType<typeof executeRun>>,
  Effect.Services<ReturnType<typeof createEval>>
> = Effect.gen(function* () {
  const made = yield* createEval(tickets)
  return { made, evalId: made.id, run: yield* executeRun(made.id, { ...over(rows), name: "first" }) }
})

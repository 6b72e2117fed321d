/**
 * What the examples evaluate: support tickets, sorted by a model into kinds.
 */
import { Effect, Schedule } from "effect"
import { awaitRun, createEval, createRun, type DataSource, type Eval } from "effect-evals"

/** The eval: the shape of a row, and two criteria, the second more lenient. */
export const definition: Eval.CreateParams = {
  name: "support tickets",
  data_source_config: {
    type: "custom",
    item_schema: {
      type: "object",
      properties: { text: { type: "string" }, label: { type: "string" } },
      required: ["text", "label"]
    },
    include_sample_schema: true
  },
  testing_criteria: [
    {
      type: "string_check",
      name: "exact label",
      input: "{{ sample.output_text }}",
      reference: "{{ item.label }}",
      operation: "eq"
    },
    {
      type: "string_check",
      name: "label mentioned",
      input: "{{ sample.output_text }}",
      reference: "{{ item.label }}",
      operation: "ilike"
    }
  ]
}

const row = (text: string, label: string, answer: string): DataSource.RowParam => ({
  item: { text, label },
  // what the model answered, in the form of a chat completion
  sample: {
    model: "small-classifier",
    choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }]
  }
})

/** Tickets, the kind they are of, and what the model said. */
export const rows: ReadonlyArray<DataSource.RowParam> = [
  row("The screen stays black after the update.", "Hardware", "Hardware"),
  row("I was charged twice in March.", "Billing", "Billing"),
  row("How do I export my contacts?", "Software", "Software"),
  row("The battery is empty within an hour.", "Hardware", "Hardware"),
  row("My invoice shows the wrong address.", "Billing", "billing"),
  row("The app closes when I open a photo.", "Software", "Hardware"),
  row("The left speaker crackles.", "Hardware", "Hardware"),
  row("Can I pay by bank transfer?", "Billing", "Billing"),
  row("Where is the setting for dark mode?", "Software", "Software"),
  row("A key is missing on the keyboard.", "Hardware", "Hardware"),
  row("Please refund my last order.", "Billing", "The label is Billing."),
  row("Synchronising takes all night.", "Software", "Software"),
  row("The charger does not fit the socket.", "Hardware", "Hardware"),
  row("My coupon was not taken off.", "Billing", "Billing"),
  row("Search finds no mail before 2020.", "Software", "Billing"),
  row("The fan is louder than the music.", "Hardware", "Hardware")
]

/** A data source of rows that are complete: nothing is sampled, each row is only judged. */
export const dataSource = (rows: ReadonlyArray<DataSource.RowParam>) =>
  ({ type: "jsonl", source: { type: "file_content", content: rows } }) as const

/** An eval with three runs that have ended, for examples that read. */
export const seed = Effect.gen(function* () {
  const { id } = yield* createEval(definition)
  yield* Effect.forEach(["monday", "tuesday", "wednesday"], (name, day) =>
    createRun(id, { name, data_source: dataSource(rows.slice(0, 8 + 4 * day)) }).pipe(
      Effect.flatMap((run) => awaitRun(run, { schedule: Schedule.spaced("50 millis") }))
    )
  )
  return id
})

/** Rows that take their time, by the work that they are: about a quarter of a millisecond each, on one processor. */
import { Effect, Stream } from "effect"
import {
  createEval,
  type DataSource,
  type Eval,
  type EvalId,
  type FileId,
  type Grader,
  listOutputItems,
  type OutputItem,
  type Run,
  type RunId,
  Upload,
  uploadFile
} from "effect-evals"

const words = "the quick brown fox jumps over a lazy dog while printers refuse paper and screens stay dark".split(" ")

/** A text of so many words, always the same for the same number. */
const prose = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, index) => words[(seed * 31 + index * index * 7 + index) % words.length]).join(" ")

// what is compared is long, what is stored is not
const repeated = (variable: string): string => `{{ ${variable} }} `.repeat(12)

/** An eval whose rows take their time; some rows have no label, which is a variable that is missing. */
export const definition: Eval.CreateParams = {
  data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
  testing_criteria: [
    {
      type: "text_similarity",
      name: "near",
      input: repeated("sample.output_text"),
      reference: repeated("item.expected"),
      evaluation_metric: "fuzzy_match",
      pass_threshold: 0.6
    },
    {
      type: "string_check",
      name: "label",
      input: "{{ item.label }}",
      reference: "even",
      operation: "eq"
    }
  ]
}

const row = (index: number): DataSource.RowParam => ({
  item: { n: index, expected: prose(index, 24), ...(index % 11 === 0 ? {} : { label: index % 2 ? "odd" : "even" }) },
  sample: { output_text: prose(index + (index % 5), 20 + (index % 9)) }
})

/** Creates the eval, with more criteria where they are given, and uploads so many rows. */
export const prepare = (count: number, ...more: ReadonlyArray<Grader.TestingCriterion>) =>
  Effect.gen(function* () {
    const made = yield* createEval({
      ...definition,
      testing_criteria: [...definition.testing_criteria, ...more]
    })
    const rows = Array.from({ length: count }, (_, index) => row(index))
    const file = yield* uploadFile({ file: Upload.fromRows(rows), purpose: "evals" })
    return { evalId: made.id, fileId: file.id }
  })

/** The request for a run over an uploaded file. */
export const over = (fileId: FileId): Run.CreateParams => ({
  data_source: { type: "jsonl", source: { type: "file_id", id: fileId } }
})

/** All items of a run, in their order. */
export const itemsOf = (evalId: EvalId, runId: RunId) =>
  Stream.runCollect(listOutputItems(evalId, runId, { limit: 100 }))

/** What an item says whenever, and in whatever run, its row is judged. */
export const verdict = ({
  datasource_item,
  datasource_item_id,
  results,
  sample,
  status
}: OutputItem.OutputItem): string => JSON.stringify([datasource_item_id, status, datasource_item, results, sample])

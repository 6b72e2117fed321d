/** Writes definitions for the command. */
import { writeFileSync } from "node:fs"

/** A criterion that compares the answer with the label. */
export const same = {
  type: "string_check",
  name: "same",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
}

/** A criterion that measures how alike both are, without a threshold. */
export const near = {
  type: "text_similarity",
  name: "near",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "fuzzy_match"
}

/** A row whose answer is right, or wrong. */
export const row = (label: string, right: boolean) => ({
  item: { label },
  sample: { output_text: right ? label : "something else" }
})

/** Rows of which every fourth answer is wrong. */
export const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => row(`l${index}`, index % 4 !== 3))

/** Writes a definition; the value is its path. */
export const write = (
  path: string,
  {
    criteria = [same],
    rows = rowsOf(4)
  }: { readonly criteria?: ReadonlyArray<object>; readonly rows?: ReadonlyArray<object> } = {}
): string => {
  const definition = {
    eval: {
      name: "labels",
      data_source_config: {
        type: "custom",
        item_schema: { type: "object", properties: { label: { type: "string" } }, required: ["label"] },
        include_sample_schema: true
      },
      testing_criteria: criteria
    },
    run: { data_source: { type: "jsonl", source: { type: "file_content", content: rows } } }
  }
  writeFileSync(path, JSON.stringify(definition, null, 2))
  return path
}

/** Writes rows as JSON lines; the value is the path. */
export const writeRows = (path: string, rows: ReadonlyArray<object>): string => {
  writeFileSync(path, rows.map((one) => `${JSON.stringify(one)}\n`).join(""))
  return path
}

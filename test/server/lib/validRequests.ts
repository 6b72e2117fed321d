/** Requests of each route of the API that are right. */
import { field, file } from "./forms.ts"

/** Objects that requests are about. */
export interface Ids {
  readonly evalId: string
  readonly runId: string
  readonly itemId: string
  readonly fileId: string
  /** An eval, a run and a file that may be changed and deleted. */
  readonly doomed: { readonly evalId: string; readonly runId: string; readonly fileId: string }
}

/** A request that is answered without an error. */
export interface Valid {
  readonly route: string
  readonly method: string
  readonly segments: ReadonlyArray<string>
  readonly query: ReadonlyArray<readonly [string, string]>
  readonly json?: unknown
  readonly parts?: ReadonlyArray<string>
}

const check = { type: "string_check", name: "label", input: "{{ item.a }}", reference: "x", operation: "eq" }
const similar = {
  type: "text_similarity",
  name: "near",
  input: "{{ sample.output_text }}",
  reference: "{{ item.a }}",
  evaluation_metric: "fuzzy_match",
  pass_threshold: 0.5
}
const judge = {
  type: "label_model",
  name: "tone",
  model: "gpt-4.1",
  input: [{ role: "user", content: "{{ item.a }}" }],
  labels: ["kind", "rude"],
  passing_labels: ["kind"]
}

const evalBody = {
  name: "tickets",
  metadata: { team: "a" },
  data_source_config: {
    type: "custom",
    item_schema: { type: "object", properties: { a: { type: "string" }, n: { type: "number" } }, required: ["a"] },
    include_sample_schema: false
  },
  testing_criteria: [check, similar]
}

const jsonl = (source: unknown) => ({ name: "nightly", metadata: {}, data_source: { type: "jsonl", source } })

const content = [
  { item: { a: "x", n: 1 }, sample: { output_text: "x" } },
  { item: { a: "y" }, sample: null },
  {
    item: { a: "" },
    sample: { model: "gpt-4.1", choices: [{ index: 0, message: { role: "assistant", content: "y" } }] }
  }
]

const completions = {
  data_source: {
    type: "completions",
    model: "gpt-4.1",
    source: { type: "file_content", content: [{ item: { a: "x" } }] },
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.a }}" }] },
    sampling_params: { temperature: 0, seed: 1 }
  }
}

/** Requests of each route that are right. */
export const validOf = ({ doomed, evalId, fileId, itemId, runId }: Ids): readonly [Valid, ...ReadonlyArray<Valid>] => {
  const page: Valid["query"] = [
    ["limit", "2"],
    ["order", "desc"]
  ]
  const at = (route: string, method: string, segments: ReadonlyArray<string>, more: Partial<Valid> = {}): Valid => ({
    route,
    method,
    segments,
    query: [],
    ...more
  })
  const runs = ["evals", evalId, "runs"]
  const rows = `${content.map((row) => JSON.stringify(row)).join("\n")}\n`
  const purpose = field("purpose", "evals")
  const expiry = [field("expires_after[anchor]", "created_at"), field("expires_after[seconds]", "3600")]
  return [
    at("create eval", "POST", ["evals"], { json: evalBody }),
    at("create eval", "POST", ["evals"], { json: { ...evalBody, testing_criteria: [judge, check] } }),
    at("create eval", "POST", ["evals"], { json: { data_source_config: { type: "logs" }, testing_criteria: [] } }),
    at("list evals", "GET", ["evals"], { query: [...page, ["after", evalId], ["order_by", "updated_at"]] }),
    at("retrieve eval", "GET", ["evals", evalId]),
    at("update eval", "POST", ["evals", doomed.evalId], { json: { name: "renamed", metadata: { a: "b" } } }),
    at("delete eval", "DELETE", ["evals", doomed.evalId]),
    at("create run", "POST", runs, { json: jsonl({ type: "file_content", content }) }),
    at("create run", "POST", runs, { json: jsonl({ type: "file_id", id: fileId }) }),
    at("create run", "POST", runs, { json: completions }),
    at("list runs", "GET", runs, { query: [...page, ["status", "completed"], ["after", runId]] }),
    at("retrieve run", "GET", [...runs, runId]),
    at("cancel run", "POST", [...runs, runId, "cancel"]),
    at("cancel run", "POST", [...runs, doomed.runId]),
    at("delete run", "DELETE", [...runs, doomed.runId]),
    at("watch run", "GET", [...runs, runId, "events"]),
    at("list items", "GET", [...runs, runId, "output_items"], {
      query: [...page, ["status", "pass"], ["after", itemId]]
    }),
    at("retrieve item", "GET", [...runs, runId, "output_items", itemId]),
    at("upload file", "POST", ["files"], { parts: [purpose, file(rows)] }),
    at("upload file", "POST", ["files"], { parts: [file("not\u0000rows"), ...expiry, purpose] }),
    at("list files", "GET", ["files"], { query: [...page, ["purpose", "evals"], ["after", fileId]] }),
    at("retrieve file", "GET", ["files", fileId]),
    at("download file", "GET", ["files", fileId, "content"]),
    at("delete file", "DELETE", ["files", doomed.fileId]),
    at("run grader", "POST", ["fine_tuning", "alpha", "graders", "run"], {
      json: { grader: similar, model_sample: "near", item: { a: "nearly" } }
    }),
    at("validate grader", "POST", ["fine_tuning", "alpha", "graders", "validate"], { json: { grader: check } }),
    at("validate grader", "POST", ["fine_tuning", "alpha", "graders", "validate"], {
      json: { grader: { type: "multi", name: "m", graders: { a: check, b: similar }, calculate_output: "(a + b) / 2" } }
    })
  ]
}

/** The routes that requests begin as. */
export const routes: ReadonlyArray<string> = [
  ...new Set(
    validOf({
      evalId: "",
      runId: "",
      itemId: "",
      fileId: "",
      doomed: { evalId: "", runId: "", fileId: "" }
    }).map(({ route }) => route)
  )
]

/** A definition that samples and judges, a file of models, and a model server that answers both. */
import { writeFileSync } from "node:fs"
import { completion, failure, type Received, type Reply } from "../../lib/modelServer.ts"

/** A key that must not be seen anywhere. */
export const key = "sk-a-secret-that-nobody-prints"

const judge = {
  type: "score_model",
  name: "judged",
  model: "judge-1",
  range: [0, 1],
  pass_threshold: 0.5,
  input: [{ role: "user", content: "Is {{ sample.output_text }} the label {{ item.label }}?" }]
}

const same = {
  type: "string_check",
  name: "same",
  operation: "eq",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}"
}

/** Writes a definition whose rows are sampled and judged. The value is its path. */
export const write = (path: string, labels: ReadonlyArray<string>, judged = true): string => {
  const definition = {
    eval: {
      name: "asking",
      data_source_config: {
        type: "custom",
        item_schema: { type: "object", properties: { label: { type: "string" } }, required: ["label"] },
        include_sample_schema: true
      },
      testing_criteria: judged ? [same, judge] : [same]
    },
    run: {
      data_source: {
        type: "completions",
        model: "gpt-4.1",
        source: { type: "file_content", content: labels.map((label) => ({ item: { label } })) },
        input_messages: { type: "template", template: [{ role: "user", content: "Label: {{ item.label }}" }] }
      }
    }
  }
  writeFileSync(path, JSON.stringify(definition))
  return path
}

/** Writes a file of models with one entry. The value is its path. */
export const writeModels = (path: string, entry: object): string => {
  writeFileSync(path, JSON.stringify({ entries: [{ match: "*", key, ...entry }] }))
  return path
}

const textOf = ({ body }: Received): string => JSON.stringify(body["messages"])

const ofJudge = (received: Received): Reply => ({
  body: completion(JSON.stringify({ steps: [], result: textOf(received).includes("wrong") ? 0 : 1 }), {
    model: "judge-1-2025"
  })
})

const ofSample = (received: Received): Reply => {
  const label = /Label: (\w*)/.exec(textOf(received))?.[1] ?? ""
  return label === "refused"
    ? { status: 400, body: failure("this label is not answered", { code: "bad_label" }) }
    : { body: completion(label === "odd" ? "wrong" : label) }
}

/** Answers with the label of the row. An odd row gets a wrong answer, which the judge fails; `refused` gets status 400. */
export const answering = (received: Received): Reply => {
  if (received.headers["authorization"] !== `Bearer ${key}`) {
    return { status: 401, body: failure(`Incorrect API key provided: ${String(received.headers["authorization"])}`) }
  }
  return received.body["model"] === "judge-1" ? ofJudge(received) : ofSample(received)
}

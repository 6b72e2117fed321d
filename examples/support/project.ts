/**
 * The evals and runs of the stand-in host, in memory. It grades string checks over
 * rows that are complete, one row after another, so that there is progress to see.
 */
import { Schema } from "effect"
import {
  type DataSource,
  type Eval,
  EvalId,
  type Grader,
  type OutputItem,
  OutputItemId,
  Run,
  RunId
} from "effect-evals"
import { randomBytes } from "node:crypto"

/** How long one row takes. */
const millisPerRow = 40

/** Why a request is refused: the status, and the words of the error. */
export class Refusal extends Schema.TaggedError<Refusal>("examples/Refusal")("Refusal", {
  status: Schema.Int,
  message: Schema.String
}) {}

type StringCheck = typeof Grader.StringCheck.Type

interface StoredEval {
  readonly value: Eval.Eval
  readonly criteria: ReadonlyArray<StringCheck & { readonly id: string }>
}

interface StoredRun {
  readonly id: RunId
  readonly evalId: EvalId
  readonly name: string
  readonly criteria: StoredEval["criteria"]
  readonly rows: ReadonlyArray<DataSource.Row>
  readonly createdAt: number
  canceledAt: number | undefined
}

const hex = () => randomBytes(16).toString("hex")
const seconds = (millis: number) => Math.floor(millis / 1000)

/** What `sample.output_text` stands for: the text of a chat completion. */
const Completion = Schema.Struct({
  model: Schema.String,
  choices: Schema.Array(Schema.Struct({ message: Schema.Struct({ content: Schema.String }) }))
})
const isCompletion = Schema.is(Completion)

/** Fills in `{{ item.field }}` and `{{ sample.output_text }}`. */
const expand = (template: string, row: DataSource.Row): string =>
  template.replace(/{{\s*(item|sample)\.(\w+)\s*}}/g, (_, namespace, field) => {
    if (namespace === "item") return String(row.item[field])
    return isCompletion(row.sample) ? (row.sample.choices[0]?.message.content ?? "") : ""
  })

const passes = (criterion: StringCheck, row: DataSource.Row): boolean => {
  const input = expand(criterion.input, row)
  const reference = expand(criterion.reference, row)
  switch (criterion.operation) {
    case "eq":
      return input === reference
    case "ne":
      return input !== reference
    case "like":
      return input.includes(reference)
    case "ilike":
      return input.toLowerCase().includes(reference.toLowerCase())
  }
}

/** A project: what a host keeps for the owner of a key. */
export const make = () => {
  const evals = new Map<string, StoredEval>()
  const runs = new Map<string, StoredRun>()

  const createEval = (params: Eval.CreateParams): Eval.Eval => {
    if (params.data_source_config.type !== "custom") {
      throw new Refusal({ status: 400, message: "the stand-in host takes custom rows only" })
    }
    const criteria = params.testing_criteria.map((criterion) => {
      if (criterion.type !== "string_check") {
        throw new Refusal({ status: 400, message: "the stand-in host takes string checks only" })
      }
      return { ...criterion, id: `${criterion.name}-${crypto.randomUUID()}` }
    })
    const id = EvalId.make(`eval_${hex()}`)
    const value: Eval.Eval = {
      object: "eval",
      id,
      name: params.name ?? id,
      created_at: seconds(Date.now()),
      data_source_config: {
        type: "custom",
        schema: { type: "object", properties: { item: params.data_source_config.item_schema }, required: ["item"] }
      },
      testing_criteria: criteria,
      metadata: params.metadata ?? {}
    }
    evals.set(id, { value, criteria })
    return value
  }

  const findEval = (id: string): StoredEval => {
    const found = evals.get(id)
    if (found === undefined) throw new Refusal({ status: 404, message: `no eval with the id ${id}` })
    return found
  }

  const findRun = (id: string): StoredRun => {
    const found = runs.get(id)
    if (found === undefined) throw new Refusal({ status: 404, message: `no run with the id ${id}` })
    return found
  }

  const createRun = (evalId: string, params: Run.CreateParams): Run.Run => {
    const { criteria, value } = findEval(evalId)
    const { source } = params.data_source
    if (params.data_source.type !== "jsonl" || source.type !== "file_content") {
      throw new Refusal({ status: 400, message: "the stand-in host takes rows inside the request only" })
    }
    const id = RunId.make(`evalrun_${hex()}`)
    const run: StoredRun = {
      id,
      evalId: value.id,
      name: params.name ?? id,
      criteria,
      rows: source.content.map(({ item, sample }) => ({ item: { ...item }, sample: sample ? { ...sample } : null })),
      createdAt: Date.now(),
      canceledAt: undefined
    }
    runs.set(id, run)
    return view(run)
  }

  const cancelRun = (id: string): Run.Run => {
    const run = findRun(id)
    if (!Run.isTerminal(view(run).status)) run.canceledAt = Date.now()
    return view(run)
  }

  return {
    createEval,
    createRun,
    cancelRun,
    retrieveEval: (id: string) => findEval(id).value,
    retrieveRun: (id: string) => view(findRun(id)),
    listRuns: (evalId: string) => [...runs.values()].filter((run) => run.evalId === evalId).map(view),
    listOutputItems: (runId: string) => outputItems(findRun(runId))
  }
}

const outputItems = (run: StoredRun): ReadonlyArray<OutputItem.OutputItem> => {
  const elapsed = (run.canceledAt ?? Date.now()) - run.createdAt
  return run.rows.slice(0, Math.floor(elapsed / millisPerRow)).map((row, index) => {
    const results = run.criteria.map((criterion) => {
      const passed = passes(criterion, row)
      return { name: criterion.id, sample: null, passed, score: passed ? 1 : 0 }
    })
    return {
      id: OutputItemId.make(`outputitem_${run.id.slice(-24)}${String(index).padStart(8, "0")}`),
      object: "eval.run.output_item",
      run_id: run.id,
      eval_id: run.evalId,
      created_at: seconds(run.createdAt + index * millisPerRow),
      status: results.every((result) => result.passed) ? "pass" : "fail",
      datasource_item_id: index,
      datasource_item: row.item,
      results,
      sample: null
    }
  })
}

const statusOf = (run: StoredRun, finished: number): Run.RunStatus => {
  if (run.canceledAt !== undefined) return "canceled"
  if (finished === run.rows.length) return "completed"
  return finished === 0 ? "queued" : "in_progress"
}

const view = (run: StoredRun): Run.Run => {
  const items = outputItems(run)
  const passed = items.filter((item) => item.status === "pass").length
  const sample = run.rows[0]?.sample
  return {
    object: "eval.run",
    id: run.id,
    eval_id: run.evalId,
    name: run.name,
    status: statusOf(run, items.length),
    model: isCompletion(sample) ? sample.model : "",
    created_at: seconds(run.createdAt),
    report_url: `https://host.example/evaluations/${run.evalId}?run_id=${run.id}`,
    result_counts: { total: items.length, errored: 0, failed: items.length - passed, passed },
    per_model_usage: null,
    per_testing_criteria_results:
      items.length === 0
        ? null
        : run.criteria.map((criterion, index) => {
            const passed = items.filter((item) => item.results[index]?.passed).length
            return { testing_criteria: criterion.id, passed, failed: items.length - passed }
          }),
    data_source: { type: "jsonl", source: { type: "file_content", content: run.rows } },
    metadata: {},
    error: null
  }
}

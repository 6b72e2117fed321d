/**
 * A host that answers as the hosted service is documented to, as a `fetch`. It
 * judges by `string_check` with `eq` alone. A run is queued when it is first looked
 * at, then in progress, then completed: so a wait goes through all of them.
 */
import type { Eval, EvalsFile, OutputItem, Run } from "effect-evals"
import { EvalId, FileId, OutputItemId, RunId } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"

interface Row {
  readonly item: { readonly [key: string]: unknown }
  readonly sample?: { readonly [key: string]: unknown }
}

interface Execution {
  run: Run.Run
  readonly rows: ReadonlyArray<Row>
  items: ReadonlyArray<OutputItem.OutputItem>
  looks: number
}

interface Stored {
  readonly file: EvalsFile.EvalsFile
  readonly bytes: Uint8Array<ArrayBuffer>
}

const start = 1_760_000_000

const json = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { "x-request-id": "req_1" } })

const refused = (status: number, message: string): Response => json(WireBuilder.error({ message }), status)

const missing = (what: string): Response => refused(404, `No ${what} found.`)

const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value)

const rendered = (template: unknown, row: Row): string =>
  String(template).replaceAll(/\{\{ *([\w.]+) *\}\}/g, (_, path: string) => String(at(row, ...path.split("."))))

/** The score of a row by a criterion. */
const judged = (criterion: unknown, row: Row): 0 | 1 =>
  rendered(at(criterion, "input"), row) === rendered(at(criterion, "reference"), row) ? 1 : 0

const rowsOf = (lines: string): ReadonlyArray<Row> =>
  lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Row => JSON.parse(line))

/** A page of a list; the newest comes first by `desc`. */
const page = <A extends { readonly id: string }>(list: ReadonlyArray<A>, query: URLSearchParams, order = "asc") => {
  const ordered = (query.get("order") ?? order) === "asc" ? list : list.toReversed()
  const from = ordered.findIndex(({ id }) => id === query.get("after")) + 1
  const limit = Number(query.get("limit") ?? "20")
  return json({
    object: "list",
    ...WireBuilder.page(ordered.slice(from, from + limit), ordered.length > from + limit)
  })
}

const filtered = <A>(list: ReadonlyArray<A>, wanted: string | null, of: (one: A) => string): ReadonlyArray<A> =>
  wanted === null ? list : list.filter((one) => of(one) === wanted)

/** Makes a host that holds nothing. */
export const make = (): typeof globalThis.fetch => {
  let evals: ReadonlyArray<Eval.Eval> = []
  let executions: ReadonlyArray<Execution> = []
  let files: ReadonlyArray<Stored> = []
  let made = 0
  const next = () => ({ number: ++made, created_at: start + made })

  const complete = (execution: Execution, one: Eval.Eval): void => {
    const { rows, run } = execution
    const ids = one.testing_criteria.map((criterion) => String(at(criterion, "id")))
    execution.items = rows.map((row, index) => {
      const { created_at, number } = next()
      const scores = one.testing_criteria.map((criterion) => judged(criterion, row))
      return WireBuilder.outputItem({
        id: OutputItemId.make(`outputitem_${number}`),
        run_id: run.id,
        eval_id: one.id,
        created_at,
        status: scores.every((score) => score === 1) ? "pass" : "fail",
        datasource_item_id: index,
        datasource_item: JSON.parse(JSON.stringify(row.item)),
        results: scores.map((score, at) => ({ name: ids[at] ?? "", sample: null, passed: score === 1, score })),
        sample: {
          input: [],
          output: [{ role: "assistant", content: String(row.sample?.["output_text"]) }],
          finish_reason: "stop",
          model: "gpt-4.1-2025-04-14",
          usage: { total_tokens: 2, completion_tokens: 1, prompt_tokens: 1, cached_tokens: 0 },
          error: null,
          temperature: 1,
          max_completions_tokens: 4096,
          top_p: 1,
          seed: null
        }
      })
    })
    const passed = execution.items.filter(({ status }) => status === "pass").length
    execution.run = {
      ...run,
      status: "completed",
      result_counts: { total: rows.length, errored: 0, failed: rows.length - passed, passed },
      per_model_usage: [],
      per_testing_criteria_results: ids.map((id, index) => {
        const passed = execution.items.filter(({ results }) => results[index]?.passed === true).length
        return { testing_criteria: id, testing_criteria_id: id, passed, failed: rows.length - passed }
      })
    }
  }

  const look = (execution: Execution, one: Eval.Eval): Response => {
    if (execution.run.status === "queued" && execution.looks++ > 0) {
      execution.run = { ...execution.run, status: "in_progress" }
    } else if (execution.run.status === "in_progress") complete(execution, one)
    return json(execution.run)
  }

  const cancel = (execution: Execution): Response => {
    const { status } = execution.run
    if (status === "queued" || status === "in_progress") execution.run = { ...execution.run, status: "canceled" }
    return json(execution.run)
  }

  const createEval = (body: unknown): Response => {
    const { created_at, number } = next()
    const id = EvalId.make(`eval_${number}`)
    const criteria: ReadonlyArray<unknown> = Array.from(Object(at(body, "testing_criteria")))
    const properties = { item: at(body, "data_source_config", "item_schema") }
    const one = {
      object: "eval",
      id,
      name: at(body, "name") ?? id,
      created_at,
      data_source_config: { type: "custom", schema: { type: "object", properties, required: ["item"] } },
      testing_criteria: criteria.map((criterion) => ({
        ...Object(criterion),
        id: `${String(at(criterion, "name"))}-5f0c3a52-90b4-4f0e-9b53-6f1a5a0f7c11`,
        grdr_id: null,
        inactive_at: null
      })),
      metadata: at(body, "metadata") ?? {}
    }
    const stored: Eval.Eval = JSON.parse(JSON.stringify(one))
    evals = [...evals, stored]
    return json(stored, 201)
  }

  const createRun = (one: Eval.Eval, body: unknown): Response => {
    const source = at(body, "data_source", "source")
    const file = files.find(({ file }) => file.id === at(source, "id"))
    const content: ReadonlyArray<Row> = Array.from(Object(at(source, "content") ?? []))
    const rows = file === undefined ? content : rowsOf(new TextDecoder().decode(file.bytes))
    const schema = at(one.data_source_config, "schema", "properties", "item", "required") ?? []
    const required: ReadonlyArray<string> = Array.from(Object(schema))
    const bad = rows.findIndex(({ item }) => required.some((key) => !(key in item)))
    if (bad !== -1) return refused(400, `Row ${bad} does not match the schema of the evaluation.`)
    const { created_at, number } = next()
    const model = String(rows[0]?.sample?.["model"] ?? "")
    const given: Partial<Run.Run> = JSON.parse(JSON.stringify(body))
    const run = WireBuilder.run({
      name: model,
      metadata: {},
      ...given,
      id: RunId.make(`evalrun_${number}`),
      eval_id: one.id,
      created_at,
      model,
      shared_with_openai: false
    })
    executions = [...executions, { run, rows, items: [], looks: 0 }]
    return json(run, 201)
  }

  const createFile = async (form: FormData): Promise<Response> => {
    const { created_at, number } = next()
    const part = form.get("file")
    if (!(part instanceof File)) return refused(400, "file: is missing")
    const bytes = new Uint8Array(await part.arrayBuffer())
    const seconds = form.get("expires_after[seconds]")
    const file = WireBuilder.file({
      id: FileId.make(`file-${number}`),
      filename: part.name,
      purpose: String(form.get("purpose")),
      bytes: bytes.length,
      created_at,
      expires_at: seconds === null ? null : created_at + Number(seconds)
    })
    files = [...files, { file, bytes }]
    return json(file)
  }

  const onFiles = async (request: Request, query: URLSearchParams, [id, rest]: ReadonlyArray<string>) => {
    if (id === undefined) {
      if (request.method === "POST") return createFile(await request.formData())
      const shown = filtered(files, query.get("purpose"), ({ file }) => file.purpose)
      return page(
        shown.map(({ file }) => file),
        query,
        "desc"
      )
    }
    const found = files.find(({ file }) => file.id === id)
    if (found === undefined) return missing(`such File object: ${id}`)
    if (request.method === "DELETE") {
      files = files.filter((each) => each !== found)
      return json({ object: "file", id, deleted: true })
    }
    return rest === "content"
      ? new Response(found.bytes, { headers: { "content-type": "application/octet-stream" } })
      : json(found.file)
  }

  const onItems = (execution: Execution, query: URLSearchParams, id: string | undefined): Response => {
    if (id === undefined)
      return page(
        filtered(execution.items, query.get("status"), ({ status }) => status),
        query
      )
    const item = execution.items.find((each) => each.id === id)
    return item === undefined ? missing(`output item with id ${id}`) : json(item)
  }

  const onRuns = async (one: Eval.Eval, request: Request, query: URLSearchParams, rest: ReadonlyArray<string>) => {
    const [id, then, itemId] = rest
    if (id === undefined) {
      if (request.method === "POST") return createRun(one, await request.json())
      const runs = executions.map(({ run }) => run).filter(({ eval_id }) => eval_id === one.id)
      return page(
        filtered(runs, query.get("status"), ({ status }) => status),
        query
      )
    }
    const execution = executions.find(({ run }) => run.id === id && run.eval_id === one.id)
    if (execution === undefined) return missing(`run with id ${id}`)
    if (then === "output_items") return onItems(execution, query, itemId)
    if (request.method === "DELETE") {
      executions = executions.filter((each) => each !== execution)
      return json({ object: "eval.run.deleted", deleted: true, run_id: id })
    }
    return request.method === "POST" ? cancel(execution) : look(execution, one)
  }

  const onEvals = async (request: Request, query: URLSearchParams, [id, kind, ...rest]: ReadonlyArray<string>) => {
    if (id === undefined) return request.method === "POST" ? createEval(await request.json()) : page(evals, query)
    const one = evals.find((each) => each.id === id)
    if (one === undefined) return missing(`evaluation with id ${id}`)
    if (kind === "runs") return onRuns(one, request, query, rest)
    if (request.method === "DELETE") {
      evals = evals.filter((each) => each !== one)
      executions = executions.filter(({ run }) => run.eval_id !== id)
      return json({ object: "eval.deleted", deleted: true, eval_id: id })
    }
    if (request.method === "GET") return json(one)
    const { metadata = one.metadata, name }: Eval.UpdateParams = JSON.parse(await request.text())
    const changed = { ...one, name: name ?? one.name, metadata: metadata ?? {} }
    evals = evals.map((each) => (each === one ? changed : each))
    return json(changed)
  }

  const onGraders = (operation: string | undefined, body: unknown): Response => {
    const grader = at(body, "grader")
    if (operation === "validate") return json({ grader })
    const row: Row = { item: Object(at(body, "item")), sample: { output_text: at(body, "model_sample") } }
    return json({
      reward: judged(grader, row),
      metadata: {
        name: at(grader, "name"),
        type: at(grader, "type"),
        errors: {
          formula_parse_error: false,
          sample_parse_error: false,
          truncated_observation_error: false,
          unresponsive_reward_error: false,
          invalid_variable_error: false,
          other_error: false,
          python_grader_server_error: false,
          python_grader_server_error_type: null,
          python_grader_runtime_error: false,
          python_grader_runtime_error_details: null,
          model_grader_server_error: false,
          model_grader_refusal_error: false,
          model_grader_parse_error: false,
          model_grader_server_error_details: null
        },
        execution_time: 0.01,
        scores: {},
        token_usage: null,
        sampled_model_name: null
      },
      sub_rewards: {},
      model_grader_token_usage_per_model: {}
    })
  }

  return async (input, init) => {
    const request = new Request(input, init)
    const { pathname, searchParams } = new URL(request.url)
    const [kind, ...rest] = pathname.replace(/^\/v1\//, "").split("/")
    if (kind === "evals") return onEvals(request, searchParams, rest)
    if (kind === "files") return onFiles(request, searchParams, rest)
    return onGraders(rest.at(-1), await request.json())
  }
}

/** What the tests of the engine's behaviour share: small evals, rows, and requests as they go over the wire. */
import { Effect } from "effect"
import { createEval, type DataSource, type Eval, executeRun, type Grader, type Run } from "effect-evals"
import type { EvalsEngine } from "effect-evals/engine"
import { Server } from "effect-evals/server"
import { fetch as fetchOf } from "../../../src/server/InProcess.ts"

type StringCheck = Extract<Grader.TestingCriterion, { readonly type: "string_check" }>

/** Passes where the answer is the label. */
export const label: StringCheck = {
  type: "string_check",
  name: "label",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
}

const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => `w${(index * from) % 9973}`).join(" ")

/**
 * Compares two constant texts of so many words, and passes whatever a row holds:
 * 500 words take about half a millisecond for each row, 4000 about five. A test
 * that looks at a run on its way is then sure to find it there.
 */
export const laborious = (count: number): Grader.TestingCriterion => ({
  type: "text_similarity",
  name: "laborious",
  input: words(count, 7),
  reference: words(count, 11),
  evaluation_metric: "rouge_l",
  pass_threshold: 0
})

/** An eval whose items are any objects. */
export const definition = (...criteria: ReadonlyArray<Grader.TestingCriterion>): Eval.CreateParams => ({
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: criteria.length === 0 ? [label] : criteria
})

/** A row that passes by {@link label}, or does not. */
export const row = (passes: boolean, item: { readonly [key: string]: string | number } = {}) => ({
  item: { label: "yes", ...item },
  sample: { output_text: passes ? "yes" : "no" }
})

type Rows = ReadonlyArray<DataSource.RowParam>

/** The request for a run over these rows. */
export const over = (content: Rows): Run.CreateParams => ({
  data_source: { type: "jsonl", source: { type: "file_content", content } }
})

/** An eval, and a run of it that has ended. */
export const evaluated = (content: Rows, ...criteria: ReadonlyArray<Grader.TestingCriterion>) =>
  Effect.gen(function* () {
    const made = yield* createEval(definition(...criteria))
    const run = yield* executeRun(made.id, over(content))
    return { evalId: made.id, made, run }
  })

/** An answer, with its body as JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

/** Sends a request as it is, to the engine of the context. */
export const send = (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  options: Server.Options = {}
): Effect.Effect<Answer, never, EvalsEngine.EvalsEngine> =>
  Effect.gen(function* () {
    const fetch = fetchOf(yield* Server.make(options), yield* Effect.context<never>())
    return yield* Effect.promise(async () => {
      const response = await fetch(`http://localhost/v1${path}`, {
        method,
        headers: { host: "localhost", "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
      })
      return { status: response.status, headers: response.headers, json: parsed(await response.text()) }
    })
  })

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A member of JSON, however deep. */
export const at = (value: unknown, ...keys: ReadonlyArray<string | number>): unknown =>
  keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined,
    value
  )

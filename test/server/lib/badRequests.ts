/** Requests that are refused, and the objects and bodies that they are made of. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { at, definition, send } from "../../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./forms.ts"

/** Objects that the bad requests are about. */
export interface There {
  readonly evalId: string
  readonly runId: string
  readonly fileId: string
}

export interface Wanted {
  readonly status?: number
  readonly param: string | null
  readonly code?: string | null
  readonly message: string | RegExp
}

/** A request, and what is wrong with it. */
export type Case = readonly [
  method: string,
  path: string,
  body: unknown,
  wanted: Wanted,
  headers?: Readonly<Record<string, string>>
]

const types: Readonly<Record<number, string>> = { 404: "not_found_error" }

export const answers = (...cases: ReadonlyArray<Case>) =>
  Effect.gen(function* () {
    for (const [method, path, body, { code = null, message, param, status = 400 }, headers] of cases) {
      const answer = yield* send(method, path, body, headers)
      const about = `${method} ${path.slice(0, 200)} ${String(JSON.stringify(body)).slice(0, 300)}`
      const said = at(answer.json, "error", "message")
      assert.deepStrictEqual(
        { status: answer.status, ...Object(answer.json) },
        {
          status,
          error: {
            message: typeof message === "string" ? message : said,
            type: types[status] ?? "invalid_request_error",
            param,
            code
          }
        },
        about
      )
      if (typeof message !== "string") assert.match(String(said), message, about)
      assert.match(String(answer.headers.get("x-request-id")), /^req_/, about)
    }
  })

export const priced = {
  type: "object",
  properties: { price: { type: "number" }, tags: { type: "array", items: { type: "string" } } },
  required: ["price"]
}

export const pricedEval = { ...definition(), data_source_config: { type: "custom", item_schema: priced } }

export const inline = (...content: ReadonlyArray<unknown>) => ({
  data_source: { type: "jsonl", source: { type: "file_content", content } }
})

export const fromFile = (id: string) => ({ data_source: { type: "jsonl", source: { type: "file_id", id } } })

export const idOf = (answer: { readonly json: unknown }): string => String(at(answer.json, "id"))

export const uploaded = (content: string) => Effect.map(send("POST", "/files", upload(content), formHeaders()), idOf)

export const there: Effect.Effect<There, never, Effect.Services<ReturnType<typeof send>>> = Effect.gen(function* () {
  const evalId = idOf(yield* send("POST", "/evals", pricedEval))
  const runId = idOf(yield* send("POST", `/evals/${evalId}/runs`, inline({ item: { price: 1 } })))
  return { evalId, runId, fileId: yield* uploaded('{"item":{"price":1}}\n') }
})

export const criteria = (...testing_criteria: ReadonlyArray<unknown>) => ({ ...definition(), testing_criteria })

export const schema = (item_schema: unknown, more: object = {}) => ({
  ...definition(),
  data_source_config: { type: "custom", item_schema, ...more }
})

export const pairs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, "v"]))

export const run = "/fine_tuning/alpha/graders/run"
export const validate = "/fine_tuning/alpha/graders/validate"

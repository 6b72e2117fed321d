/** A key, and other secrets of an entry, appear in no item, error, log or span, whatever an endpoint says. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted, Stream, Tracer } from "effect"
import { createEval, executeRun, type Grader, listOutputItems, listRuns, runGrader } from "effect-evals"
import { inspect } from "node:util"
import { type Received, type Reply, serve } from "../../lib/modelServer.ts"
import { said } from "../../lib/badReplies.ts"
import { driven } from "../../lib/driven.ts"
import { type Entry, modelsOf, withEngine } from "../../lib/servedModels.ts"

const secrets = {
  key: "sk-proj-KEYSECRET-0123456789",
  header: "HEADERSECRET-0123456789",
  redacted: "REDACTEDSECRET-0123456789",
  password: "UEFTU1dPUkRTRUNSRVQ6eA==",
  query: "QUERYSECRET-0123456789",
  address: "ADDRESSSECRET-0123456789"
}

const entry = (auth: "bearer" | "api-key"): Entry => ({
  auth,
  key: Redacted.make(secrets.key),
  headers: {
    "x-tenant": secrets.header,
    "x-signature": Redacted.make(secrets.redacted),
    "proxy-authorization": `Basic ${secrets.password}`
  },
  query: { code: secrets.query }
})

/** All that an endpoint knows of a request, as it may repeat it. */
const echo = ({ headers, query }: Received): string =>
  `${String(headers["authorization"] ?? headers["api-key"])} ${String(headers["x-tenant"])} ${String(headers["x-signature"])} ` +
  `${String(headers["proxy-authorization"])} ${query.toString()}`

const replies: { readonly [name: string]: (request: Received) => Reply } = {
  "a good answer": (request) => said(request, '{"result":1}'),
  "a refused key": (request) => ({
    status: 401,
    headers: { "x-request-id": echo(request) },
    body: { error: { message: `Wrong: ${echo(request)}`, code: echo(request), type: echo(request) } }
  }),
  "a refusal": (request) => ({
    status: 400,
    body: { error: { message: `Odd: ${echo(request)}`, param: echo(request), code: echo(request) } }
  }),
  "an error with status 200": (request) => ({ body: { error: { message: echo(request), code: echo(request) } } }),
  "a page": (request) => ({ body: `<html><body>${echo(request)}</body></html>` }),
  "failures, then a good answer": (request) =>
    request.index < 4 ? { status: 500, body: echo(request) } : said(request, '{"result":1}'),
  "a redirect": (request) => ({
    status: 302,
    headers: { location: `/v1/${encodeURIComponent(secrets.key)}/${secrets.header}?${request.query.toString()}` }
  }),
  "cut connections, then a good answer": (request) =>
    request.index < 4 ? { cut: true, after: echo(request) } : said(request, '{"result":1}')
}

/** All that was sent, as text. */
const sentOf = (requests: ReadonlyArray<Received>): string =>
  JSON.stringify(requests.map((request) => [request.headers, [...request.query]]))

/** Collects all that is logged and traced. */
const collected = () => {
  const seen: Array<unknown> = []
  const logger = Logger.make(({ cause, message }) => {
    seen.push(message, cause)
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      seen.push(span)
      return span
    }
  })
  return { seen, logger, tracer }
}

const input = [{ role: "user", content: "Hi {{ item.name }}" }] as const

const criteria: ReadonlyArray<Grader.TestingCriterion> = [
  { type: "score_model", name: "score", model: "j", input },
  {
    type: "text_similarity",
    name: "near",
    input: "{{ item.name }}",
    reference: "a",
    evaluation_metric: "cosine",
    pass_threshold: 0
  }
]

/** Asks in every way, and returns all that a user can see of it. */
const shown = Effect.gen(function* () {
  const { id } = yield* createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
    testing_criteria: criteria
  })
  const source = { type: "file_content", content: [{ item: { name: "a" } }, { item: { name: "b" } }] } as const
  const input_messages = { type: "template", template: input } as const
  const seen: Array<unknown> = []
  for (const data_source of [
    { type: "completions", model: "m", source, input_messages },
    { type: "jsonl", source }
  ] as const) {
    seen.push(yield* Effect.exit(executeRun(id, { data_source })))
  }
  for (const run of yield* Stream.runCollect(listRuns(id))) {
    seen.push(run, yield* Stream.runCollect(listOutputItems(id, run.id)))
  }
  for (const grader of criteria) {
    seen.push(yield* Effect.exit(runGrader({ grader, model_sample: "a", item: { name: "b" } })))
  }
  return seen
})

/** Returns the names of the secrets in a text. */
const found = (text: string): ReadonlyArray<string> =>
  Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []))

describe("secrets of an entry of the models are shown nowhere", () => {
  for (const [index, [name, reply]] of Object.entries(replies).entries()) {
    it.effect(`where the endpoint answers with ${name}`, () =>
      Effect.gen(function* () {
        const { baseUrl, requests } = yield* serve(reply)
        const { logger, seen, tracer } = collected()
        const address = { baseUrl: `${baseUrl}?token=${secrets.address}` }
        const items = yield* driven(
          withEngine(modelsOf(address, entry(index % 2 === 0 ? "bearer" : "api-key")))(shown)
        ).pipe(Effect.provide(Logger.layer([logger])), Effect.withTracer(tracer))
        assert.isAbove(seen.length, 20)
        assert.deepStrictEqual(found(sentOf(requests)), Object.keys(secrets))
        for (const one of [...seen, ...items]) {
          const text = inspect(one, { depth: 12, maxStringLength: null })
          assert.deepStrictEqual(found(text), [], text.slice(0, 2000))
        }
        assert.deepStrictEqual(found(JSON.stringify(items)), [])
      })
    )
  }
})

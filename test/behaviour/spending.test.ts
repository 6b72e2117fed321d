/** The things that runs spend on models, and the ceilings over them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import {
  cancelRun,
  createEval,
  createRun,
  type EvalsClient,
  executeRun,
  listOutputItems,
  type Run,
  retrieveRun
} from "effect-evals"
import { EvalsEngine, Models } from "effect-evals/engine"
import { folder } from "../archive/lib/run.ts"
import { rows as storedRows } from "../archive/lib/stored.ts"
import { completion, failure, type ModelServer, type Script, serve } from "../lib/modelServer.ts"
import { at, definition, label, over, send } from "./lib/engine.ts"

const price = { input: 2, cachedInput: 0.5, output: 8 }

const judge = {
  type: "score_model",
  name: "score",
  model: "judge",
  input: [{ role: "user", content: "How good is {{ sample.output_text }}?" }],
  pass_threshold: 0.5
} as const

const isJudge = (body: { readonly [name: string]: unknown }) => body["model"] === "judge"

/** Says yes, and judges with 1. */
const answers: Script = ({ body }) => ({
  body: completion(isJudge(body) ? JSON.stringify({ steps: [], result: 1 }) : "yes")
})

/** A run that samples so many rows. */
const sampled = (count: number): Run.CreateParams => ({
  data_source: {
    type: "completions",
    model: "m",
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.n }}" }] },
    source: { type: "file_content", content: Array.from({ length: count }, (_, n) => ({ item: { n, label: "yes" } })) }
  }
})

const entryOf = (server: ModelServer, fields: Partial<Models.HttpEntry> = {}): Models.Entry => ({
  match: "*",
  baseUrl: server.baseUrl,
  api: "chat",
  structured: "json_schema",
  price,
  ...fields
})

const engineOf = (entries: ReadonlyArray<Models.Entry>, options: Partial<EvalsEngine.SqliteOptions> = {}) =>
  EvalsEngine.layerClient().pipe(
    Layer.provideMerge(EvalsEngine.layerSqlite({ filename: ":memory:", ...options })),
    Layer.provide(Models.layer(entries)),
    Layer.provide(FetchHttpClient.layer)
  )

const with_ =
  (entries: ReadonlyArray<Models.Entry>, options: Partial<EvalsEngine.SqliteOptions> = {}) =>
  <A, E>(program: Effect.Effect<A, E, EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>) =>
    Effect.provide(program, engineOf(entries, options))

/** A run that has ended, whatever it came to. */
const ended = (evalId: Parameters<typeof executeRun>[0], params: Run.CreateParams) =>
  executeRun(evalId, params).pipe(Effect.catchTag(["RunFailed", "RunCanceled"], ({ run }) => Effect.succeed(run)))

const usageOf = (run: Run.Run) => at(run, "evals_usage")
const stoppedOf = (run: Run.Run) => at(run, "evals_stopped")

describe("the usage of a run", () => {
  it.live("counts requests, tokens and cost of samples and judges in evals_usage", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition(label, judge))
        const run = yield* executeRun(id, sampled(3))
        const usage = {
          requests: 6,
          prompt_tokens: 66,
          completion_tokens: 42,
          cached_tokens: 24,
          // 42 tokens of prompts, 24 cached ones and 42 of answers
          cost: 0.000432,
          cache_hits: 0
        }
        assert.deepStrictEqual(usageOf(run), usage)
        assert.deepStrictEqual(usageOf(yield* retrieveRun(id, run.id)), usage)
        assert.isUndefined(stoppedOf(run))
        // rows of the request stand in the answer as ever
        assert.strictEqual(at(run.data_source, "source", "content", 2, "item", "n"), 2)
      }).pipe(with_([entryOf(server)]))
    }).pipe(Effect.scoped)
  )

  it.live("counts each attempt, and no cost where a model has no price", () =>
    Effect.gen(function* () {
      const server = yield* serve((request) => (request.index === 0 ? { status: 500, body: "{}" } : answers(request)))
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const run = yield* executeRun(id, sampled(1))
        assert.deepStrictEqual(usageOf(run), {
          requests: 2,
          prompt_tokens: 11,
          completion_tokens: 7,
          cached_tokens: 4,
          cache_hits: 0
        })
      }).pipe(with_([entryOf(server, { price: undefined })]))
    }).pipe(Effect.scoped)
  )

  it.live("is absent where no model is asked", () =>
    Effect.gen(function* () {
      const { id } = yield* createEval(definition())
      const run = yield* executeRun(id, over([{ item: { label: "yes" }, sample: { output_text: "yes" } }]))
      assert.isUndefined(usageOf(run))
    }).pipe(with_([]))
  )

  it.live("goes on when another engine resumes the run, and of a canceled run counts what was sent", () =>
    Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      let hangs = true
      const server = yield* serve((request) => (hangs && request.index >= 2 ? { hang: true } : answers(request)))
      const entries = [entryOf(server, { limits: { inFlight: 3 } })]
      const { evalId, runId } = yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const run = yield* createRun(id, sampled(6))
        yield* Effect.sleep(20).pipe(Effect.repeat({ until: () => server.requests.length === 5 }))
        return { evalId: id, runId: run.id }
      }).pipe(with_(entries, { filename }))
      assert.strictEqual(storedRows(filename, "SELECT spent FROM run_usage").length, 1)
      hangs = false
      yield* Effect.gen(function* () {
        const run = yield* Effect.sleep(20).pipe(
          Effect.andThen(retrieveRun(evalId, runId)),
          Effect.repeat({ until: ({ status }) => status === "completed" })
        )
        // 3 were in flight when the first engine ended, and are asked again
        assert.deepInclude(usageOf(run), { requests: 9, prompt_tokens: 66 })
        hangs = true
        const other = yield* createRun(evalId, sampled(2))
        yield* Effect.sleep(20).pipe(Effect.repeat({ until: () => server.requests.length === 11 }))
        const canceled = yield* cancelRun(evalId, other.id)
        assert.deepInclude(usageOf(canceled), { requests: 2, prompt_tokens: 0 })
      }).pipe(with_(entries, { filename }))
    }).pipe(Effect.scoped)
  )
})

describe("a ceiling", () => {
  it.live("of requests cancels the run: what has begun is finished and kept, and evals_stopped says why", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const run = yield* ended(id, sampled(300))
        assert.strictEqual(run.status, "canceled")
        assert.deepStrictEqual(run.result_counts, { total: 10, errored: 0, failed: 0, passed: 10 })
        assert.deepInclude(usageOf(run), { requests: 10 })
        assert.deepStrictEqual(stoppedOf(run), {
          code: "max_requests",
          message: "the limit of 10 requests is reached"
        })
        assert.strictEqual(server.requests.length, 10)
        assert.strictEqual((yield* Stream.runCollect(listOutputItems(id, run.id))).length, 10)
        assert.strictEqual(run.evals_rows?.not_judged, 290)
        // as many as there are: nothing is refused
        assert.strictEqual((yield* executeRun(id, sampled(10))).status, "completed")
      }).pipe(with_([entryOf(server)], { maxRequests: 10 }))
    }).pipe(Effect.scoped)
  )

  it.live("of requests leaves rows alone whose judge cannot be paid any more", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition(label, judge))
        const run = yield* ended(id, sampled(150))
        assert.strictEqual(run.status, "canceled")
        assert.strictEqual(run.result_counts.errored, 0)
        assert.strictEqual(server.requests.length, 120)
        assert.strictEqual(run.result_counts.passed, server.requests.filter(({ body }) => isJudge(body)).length)
      }).pipe(with_([entryOf(server)], { maxRequests: 120 }))
    }).pipe(Effect.scoped)
  )

  it.live("of tokens and of cost is passed only by what was in flight, also where many wait for the endpoint", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const entries = [entryOf(server, { limits: { inFlight: 4 } })]
      for (const [options, code] of [
        [{ maxTokens: 180 }, "max_tokens"],
        // ten answers
        [{ maxCost: 0.00072 }, "max_cost"]
      ] as const) {
        yield* Effect.gen(function* () {
          const { id } = yield* createEval(definition())
          const run = yield* ended(id, sampled(300))
          assert.strictEqual(run.status, "canceled")
          assert.strictEqual(at(stoppedOf(run), "code"), code)
          assert.isAtLeast(run.result_counts.total, 10)
          assert.isAtMost(run.result_counts.total, 13)
          assert.strictEqual(at(usageOf(run), "requests"), run.result_counts.total)
        }).pipe(with_(entries, options))
      }
    }).pipe(Effect.scoped)
  )

  it.live("does not wait for the turn of rows that are not asked for any more", () =>
    Effect.gen(function* () {
      const server = yield* serve((request) =>
        request.index === 0
          ? { status: 429, headers: { "retry-after": "3600" }, body: failure("slow down") }
          : { ...answers(request), delay: 300 }
      )
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const run = yield* ended(id, sampled(50))
        assert.strictEqual(run.status, "canceled")
        assert.strictEqual(run.result_counts.total, 2)
      }).pipe(with_([entryOf(server, { limits: { inFlight: 3 } })], { maxTokens: 30 }))
    }).pipe(Effect.scoped)
  )

  it.live("of a single run is named in headers of the request, and the lower one counts", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const create = (headers: Readonly<Record<string, string>>) =>
          send("POST", `/evals/${id}/runs`, sampled(20), headers)
        const bad = yield* create({ "evals-max-requests": "many" })
        assert.strictEqual(bad.status, 400)
        assert.strictEqual(at(bad.json, "error", "param"), "evals-max-requests")
        const made = yield* create({ "evals-max-requests": "5" })
        assert.strictEqual(made.status, 201)
        const path = `/evals/${id}/runs/${String(at(made.json, "id"))}`
        const run = yield* Effect.sleep(20).pipe(
          Effect.andThen(send("GET", path)),
          Effect.repeat({ until: ({ json }) => at(json, "status") === "canceled" })
        )
        assert.strictEqual(at(run.json, "evals_usage", "requests"), 5)
        assert.strictEqual(at(run.json, "result_counts", "total"), 5)
      }).pipe(with_([entryOf(server)], { maxRequests: 8 }))
    }).pipe(Effect.scoped)
  )

  it.live("of cost refuses runs and graders whose model has no price", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const entries = [entryOf(server, { match: "judge" }), entryOf(server, { price: undefined })]
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition(label, judge))
        const refused = yield* send("POST", `/evals/${id}/runs`, sampled(1), { "evals-max-cost": "1" })
        assert.strictEqual(refused.status, 400)
        assert.deepInclude(at(refused.json, "error"), { code: "model_without_price", param: "data_source.model" })
        assert.strictEqual((yield* executeRun(id, sampled(1))).status, "completed")
      }).pipe(with_(entries))
      yield* Effect.gen(function* () {
        const { json, status } = yield* send("POST", "/fine_tuning/alpha/graders/run", {
          grader: { ...judge, model: "other" },
          model_sample: "",
          item: {}
        })
        assert.strictEqual(status, 400)
        assert.strictEqual(at(json, "error", "code"), "model_without_price")
      }).pipe(with_(entries, { maxCostPerDay: 1 }))
    }).pipe(Effect.scoped)
  )

  it.live("of the day is over all runs and graders/run, and is known to the next engine", () =>
    Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      const server = yield* serve(answers)
      const entries = [entryOf(server, { limits: { inFlight: 1 } })]
      const grade = send("POST", "/fine_tuning/alpha/graders/run", { grader: judge, model_sample: "", item: {} })
      // an answer costs 0.000072
      const options = { filename, maxCostPerDay: 0.00025 }
      const id = yield* Effect.gen(function* () {
        assert.strictEqual((yield* grade).status, 200)
        const made = yield* createEval(definition())
        const run = yield* ended(made.id, sampled(10))
        assert.strictEqual(run.status, "canceled")
        assert.strictEqual(run.result_counts.total, 3)
        assert.strictEqual(at(stoppedOf(run), "code"), "max_cost_per_day")
        return made.id
      }).pipe(with_(entries, options))
      yield* Effect.gen(function* () {
        const refused = yield* grade
        assert.strictEqual(refused.status, 403)
        assert.strictEqual(at(refused.json, "error", "code"), "max_cost_per_day")
        const run = yield* ended(id, sampled(10))
        assert.deepStrictEqual(run.result_counts, { total: 0, errored: 0, failed: 0, passed: 0 })
        assert.strictEqual(run.status, "canceled")
      }).pipe(with_(entries, options))
      assert.strictEqual(server.requests.length, 4)
    }).pipe(Effect.scoped)
  )
})

describe("a cache of answers", () => {
  it.live("answers the same request of another run, of a judge and of graders/run, and is never a cost", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition(label, judge))
        const first = yield* executeRun(id, sampled(2))
        // the two rows have the same answer, which is judged twice at the same time, or once
        assert.isAtLeast(server.requests.length, 3)
        const asked = server.requests.length
        assert.strictEqual(at(usageOf(first), "requests"), asked)
        const second = yield* executeRun(id, sampled(2))
        assert.strictEqual(server.requests.length, asked)
        assert.deepStrictEqual(usageOf(second), {
          requests: 0,
          prompt_tokens: 0,
          completion_tokens: 0,
          cached_tokens: 0,
          cost: 0,
          cache_hits: 4
        })
        const [item] = yield* Stream.runCollect(listOutputItems(id, second.id))
        assert.strictEqual(at(item, "sample", "evals_cached"), true)
        assert.strictEqual(at(item, "results", 1, "sample", "evals_cached"), true)
        const [asked1] = yield* Stream.runCollect(listOutputItems(id, first.id))
        assert.isUndefined(at(asked1, "sample", "evals_cached"))
        const graded = yield* send("POST", "/fine_tuning/alpha/graders/run", {
          grader: judge,
          model_sample: "yes",
          item: {}
        })
        assert.strictEqual(at(graded.json, "reward"), 1)
        // another temperature is another request
        yield* send("POST", "/fine_tuning/alpha/graders/run", {
          grader: { ...judge, sampling_params: { temperature: 0.5 } },
          model_sample: "yes",
          item: {}
        })
        assert.strictEqual(server.requests.length, asked + 1)
      }).pipe(with_([entryOf(server)], { cache: true }))
    }).pipe(Effect.scoped)
  )

  it.live("keeps no errors, outlives the engine, and is off by default", () =>
    Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      const server = yield* serve((request) =>
        request.index === 0 ? { status: 400, body: failure("no") } : answers(request)
      )
      const executed = Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const run = yield* ended(id, sampled(1))
        return run.result_counts
      })
      const cached = with_([entryOf(server)], { filename, cache: true })
      assert.deepInclude(yield* cached(executed), { errored: 1 })
      assert.deepInclude(yield* cached(executed), { passed: 1 })
      assert.strictEqual(server.requests.length, 2)
      assert.deepInclude(yield* cached(executed), { passed: 1 })
      assert.strictEqual(server.requests.length, 2)
      assert.deepInclude(yield* with_([entryOf(server)], { filename })(executed), { passed: 1 })
      assert.strictEqual(server.requests.length, 3)
    }).pipe(Effect.scoped)
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  createEval,
  createRun,
  EvalId,
  EvalsClient,
  type EvalsError,
  FileId,
  OutputItemId,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  RunId,
  runGrader,
  validateGrader
} from "effect-evals"
import { ScriptedHttp } from "effect-evals/testing"
import * as Fixtures from "../fixtures/deviations.ts"

type Operation<A> = Effect.Effect<A, EvalsError.EvalsError, EvalsClient.EvalsClient>

const over =
  (answer: ScriptedHttp.Reply) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    self.pipe(
      Effect.provide(Layer.orDie(EvalsClient.layer({ baseUrl: "http://host/v1" }))),
      Effect.provide(ScriptedHttp.layer([answer]))
    )

/** What an operation makes of an answer, which it returns to the last field as it came. */
const reads = <A>(operation: Operation<A>, body: unknown): Effect.Effect<A, EvalsError.EvalsError> =>
  operation.pipe(
    over({ body }),
    Effect.tap((value) => Effect.sync(() => assert.strictEqual(JSON.stringify(value), JSON.stringify(body))))
  )

// fields that the types name and fields that they do not
const holds = (value: unknown, fields: Readonly<Record<string, unknown>>) => assert.deepInclude(value, fields)

const evalId = EvalId.make("eval_1")
const run = retrieveRun(evalId, RunId.make("evalrun_1"))
const evaluation = retrieveEval(evalId)
const item = retrieveOutputItem(evalId, RunId.make("evalrun_1"), OutputItemId.make("outputitem_1"))
const grader = { type: "string_check", name: "a", input: "x", reference: "x", operation: "eq" } as const

describe("answers that differ from the host's own types", () => {
  it.effect("run.error is null on a healthy run", () =>
    Effect.gen(function* () {
      assert.isNull((yield* reads(run, Fixtures.completedRun)).error)
    })
  )

  it.effect("run.per_model_usage and run.per_testing_criteria_results are null while the run is queued", () =>
    Effect.gen(function* () {
      const queued = yield* reads(run, Fixtures.queuedRun)
      assert.isNull(queued.per_model_usage)
      assert.isNull(queued.per_testing_criteria_results)
      const completed = yield* reads(run, Fixtures.completedRun)
      assert.strictEqual(completed.per_model_usage?.[0]?.model_name, "small-1-2025-04-14")
    })
  )

  it.effect("run.data_source.sampling_params is null when none were sent", () =>
    Effect.gen(function* () {
      const { data_source } = yield* reads(run, Fixtures.queuedRun)
      assert.isTrue(data_source?.type === "completions" && data_source.sampling_params === null)
    })
  )

  it.effect("run.shared_with_openai is there", () =>
    Effect.gen(function* () {
      assert.isFalse((yield* reads(run, Fixtures.queuedRun)).shared_with_openai)
    })
  )

  it.effect("run.per_testing_criteria_results[].testing_criteria_id is there", () =>
    Effect.gen(function* () {
      const [result] = (yield* reads(run, Fixtures.completedRun)).per_testing_criteria_results ?? []
      assert.isDefined(result?.testing_criteria_id)
      assert.strictEqual(result?.testing_criteria_id, result?.testing_criteria)
    })
  )

  it.effect("eval.data_source_config.max_items is kept", () =>
    Effect.gen(function* () {
      const { data_source_config } = yield* reads(evaluation, Fixtures.evaluation)
      holds(data_source_config, { type: "custom", max_items: null })
    })
  )

  it.effect("testing_criteria[] have id, grdr_id and inactive_at", () =>
    Effect.gen(function* () {
      const [criterion] = (yield* reads(evaluation, Fixtures.evaluation)).testing_criteria
      assert.isTrue(criterion?.type === "string_check" && criterion.id?.startsWith("capital-") === true)
      holds(criterion, { grdr_id: null, inactive_at: null })
    })
  )

  it.effect("item._datasource_item_content_hash is kept", () =>
    Effect.gen(function* () {
      const read = yield* reads(item, Fixtures.gradedItem)
      holds(read, {
        _datasource_item_content_hash: "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"
      })
    })
  )

  it.effect("item.results[].sample is null for a comparison and a whole sample for a judge", () =>
    Effect.gen(function* () {
      const [comparison, judge] = (yield* reads(item, Fixtures.gradedItem)).results
      assert.isNull(comparison?.sample)
      holds(judge?.sample, { reasoning_effort: null, max_completions_tokens: 4096 })
    })
  )

  it.effect("item.sample has either spelling of the token limit", () =>
    Effect.gen(function* () {
      const usual = (yield* reads(item, Fixtures.gradedItem)).sample
      assert.strictEqual(usual?.max_completions_tokens, 512)
      assert.isUndefined(usual?.max_completion_tokens)
      assert.strictEqual((yield* reads(item, Fixtures.itemWithTools)).sample?.max_completion_tokens, 2048)
    })
  )

  it.effect("item.sample.seed is null", () =>
    Effect.gen(function* () {
      assert.isNull((yield* reads(item, Fixtures.gradedItem)).sample?.seed)
      assert.strictEqual((yield* reads(item, Fixtures.itemWithTools)).sample?.seed, 7)
    })
  )

  it.effect("item.sample.error is null, and has a type of its own when there is one", () =>
    Effect.gen(function* () {
      assert.isNull((yield* reads(item, Fixtures.gradedItem)).sample?.error)
      const errored = yield* reads(item, Fixtures.erroredItem)
      assert.strictEqual(errored.sample?.error?.code, "invalid_image_url")
      holds(errored.sample?.error, { type: "invalid_request_error" })
      assert.isUndefined(errored.sample?.usage)
    })
  )

  it.effect("item.sample.input and output have null fields of tools, or none", () =>
    Effect.gen(function* () {
      const [sent] = (yield* reads(item, Fixtures.itemWithTools)).sample?.input ?? []
      holds(sent, { tool_call_id: null, tool_calls: null, function_call: null })
      const [answered] = (yield* reads(item, Fixtures.gradedItem)).sample?.output ?? []
      assert.deepStrictEqual(Object.keys(answered ?? {}), ["role", "content"])
    })
  )

  it.effect("sampling_params take either spelling of the token limit, and send it as it was written", () =>
    Effect.gen(function* () {
      for (const limit of [{ max_completion_tokens: 512 }, { max_completions_tokens: 512 }]) {
        const [request] = yield* createRun(evalId, {
          data_source: { type: "completions", source: { type: "file_id", id: "file-1" }, sampling_params: limit }
        }).pipe(Effect.andThen(ScriptedHttp.requests), over({ status: 201, body: Fixtures.queuedRun }))
        assert.deepNestedInclude(JSON.parse(request?.body ?? ""), { "data_source.sampling_params": limit })
      }
      const { data_source } = yield* reads(run, Fixtures.completedRun)
      assert.isTrue(data_source?.type === "completions" && data_source.sampling_params?.max_completions_tokens === 512)
    })
  )

  it.effect("file.purpose is evals", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* reads(retrieveFile(FileId.make("file-1")), Fixtures.file)).purpose, "evals")
    })
  )

  it.effect("a creation answers 201", () =>
    Effect.gen(function* () {
      const { data, response } = yield* EvalsClient.withResponse(
        createEval({ data_source_config: { type: "logs" }, testing_criteria: [grader] })
      ).pipe(over({ status: 201, body: Fixtures.evaluation }))
      assert.strictEqual(response?.status, 201)
      assert.strictEqual(data.name, "capitals")
    })
  )

  describe("and from examples of the OpenAPI document itself", () => {
    it.effect("a run without data_source", () =>
      Effect.gen(function* () {
        assert.isUndefined((yield* reads(run, Fixtures.runWithoutDataSource)).data_source)
      })
    )

    it.effect("graders of a multi grader as a list, read and sent", () =>
      Effect.gen(function* () {
        const { multiGrader } = Fixtures
        const { grader } = yield* reads(validateGrader({ grader: multiGrader }), { grader: multiGrader })
        assert.isTrue(grader?.type === "multi" && Array.isArray(grader.graders))
      })
    )

    it.effect("token_usage as an object", () =>
      Effect.gen(function* () {
        const { metadata } = yield* reads(runGrader({ grader, model_sample: "x" }), Fixtures.graderAnswer)
        holds(metadata.token_usage, { total_tokens: 40 })
        holds(metadata.errors, { endpoint_grader_internal_error: false })
      })
    )

    it.effect("an eval that gives back item_schema in place of schema", () =>
      Effect.gen(function* () {
        const { data_source_config } = yield* reads(evaluation, Fixtures.evaluationAsSent)
        assert.isTrue(data_source_config.type === "custom" && data_source_config.include_sample_schema === true)
      })
    )

    it.effect("an error of Azure without an envelope", () =>
      Effect.gen(function* () {
        const error = yield* evaluation.pipe(over({ status: 404, body: Fixtures.azureError }), Effect.flip)
        assert.strictEqual(error.reason._tag, "NotFoundError")
        holds(error.reason, { code: "notFound", status: 404 })
        assert.include(error.message, "There is no evaluation of this id.")
      })
    )
  })
})

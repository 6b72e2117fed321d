import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import {
  createEval,
  createRun,
  type EvalsClient,
  type EvalsError,
  listEvalsPage,
  listFilesPage,
  listOutputItemsPage,
  listRunsPage,
  runGrader,
  type RunId,
  updateEval,
  Upload,
  uploadFile
} from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, runId, runParams, times, untyped, withLog } from "./support.ts"

const inline = (...content: ReadonlyArray<unknown>) =>
  createRun(evalId, untyped({ data_source: { type: "jsonl", source: { type: "file_content", content } } }))

const withCriterion = (criterion: object) =>
  createEval(untyped({ data_source_config: { type: "custom", item_schema: {} }, testing_criteria: [criterion] }))

const stringCheck = { type: "string_check", name: "n", input: "a", reference: "b", operation: "eq" }

const deep = (wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1
  for (let level = 0; level < 100_000; level++) value = wrap(value)
  return value
}

const cycle: Record<string, unknown> = { name: "ouroboros" }
cycle["self"] = cycle

interface Refusal {
  readonly name: string
  readonly operation: Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>
  readonly issues: ReadonlyArray<readonly [path: string, message: RegExp]>
}

const refusal = (name: string, operation: Refusal["operation"], ...issues: Refusal["issues"]): Refusal => ({
  name,
  operation,
  issues
})

const refusals: ReadonlyArray<Refusal> = [
  refusal(
    "17 pairs of metadata",
    updateEval(evalId, { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`key${i}`, "v"])) }),
    ["metadata", /^at most 16 pairs of metadata$/]
  ),
  refusal("a metadata key of 65 characters", updateEval(evalId, { metadata: { ["k".repeat(65)]: "v" } }), [
    `metadata.${"k".repeat(65)}`,
    /^a metadata key of at most 64 characters$/
  ]),
  refusal(
    "a metadata value of 513 characters, under a key that is no name",
    updateEval(evalId, { metadata: { "the team": "v".repeat(513) } }),
    ['metadata["the team"]', /^a metadata value of at most 512 characters$/]
  ),
  refusal("a metadata key of 65 emoji", updateEval(evalId, { metadata: { ["😀".repeat(65)]: "v" } }), [
    `metadata["${"😀".repeat(65)}"]`,
    /^a metadata key of at most 64 characters$/
  ]),
  refusal("a metadata value of 513 emoji", updateEval(evalId, { metadata: { a: "😀".repeat(513) } }), [
    "metadata.a",
    /^a metadata value of at most 512 characters$/
  ]),
  refusal("metadata that is no text", updateEval(evalId, untyped({ metadata: { team: 7 } })), [
    "metadata.team",
    /^expected string$/
  ]),
  refusal("a missing field", createRun(evalId, untyped({ name: "x" })), ["data_source", /^is missing$/]),
  refusal(
    "several mistakes, each with its place",
    createEval(untyped({ name: 7, data_source_config: { type: "custom" } })),
    ["name", /^expected a string, or null$/],
    ["data_source_config.item_schema", /^is missing$/],
    ["testing_criteria", /^is missing$/]
  ),
  refusal("a type that the API does not have", createRun(evalId, untyped({ data_source: { type: "csv" } })), [
    "data_source.type",
    /^expected one of "jsonl", "completions", "responses"$/
  ]),
  refusal(
    "a source that this data source does not take",
    createRun(evalId, untyped({ data_source: { type: "jsonl", source: { type: "stored_completions" } } })),
    ["data_source.source.type", /^expected one of "file_content", "file_id"$/]
  ),
  refusal("a value outside its list", withCriterion({ ...stringCheck, operation: "equals" }), [
    "testing_criteria[0].operation",
    /^expected one of "eq", "ne", "like", "ilike"$/
  ]),
  refusal("a multi grader as a criterion", withCriterion({ type: "multi", name: "m", graders: [] }), [
    "testing_criteria[0].type",
    /^expected one of "string_check", "text_similarity"/
  ]),
  refusal(
    "a mistake inside a multi grader",
    runGrader(
      untyped({
        grader: { type: "multi", name: "m", graders: { a: { ...stringCheck, input: 1 } }, calculate_output: "a" },
        model_sample: "s"
      })
    ),
    ["grader.graders.a.input", /^expected string$/]
  ),
  refusal("a limit of none", listEvalsPage({ limit: 0 }), ["limit", /greater than or equal to 1$/]),
  refusal("a limit of a fraction", listRunsPage(evalId, { limit: 1.5 }), ["limit", /^expected an integer$/]),
  refusal("an unknown order", listFilesPage(untyped({ order: "up" })), [
    "order",
    /^expected one of "asc", "desc", or null$/
  ]),
  refusal(
    "a file that expires too soon",
    uploadFile({ file: Upload.fromRows([]), purpose: "evals", expires_after: { anchor: "created_at", seconds: 60 } }),
    ["expires_after.seconds", /between 3600 and 2592000$/]
  ),
  refusal("no object at all", createRun(evalId, untyped(null)), ["", /^expected object$/]),
  refusal("a BigInt in a row", inline({ item: { a: 1 } }, { item: { count: 1n } }), [
    "data_source.source.content[1].item.count",
    /^expected a JSON value, got a bigint$/
  ]),
  refusal("a number that JSON does not have", inline({ item: { score: Number.NaN } }), [
    "data_source.source.content[0].item.score",
    /^expected a JSON value, got NaN$/
  ]),
  refusal("a date that is invalid", inline({ item: { at: new Date(Number.NaN) } }), [
    "data_source.source.content[0].item.at",
    /^expected a JSON value, got a value of kind Date$/
  ]),
  refusal("a Map in a row", inline({ item: { tags: [new Map()] } }), [
    "data_source.source.content[0].item.tags[0]",
    /^expected a JSON value, got a value of kind Map$/
  ]),
  refusal("a row that is no object", inline({ item: new Date(0) }), [
    "data_source.source.content[0].item",
    /^expected object$/
  ]),
  refusal("a row that holds itself", inline({ item: cycle }), ["", /nested too deeply|circular/]),
  refusal("100,000 objects, one in another", inline({ item: { deep: deep((inner) => ({ inner })) } }), [
    "",
    /^nested too deeply, or in a circle, and cannot be written as JSON$/
  ]),
  refusal("100,000 lists, one in another", inline({ item: { deep: deep((inner) => [inner]) } }), [
    "",
    /^nested too deeply, or in a circle, and cannot be written as JSON$/
  ]),
  refusal("the same under a key that the API does not name", createRun(evalId, untyped({ ...runParams, x: cycle })), [
    "",
    /nested too deeply|circular/
  ]),
  refusal("a BigInt under such a key", createRun(evalId, untyped({ ...runParams, x: 1n })), [
    "x",
    /^expected a JSON value, got a bigint$/
  ])
]

describe("a request that is invalid is refused before anything is sent", () => {
  it.effect.each(refusals)("$name", ({ issues, operation }) =>
    Effect.gen(function* () {
      const { isRetryable, message, reason } = yield* failure(operation)
      const found = reason._tag === "EncodeError" ? reason.issues : []
      assert.strictEqual(reason._tag, "EncodeError")
      assert.deepStrictEqual(
        found.map((issue) => issue.path),
        issues.map(([path]) => path)
      )
      for (const [index, [path, rule]] of issues.entries()) {
        assert.match(found[index]?.message ?? "", rule)
        assert.include(message, path === "" ? (found[index]?.message ?? "") : `${path}: ${found[index]?.message}`)
      }
      assert.isFalse(isRetryable)
      assert.lengthOf(yield* times, 0)
    }).pipe(Effect.provide(client([{ body: WireBuilder.run() }])))
  )

  it.effect("and what is at the limits is sent", () =>
    Effect.gen(function* () {
      const metadata = {
        ["k".repeat(64)]: "v".repeat(512),
        ["😀".repeat(64)]: "😀".repeat(512),
        ...Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`key${index}`, ""]))
      }
      yield* updateEval(evalId, { metadata })
      assert.deepStrictEqual(yield* sent, [{ metadata }])
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }])))
  )
})

const sent = Effect.map(ScriptedHttp.requests, (requests) =>
  requests.map((request): unknown => JSON.parse(request.body))
)

describe("keys that the API does not name", () => {
  const params = {
    name: "x",
    colour: "red",
    data_source: {
      type: "jsonl",
      hue: 1,
      source: {
        type: "file_content",
        content: [
          { item: { free: { as: ["it", "likes"] } }, weight: 1 },
          { item: {}, weight: 2, note: null }
        ]
      }
    }
  }

  it.effect("are sent unchanged, and logged once for each client with their path", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* createRun(evalId, untyped(params))
      yield* createRun(evalId, untyped(params))
      assert.deepStrictEqual(yield* sent, [params, params])
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /level=WARN/i)
      assert.include(
        log[0] ?? "",
        "createRun: sent colour, data_source.hue, data_source.source.content[].weight, data_source.source.content[].note,"
      )
      // a new one is logged alone
      yield* createRun(evalId, untyped({ ...params, shade: 1 }))
      assert.lengthOf(log, 2)
      assert.match(log[1] ?? "", /createRun: sent shade, which/)
    }).pipe(Effect.provide(client([{ body: WireBuilder.run() }])), (effect) => withLog(effect, log))
  })

  it.effect("are logged by another client again, and by another operation", () => {
    const log: Array<string> = []
    const once = createRun(evalId, untyped(params)).pipe(
      Effect.andThen(updateEval(evalId, untyped({ colour: "red" })).pipe(Effect.ignore)),
      Effect.provide(client([{ body: WireBuilder.run() }]))
    )
    return Effect.gen(function* () {
      yield* once
      yield* once
      assert.lengthOf(log, 4)
    }).pipe((effect) => withLog(effect, log))
  })

  it.effect("of graders and lists too, beside a mistake only the mistake", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* withCriterion({ ...stringCheck, weight: 2 })
      yield* listEvalsPage(untyped({ limit: 1, colour: "red" }))
      const error = yield* failure(withCriterion({ ...stringCheck, operation: "equals", shade: 2 }))
      assert.notInclude(error.message, "shade")
      assert.deepStrictEqual(
        log.map((line) => /sent [^,]+/.exec(line)?.[0]),
        ["sent testing_criteria[].weight", "sent colour"]
      )
      assert.strictEqual((yield* ScriptedHttp.requests)[1]?.path, "/v1/evals?limit=1&colour=red")
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }, { body: WireBuilder.page([]) }])), (effect) =>
      withLog(effect, log)
    )
  })

  it.effect("are not those of rows and templates, which are free", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* inline({ item: { any: { thing: [1, null] } }, sample: { output_text: "x", more: true } })
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(client([{ body: WireBuilder.run() }])), (effect) => withLog(effect, log))
  })

  it.effect("nor keys without a value: they are left out, and nothing is said", () => {
    const log: Array<string> = []
    return Effect.gen(function* () {
      yield* createRun(evalId, untyped({ ...runParams, name: undefined, metadata: undefined, colour: undefined }))
      yield* listRunsPage(evalId, untyped({ limit: undefined, after: undefined, colour: undefined }))
      const [first, second] = yield* ScriptedHttp.requests
      assert.strictEqual(first?.body, JSON.stringify(runParams))
      assert.strictEqual(second?.path, "/v1/evals/eval_1/runs")
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(client([{ body: WireBuilder.run() }, { body: WireBuilder.page([]) }])), (effect) =>
      withLog(effect, log)
    )
  })

  it.effect("a null is sent where the API has one", () =>
    Effect.gen(function* () {
      yield* updateEval(evalId, { metadata: null })
      assert.deepStrictEqual(yield* sent, [{ metadata: null }])
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }])))
  )
})

describe("queries and headers", () => {
  it.effect("parameters are encoded, absent ones left out", () =>
    Effect.gen(function* () {
      yield* listOutputItemsPage(evalId, runId, { limit: 100, order: "desc", status: "fail" })
      yield* listFilesPage({ purpose: "a b&c=ü+" })
      yield* listRunsPage(evalId, { after: untyped<RunId>("run/1?x") })
      yield* listEvalsPage()
      assert.deepStrictEqual(
        (yield* ScriptedHttp.requests).map((request) => request.path),
        [
          "/v1/evals/eval_1/runs/evalrun_1/output_items?limit=100&order=desc&status=fail",
          "/v1/files?purpose=a%20b%26c%3D%C3%BC%2B",
          "/v1/evals/eval_1/runs?after=run%2F1%3Fx",
          "/v1/evals"
        ]
      )
    }).pipe(Effect.provide(client([{ body: WireBuilder.page([]) }])))
  )

  it.effect("a call's headers go before the client's, also where they differ in case", () =>
    Effect.gen(function* () {
      yield* updateEval(
        evalId,
        { name: "x" },
        { headers: { "X-Team": "mine", Authorization: Redacted.make("Bearer other"), "x-extra": "1" } }
      )
      yield* updateEval(evalId, { name: "x" })
      const [first, second] = (yield* ScriptedHttp.requests).map((request) => request.headers)
      assert.include(first, { "x-team": "mine", authorization: "Bearer other", "x-extra": "1", "x-kept": "yes" })
      assert.include(second, { "x-team": "ours", authorization: "Bearer key-of-the-client" })
      assert.notProperty(second, "x-extra")
    }).pipe(
      Effect.provide(
        client([{ body: WireBuilder.evaluation() }], {
          apiKey: Redacted.make("key-of-the-client"),
          headers: { "x-team": "ours", "X-Kept": "yes" }
        })
      )
    )
  )

  it.effect("JSON is sent and asked for; an upload is a form with its fields and its file", () =>
    Effect.gen(function* () {
      yield* updateEval(evalId, { name: "x" })
      yield* elapse(
        uploadFile({
          file: Upload.fromRows(Stream.make({ item: { label: "Hardware" } }), { filename: 'rows "1".jsonl' }),
          purpose: "evals",
          expires_after: { anchor: "created_at", seconds: 3600 }
        })
      )
      const [json, form] = yield* ScriptedHttp.requests
      assert.include(json?.headers, { "content-type": "application/json", accept: "application/json" })
      assert.match(form?.headers["content-type"] ?? "", /^multipart\/form-data; boundary=effect-evals-[0-9a-f]{32}$/)
      for (const part of [
        'name="purpose"\r\n\r\nevals\r\n',
        'name="expires_after[anchor]"\r\n\r\ncreated_at\r\n',
        'name="expires_after[seconds]"\r\n\r\n3600\r\n',
        'filename="rows %221%22.jsonl"\r\ncontent-type: application/jsonl\r\n\r\n{"item":{"label":"Hardware"}}\n\r\n--'
      ]) {
        assert.include(form?.body ?? "", part)
      }
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }, { body: WireBuilder.file() }])))
  )
})

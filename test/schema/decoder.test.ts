import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Result, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  deleteEval,
  deleteFile,
  deleteRun,
  Eval,
  EvalId,
  EvalsClient,
  EvalsError,
  FileId,
  listEvals,
  listFiles,
  listOutputItems,
  listRuns,
  OutputItem,
  OutputItemId,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  Retry,
  Run,
  RunId,
  runGrader,
  updateEval,
  Upload,
  uploadFile,
  validateGrader
} from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { decoder } from "../../src/internal/codec.ts"
import { responseSchemas, type WireSchema } from "./catalog.ts"
import { mixed } from "./json.ts"

const evalId = EvalId.make("eval_1")
const runId = RunId.make("evalrun_1")
const fileId = FileId.make("file-1")
const grader = {
  type: "string_check",
  name: "same",
  input: "{{ sample.output_text }}",
  reference: "a",
  operation: "eq"
} as const
const rows = { type: "jsonl", source: { type: "file_id", id: fileId } } as const

/** Each operation that reads JSON, by the schema of its answer. */
const operations: Readonly<
  Record<string, Readonly<Record<string, Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>>>>
> = {
  "Eval.Eval": {
    createEval: createEval({ data_source_config: { type: "logs" }, testing_criteria: [grader] }),
    retrieveEval: retrieveEval(evalId),
    updateEval: updateEval(evalId, { name: "a" })
  },
  "Eval.Deleted": { deleteEval: deleteEval(evalId) },
  "Run.Run": {
    createRun: createRun(evalId, { data_source: rows }),
    retrieveRun: retrieveRun(evalId, runId),
    cancelRun: cancelRun(evalId, runId)
  },
  "Run.Deleted": { deleteRun: deleteRun(evalId, runId) },
  "OutputItem.OutputItem": { retrieveOutputItem: retrieveOutputItem(evalId, runId, OutputItemId.make("outputitem_1")) },
  "EvalsFile.EvalsFile": {
    retrieveFile: retrieveFile(fileId),
    uploadFile: uploadFile({ file: Upload.fromRows([{ item: {} }]), purpose: "evals" })
  },
  "EvalsFile.Deleted": { deleteFile: deleteFile(fileId) },
  "Grader.RunResponse": { runGrader: runGrader({ grader, model_sample: "a" }) },
  "Grader.ValidateResponse": { validateGrader: validateGrader({ grader }) },
  "Page(Eval)": { listEvals: Stream.runCollect(Stream.take(listEvals(), 3)) },
  "Page(Run)": { listRuns: Stream.runCollect(Stream.take(listRuns(evalId), 3)) },
  "Page(OutputItem)": { listOutputItems: Stream.runCollect(Stream.take(listOutputItems(evalId, runId), 3)) },
  "Page(EvalsFile)": { listFiles: Stream.runCollect(Stream.take(listFiles(), 3)) }
}

const answered = (body: string) => (self: Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>) =>
  self.pipe(
    Retry.withPolicy(Retry.none),
    Effect.provide(Layer.orDie(EvalsClient.layer({ baseUrl: "http://host/v1" }))),
    Effect.provide(ScriptedHttp.layer([{ body }])),
    Effect.exit
  )

// a page whose last id cannot be written in a query has no next page to ask for
const isOurs = (error: unknown): boolean =>
  error instanceof EvalsError.EvalsError &&
  (error.reason._tag === "DecodeError" ||
    (error.reason._tag === "EncodeError" && error.reason.issues.every((issue) => issue.path === "after")))

describe("a response with arbitrary content", () => {
  for (const { check, name, schema } of responseSchemas) {
    it.prop(
      `${name}: is returned as JSON.parse made it, or is refused with a path`,
      mixed(schema),
      (values) => {
        const decode = decoder(schema)
        for (const value of Object.values(values)) {
          const decoded = decode(JSON.stringify(value))
          if (Result.isSuccess(decoded)) {
            assert.isTrue(Schema.is(schema)(value))
            // the text is the same to the order of its keys
            assert.strictEqual(JSON.stringify(decoded.success), JSON.stringify(value))
          } else {
            assert.isFalse(Schema.is(schema)(value))
            assert.isNotString(decoded.failure)
            assert.isAbove(decoded.failure.length, 0)
          }
        }
      },
      check
    )

    for (const [operation, effect] of Object.entries(operations[name] ?? {})) {
      it.effect.prop(
        `${operation}: ends in a value or a DecodeError`,
        mixed(schema),
        (values) =>
          Effect.gen(function* () {
            for (const value of Object.values(values)) {
              const exit = yield* answered(JSON.stringify(value))(effect)
              const failed = Exit.isFailure(exit) ? exit.cause.reasons : []
              assert.isTrue(
                failed.every((reason) => reason._tag === "Fail" && isOurs(reason.error)),
                `${JSON.stringify(value)}: ${String(failed[0])}`
              )
            }
          }),
        { arbitrary: { runs: 20 } }
      )
    }
  }

  it("has a schema for each operation", () => {
    const read = responseSchemas.map(({ name }) => name).filter((name) => name !== "WebhookEvent.WebhookEvent")
    assert.deepStrictEqual(Object.keys(operations).toSorted(), read.toSorted())
  })

  it.effect("is refused with a readable message if it is not JSON", () =>
    Effect.gen(function* () {
      for (const body of ["", "<html>", '{"id":', "undefined", "{'id':1}", "\u0000", "[1,]"]) {
        const exit = yield* answered(body)(retrieveRun(evalId, runId))
        const failed = Exit.isFailure(exit) ? exit.cause.reasons : []
        assert.strictEqual(failed.length, 1, body)
        assert.isTrue(
          failed.every((reason) => reason._tag === "Fail" && isOurs(reason.error)),
          body
        )
      }
    })
  )

  it("is accepted at any depth in free JSON, and refused where the schema looks deeper", () => {
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`
    const text = (fields: object) => JSON.stringify(fields).replace('"DEEP"', deep)
    const nested = (schema: WireSchema, fields: object) => decoder(schema)(text(fields))
    const unread = nested(Schema.make<WireSchema>(OutputItem.OutputItem.ast), {
      ...WireBuilder.outputItem(),
      datasource_item: { a: "DEEP" },
      later: "DEEP"
    })
    assert.isTrue(Result.isSuccess(unread))
    for (const field of Object.keys(WireBuilder.run())) {
      const refused = nested(Schema.make<WireSchema>(Run.Run.ast), { ...WireBuilder.run(), [field]: "DEEP" })
      assert.isTrue(Result.isFailure(refused), field)
    }
  })
})

describe("responses that a schema does not exclude", () => {
  it.effect("a page whose last id fits in no query ends the list with an error, not with a defect", () =>
    Effect.gen(function* () {
      const page = WireBuilder.page([WireBuilder.run({ id: RunId.make("\ud800") })], true)
      const error = yield* Stream.runCollect(listRuns(evalId)).pipe(
        Effect.provide(Layer.orDie(EvalsClient.layer({ baseUrl: "http://host/v1" }))),
        Effect.provide(ScriptedHttp.layer([{ body: page }])),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.include(error.message, "after")
    })
  )

  it.effect("a run that is nested deeper than the call stack can be awaited", () =>
    Effect.gen(function* () {
      const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
      const answer = (status: Run.RunStatus) => ({
        body: JSON.stringify({ ...WireBuilder.run({ status }), later: "DEEP" }).replace('"DEEP"', deep)
      })
      const waiting = yield* awaitRun(evalId, runId).pipe(
        Effect.provide(Layer.orDie(EvalsClient.layer({ baseUrl: "http://host/v1" }))),
        Effect.provide(ScriptedHttp.layer([answer("queued"), answer("queued"), answer("completed")])),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(waiting)).status, "completed")
    })
  )
})

describe("numbers and keys of a response", () => {
  const read = (schema: WireSchema, text: string) => Result.getOrThrow(decoder(schema)(text))
  const counts = Schema.make<WireSchema>(Run.ResultCounts.ast)
  const result = Schema.make<WireSchema>(OutputItem.Result.ast)

  it("1.0 and 1e2 are integers", () => {
    assert.deepStrictEqual(read(counts, '{"total":1.0,"errored":1e2,"failed":-0,"passed":0}'), {
      total: 1,
      errored: 100,
      failed: -0,
      passed: 0
    })
  })

  it("a fraction is refused as a count, and so is a number beyond the range of a double", () => {
    const decode = decoder(counts)
    assert.isTrue(Result.isFailure(decode('{"total":1.5,"errored":0,"failed":0,"passed":0}')))
    assert.isTrue(Result.isFailure(decode('{"total":1e999,"errored":0,"failed":0,"passed":0}')))
    assert.isTrue(Result.isFailure(decoder(result)('{"name":"a","score":1e999,"passed":true}')))
  })

  it("more digits than a double holds are rounded, as by JSON.parse", () => {
    const text = '{"name":"a","score":0.1234567890123456789,"passed":true,"extra":12345678901234567890}'
    assert.deepStrictEqual(read(result, text), JSON.parse(text))
  })

  it("the last of two equal keys is kept", () => {
    assert.deepStrictEqual(read(result, '{"name":1,"name":"a","score":0,"score":1,"passed":true}'), {
      name: "a",
      score: 1,
      passed: true
    })
  })

  it("keys that look like indices come first, as in JSON.parse", () => {
    const text = '{"name":"a","score":1,"passed":true,"10":0,"2":0}'
    assert.strictEqual(JSON.stringify(read(result, text)), '{"2":0,"10":0,"name":"a","score":1,"passed":true}')
  })

  it("__proto__ and constructor are ordinary keys", () => {
    const text =
      '{"object":"eval.deleted","__proto__":{"deleted":true,"polluted":1},"constructor":1,"deleted":true,"eval_id":"e"}'
    const value = read(Schema.make<WireSchema>(Eval.Deleted.ast), text)
    assert.strictEqual(JSON.stringify(value), text)
    assert.isFalse("polluted" in {})
    // a field that only the false prototype has is missing
    const hidden = '{"object":"eval.deleted","__proto__":{"deleted":true}}'
    assert.isTrue(Result.isFailure(decoder(Eval.Deleted)(hidden)))
  })

  it("lone surrogates and the empty key are kept", () => {
    const text = String.raw`{"name":"\ud800","score":1,"passed":true,"":{"":[]}}`
    assert.deepStrictEqual(read(result, text), JSON.parse(text))
  })
})

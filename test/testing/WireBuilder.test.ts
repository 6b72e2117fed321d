import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Eval, EvalId, EvalsFile, OutputItem, Page, Run, RunId, retrieveEval } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { client, evalId, failure } from "../support.ts"

describe("a built value", () => {
  it.effect("decodes with its schema, and encodes again unchanged", () =>
    Effect.gen(function* () {
      const check = Effect.fnUntraced(function* <A, I>(schema: Schema.Codec<A, I>, value: A) {
        const wire: unknown = JSON.parse(JSON.stringify(value))
        const decoded = yield* Schema.decodeUnknownEffect(schema)(wire)
        assert.deepStrictEqual(decoded, value)
        assert.deepStrictEqual(yield* Schema.encodeEffect(schema)(decoded), wire)
      })
      yield* check(Eval.Eval, WireBuilder.evaluation())
      yield* check(Run.Run, WireBuilder.run())
      yield* check(Run.Run, WireBuilder.run({ status: "failed", error: { code: "c", message: "m" } }))
      yield* check(OutputItem.OutputItem, WireBuilder.outputItem())
      yield* check(EvalsFile.EvalsFile, WireBuilder.file())
      yield* check(Page(Run.Run), WireBuilder.page([WireBuilder.run()], true))
      yield* check(Page(Run.Run), WireBuilder.page<Run.Run>([]))
    })
  )

  it("has the given fields in place of the defaults", () => {
    const run = WireBuilder.run({ id: RunId.make("evalrun_9"), status: "completed", name: null })
    assert.deepStrictEqual(run, { ...WireBuilder.run(), id: RunId.make("evalrun_9"), status: "completed", name: null })
  })

  it("of a page has the first and the last id", () => {
    const page = WireBuilder.page(["eval_1", "eval_2"].map((id) => WireBuilder.evaluation({ id: EvalId.make(id) })))
    assert.strictEqual(page.first_id, "eval_1")
    assert.strictEqual(page.last_id, "eval_2")
    assert.isFalse(page.has_more)
    assert.deepStrictEqual(WireBuilder.page([]), { data: [], first_id: null, last_id: null, has_more: false })
  })

  it.effect("of an error body is decoded as an error of the host", () =>
    Effect.gen(function* () {
      const { reason } = yield* failure(retrieveEval(evalId))
      assert.strictEqual(reason._tag, "BadRequestError")
      assert.deepInclude({ ...reason }, { code: "c", param: "p", type: "invalid_request_error" })
    }).pipe(
      Effect.provide(client([{ status: 400, body: WireBuilder.error({ message: "no", code: "c", param: "p" }) }]))
    )
  )
})

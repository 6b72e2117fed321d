import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { embedTogether } from "../../../src/engine/models/embedTogether.ts"
import { BadRequest, ModelError } from "../../../src/engine/models/ModelError.ts"
import type { EmbedCall, Embeddings } from "../../../src/engine/models/Models.ts"

const embedded = ({ inputs }: EmbedCall): Embeddings => ({
  model: "e-1",
  vectors: inputs.map((text) => [text.length, 1]),
  prompt_tokens: inputs.join("").length
})

const refused = new ModelError({
  model: "e",
  endpoint: "https://models.test/v1",
  reason: new BadRequest({ message: "too long" })
})

const call = (inputs: ReadonlyArray<string>, group = "run"): EmbedCall => ({ model: "e", inputs, group })

describe("embedding calls of the same moment", () => {
  it.effect("go in one request, and each has its own vectors and its share of the tokens", () =>
    Effect.gen(function* () {
      const asked: Array<EmbedCall> = []
      const embed = yield* embedTogether((one) =>
        Effect.sync(() => {
          asked.push(one)
          return embedded(one)
        })
      )
      const parts = yield* Effect.forEach(
        [call(["a", "bb"]), call(["ccc"]), call(["a"], "other run")],
        (one) => embed(one),
        { concurrency: 3 }
      )
      assert.deepStrictEqual(
        asked.map(({ group, inputs }) => [group, ...inputs]),
        [
          ["run", "a", "bb", "ccc"],
          ["other run", "a"]
        ]
      )
      assert.deepStrictEqual(parts, [
        {
          model: "e-1",
          vectors: [
            [1, 1],
            [2, 1]
          ],
          prompt_tokens: 3
        },
        { model: "e-1", vectors: [[3, 1]], prompt_tokens: 3 },
        { model: "e-1", vectors: [[1, 1]], prompt_tokens: 1 }
      ])
    })
  )

  it.effect("are asked one by one where a text of one of them is refused", () =>
    Effect.gen(function* () {
      const embed = yield* embedTogether((one) =>
        one.inputs.includes("bad") ? Effect.fail(refused) : Effect.succeed(embedded(one))
      )
      const results = yield* Effect.forEach(
        [["good"], ["bad"], ["fine"]],
        (inputs) => Effect.result(embed(call(inputs))),
        {
          concurrency: 3
        }
      )
      assert.deepStrictEqual(
        results.map(({ _tag }) => _tag),
        ["Success", "Failure", "Success"]
      )
    })
  )

  it.effect("are interrupted when nobody waits any more", () =>
    Effect.gen(function* () {
      let interrupted = 0
      let asked = 0
      const embed = yield* embedTogether(() =>
        Effect.suspend(() => {
          asked++
          return Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
        })
      )
      const first = yield* Effect.forkChild(embed(call(["a"])), { startImmediately: true })
      const second = yield* Effect.forkChild(embed(call(["b"])), { startImmediately: true })
      for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      assert.strictEqual(interrupted, 0)
      yield* Fiber.interrupt(second)
      assert.strictEqual(interrupted, 1)
      // before its request was sent
      yield* Fiber.interrupt(yield* Effect.forkChild(embed(call(["c"])), { startImmediately: true }))
      yield* Effect.forkChild(embed(call(["d"])), { startImmediately: true })
      for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
      assert.strictEqual(asked, 2)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Received } from "../../lib/modelServer.ts"
import { driven } from "../../lib/driven.ts"
import { reasonOf, setting } from "./lib/asking.ts"

const inputsOf = ({ body }: Received): ReadonlyArray<string> => (Array.isArray(body["input"]) ? body["input"] : [])

/** Vectors that begin with the length of their text, in another order than that of the texts. */
const embedding = (request: Received) => ({
  object: "list",
  model: "text-embedding-3-large",
  data: inputsOf(request)
    .map((input, index) => ({ object: "embedding", index, embedding: [input.length, 0.5] }))
    .toReversed(),
  usage: { prompt_tokens: inputsOf(request).length, total_tokens: inputsOf(request).length }
})

const call = (inputs: ReadonlyArray<string>) => ({ model: "embed", inputs, group: "evalrun_1" })

describe("embeddings", () => {
  it.live("are in the order of the texts, and equal texts are sent once", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting((request) => ({ body: embedding(request) }), {
        model: "text-3",
        parameters: { rename: { encoding_format: "format" }, drop: ["user"], set: { service_tier: "flex" } }
      })
      const { model, prompt_tokens, vectors } = yield* models.embed(call(["a", "bbb", "a", "cc"]))
      assert.deepStrictEqual(vectors, [
        [1, 0.5],
        [3, 0.5],
        [1, 0.5],
        [2, 0.5]
      ])
      assert.strictEqual(model, "text-embedding-3-large")
      assert.strictEqual(prompt_tokens, 3)
      assert.deepStrictEqual(server.requests[0]?.body, {
        model: "text-3",
        input: ["a", "bbb", "cc"],
        format: "float"
      })
      assert.deepStrictEqual(server.paths(), ["/embeddings"])
    })
  )

  it.live("of many or long texts take several requests", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting((request) => ({ body: embedding(request) }))
      const texts = Array.from({ length: 300 }, (_, index) => "x".repeat(index + 1))
      const { vectors } = yield* models.embed(call([...texts, "y".repeat(300_000)]))
      assert.deepStrictEqual(
        vectors.map(([length]) => length),
        [...texts.map((text) => text.length), 300_000]
      )
      assert.strictEqual(server.requests.length, 4)
      assert.deepStrictEqual((yield* models.embed(call([]))).vectors, [])
    })
  )

  it.live("that are incomplete or no numbers are no answer", () =>
    Effect.gen(function* () {
      for (const data of [[], [{ embedding: ["1"] }], [{ embedding: [] }], [{ index: 7, embedding: [1] }], "x"]) {
        const { models } = yield* setting(() => ({ body: { data } }))
        assert.strictEqual((yield* reasonOf(models.embed(call(["a"]))))._tag, "Unreadable")
      }
    })
  )

  it.effect("are asked for again after 429, and not after 400", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting((request) =>
        request.index === 0
          ? { status: 429 }
          : inputsOf(request)[0] === ""
            ? { status: 400 }
            : { body: embedding(request) }
      )
      assert.deepStrictEqual((yield* driven(models.embed(call(["ab"])))).vectors, [[2, 0.5]])
      assert.strictEqual((yield* driven(reasonOf(models.embed(call([""])))))._tag, "BadRequest")
      assert.strictEqual(server.requests.length, 3)
    })
  )
})

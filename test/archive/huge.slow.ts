import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalId, EvalsClient, Raw, RunId } from "effect-evals"
import { HttpClient, HttpServerResponse } from "effect/http"

// more than a string can hold: a hundred objects of 5 MB make such a page
const size = 520_000_000

const host = Layer.sync(HttpClient.HttpClient, () => {
  const body = new Uint8Array(size).fill(0x20)
  body.set(new TextEncoder().encode('{"data":[],"has_more":false'))
  body[size - 1] = 0x7d
  return HttpClient.make((request) =>
    Effect.succeed(HttpServerResponse.toClientResponse(HttpServerResponse.uint8Array(body), { request }))
  )
})

it.effect("a page that is too long for a string is an error that advises a smaller page", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Raw.listOutputItemsPage(EvalId.make("eval_1"), RunId.make("evalrun_1")))
    assert.strictEqual(error.reason._tag, "DecodeError")
    assert.include(error.message, "too large to be read at once (520 MB); ask for a smaller page")
  }).pipe(Effect.provide(EvalsClient.layer({}).pipe(Layer.provide(host))))
)

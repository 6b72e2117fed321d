/** 1,000 requests without a socket, most of them wrong: none is answered 500. More of them over one: fuzz.slow.ts. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { bombard, type Found, makeIds, type Sender } from "./lib/judging.ts"
import { requests } from "./lib/mutations.ts"

const count = 1000

it.live("an application without a socket answers requests of all kinds, never with 500", () =>
  Effect.gen(function* () {
    const fetch = yield* EvalsEngine.makeFetch
    const send: Sender = async ({ body, headers, method, path }) => {
      const bodyless = method === "GET" || method === "HEAD" || body === undefined
      const answer = await fetch(`http://localhost${path}`, {
        method,
        headers,
        ...(bodyless ? {} : { body: new Uint8Array(body) })
      })
      return {
        status: answer.status,
        type: answer.headers.get("content-type") ?? "",
        text: await answer.text()
      }
    }
    const found: Found = { faults: [], classes: new Map(), byRoute: new Map() }
    yield* Effect.promise(async () => {
      await bombard(send, requests("in process", await makeIds(send)), count, 8, found)
      assert.strictEqual((await fetch("http://localhost/v1/evals")).status, 200)
    })
    assert.deepStrictEqual(found.faults.slice(0, 20), [])
    assert.isAbove(found.classes.get(2) ?? 0, count / 5)
    assert.isAbove(found.classes.get(4) ?? 0, count / 3)
  }).pipe(Effect.provide(Layer.provideMerge(EvalsEngine.layerMemory, Logger.layer([]))))
)

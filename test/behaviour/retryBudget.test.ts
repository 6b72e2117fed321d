/** The ceilings of a run that is retried. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { createEval, createRun, type EvalsClient, retrieveRun, type Run } from "effect-evals"
import { EvalsEngine, Models } from "effect-evals/engine"
import { completion, serve } from "../lib/modelServer.ts"
import { at, definition, send } from "./lib/engine.ts"

const sampled: Run.CreateParams = {
  data_source: {
    type: "completions",
    model: "m",
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.n }}" }] },
    source: { type: "file_content", content: Array.from({ length: 25 }, (_, n) => ({ item: { n, label: "yes" } })) }
  }
}

/** An engine whose runs send 10 requests at most. */
const withEngine =
  (baseUrl: string) =>
  <A, E>(program: Effect.Effect<A, E, EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>) =>
    Effect.provide(
      program,
      EvalsEngine.layerClient().pipe(
        Layer.provideMerge(EvalsEngine.layerSqlite({ filename: ":memory:", maxRequests: 10 })),
        Layer.provide(Models.layer([{ match: "*", baseUrl, api: "chat" }])),
        Layer.provide(FetchHttpClient.layer)
      )
    )

describe("the ceiling of a run", () => {
  it.live("is a new one for each retry, and the request of a retry can replace that of the run", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => ({ body: completion("yes") }))
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const { id: runId } = yield* createRun(id, sampled)
        const ended = Effect.sleep(20).pipe(
          Effect.andThen(retrieveRun(id, runId)),
          Effect.repeat({ until: ({ status }) => status === "completed" || status === "canceled" })
        )
        assert.strictEqual((yield* ended).result_counts.passed, 10)
        const retried = (headers: Readonly<Record<string, string>> = {}) =>
          Effect.gen(function* () {
            const { json, status } = yield* send("POST", `/evals/${id}/runs/${runId}/retry`, undefined, headers)
            assert.deepStrictEqual([status, at(json, "evals_stopped")], [200, undefined])
            return yield* ended
          })
        const second = yield* retried()
        assert.strictEqual(second.status, "canceled")
        assert.strictEqual(second.result_counts.passed, 20)
        const third = yield* retried({ "evals-max-requests": "2" })
        assert.deepStrictEqual([third.status, third.result_counts.passed], ["canceled", 22])
        assert.deepInclude(at(third, "evals_stopped"), { message: "the limit of 2 requests is reached" })
        const fourth = yield* retried()
        assert.deepStrictEqual([fourth.status, fourth.result_counts.passed], ["canceled", 24])
        const last = yield* retried({ "evals-max-requests": "5" })
        assert.deepStrictEqual([last.status, last.result_counts.passed], ["completed", 25])
        assert.deepInclude(at(last, "evals_usage"), { requests: 25 })
        assert.isUndefined(at(last, "evals_stopped"))
      }).pipe(withEngine(server.baseUrl))
    }).pipe(Effect.scoped)
  )
})

/** The whole trace of a run, as an application's tracer gets it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream, type Tracer } from "effect"
import { FetchHttpClient } from "effect/http"
import { createEval, EvalsClient, executeRun, listOutputItems, watchRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { definition, over, row } from "../behaviour/lib/engine.ts"
import { tree, withSpans } from "../support/spans.ts"

/** Creates an eval without spans, and executes a run of it with them. */
const executed = (into: Array<Tracer.NativeSpan>) =>
  Effect.gen(function* () {
    const { id } = yield* createEval(definition()).pipe(Effect.withTracerEnabled(false))
    return yield* executeRun(id, over([row(true), row(false)]))
  }).pipe((effect) => withSpans(effect, into))

const byName = (spans: ReadonlyArray<Tracer.NativeSpan>, name: string) => spans.filter((span) => span.name === name)

const inProcess = [
  "EvalsClient.executeRun [internal]",
  "  EvalsClient.createRun [client]",
  "  EvalsClient.retrieveRun [client]",
  // the request whose answer is the run's events
  "  EvalsClient.retrieveRun [client]",
  "EvalsEngine.executeRun [internal] -> EvalsClient.createRun",
  "  EvalsEngine.judgeBatch [internal]"
]

describe("the spans of executeRun", () => {
  it.live("over the engine in process: the operation with its requests, and the run with its batches", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const run = yield* executed(spans)
      assert.deepStrictEqual(tree(spans), inProcess)
      const [client] = byName(spans, "EvalsClient.executeRun")
      assert.deepStrictEqual(
        [...(client?.attributes ?? [])],
        [
          ["evalId", run.eval_id],
          ["runId", run.id]
        ]
      )
      const [engine] = byName(spans, "EvalsEngine.executeRun")
      assert.strictEqual(engine?.attributes.get("runId"), run.id)
      const [batch] = byName(spans, "EvalsEngine.judgeBatch")
      assert.strictEqual(batch?.attributes.get("lines"), 2)
    }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory))))
  })

  it.live("over an engine in a file, whose layer is built within a span of the application", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      const layer = EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename })))
      const context = yield* Layer.build(layer).pipe(Effect.withSpan("start of the application"))
      yield* executed(spans).pipe(Effect.provideContext(context))
    }).pipe(
      Effect.scoped,
      (effect) => withSpans(effect, spans),
      Effect.map(() => assert.deepStrictEqual(tree(spans), [...inProcess, "start of the application [internal]"]))
    )
  })

  it.live("over HTTP: the server has its own, and the run has a link to the one that created it", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const { url } = yield* NodeServer.start({ port: 0 })
      const client = EvalsClient.layer({ baseUrl: url, idempotentCreates: true }).pipe(
        Layer.provide(FetchHttpClient.layer)
      )
      yield* executed(spans).pipe(Effect.provide(client))
    }).pipe(
      Effect.scoped,
      Effect.provide(EvalsEngine.layerMemory),
      (effect) => withSpans(effect, spans),
      Effect.map(() => {
        const routes = byName(spans, "GET").map((span) => span.attributes.get("http.route"))
        assert.deepStrictEqual(routes, ["/v1/evals/:evalId/runs/:runId", "/v1/evals/:evalId/runs/:runId/events"])
        assert.deepStrictEqual(tree(spans), [
          "EvalsClient.executeRun [internal]",
          "  EvalsClient.createRun [client]",
          "  EvalsClient.retrieveRun [client]",
          "  EvalsClient.retrieveRun [client]",
          "EvalsEngine.executeRun [internal] -> POST",
          "  EvalsEngine.judgeBatch [internal]",
          "GET [server]",
          "GET [server]",
          "POST [server]",
          "POST [server]"
        ])
      })
    )
  })
})

it.live("watching a run and listing its items create only the spans of the operations", () => {
  const spans: Array<Tracer.NativeSpan> = []
  return Effect.gen(function* () {
    const run = yield* executed([])
    yield* Effect.gen(function* () {
      yield* watchRun(run.eval_id, run.id).pipe(
        Stream.runForEach((seen) => Effect.withSpan(Effect.void, `the application sees ${seen.status}`))
      )
      yield* Stream.runDrain(listOutputItems(run.eval_id, run.id, { limit: 1 }))
    }).pipe(Effect.withSpan("program"), (effect) => withSpans(effect, spans))
    assert.deepStrictEqual(tree(spans), [
      "program [internal]",
      "  EvalsClient.watchRun [internal]",
      "    EvalsClient.retrieveRun [client]",
      "  the application sees completed [internal]",
      "  EvalsClient.listOutputItems [client]",
      "  EvalsClient.listOutputItems [client]"
    ])
    const kept = spans.map((span) => (span.status._tag === "Ended" ? span.status.exit : undefined))
    assert.isTrue(
      kept.every((exit) => exit?._tag === "Success" && exit.value === undefined),
      "a span keeps no value of its operation"
    )
    assert.isTrue(spans.every((span) => Option.isNone(span.parent) || span.parent.value.traceId === spans[0]?.traceId))
  }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory))))
})

import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Context, Effect, Layer, Option, Stream } from "effect"
import { HttpClient } from "effect/http"
import { awaitRun, createEval, EvalId, EvalsClient, listEvals, RunId } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"

const params = {
  name: "kept",
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: []
} as const

const names = Effect.map(Stream.runCollect(listEvals()), (evals) => evals.map(({ name }) => name))

describe("EvalsEngine.layerSqlite", () => {
  it.live("stores its objects, and is the only engine of its file until it is closed", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      const open = Layer.fresh(EvalsEngine.layerSqlite({ filename }))
      const client = EvalsEngine.layerClient().pipe(Layer.provide(open))
      yield* Effect.gen(function* () {
        yield* createEval(params)
        const refused = yield* Effect.flip(Effect.scoped(Layer.build(Layer.fresh(open))))
        assert.strictEqual(refused._tag, "DatabaseError")
        assert.match(refused.message, /evals\.db: another process works on it/)
      }).pipe(Effect.provide(client))
      assert.deepStrictEqual(yield* Effect.provide(names, client), ["kept"])
    })
  )

  it.effect("refuses a file of another program, and creates no file beside it", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "missing", "evals.db")
      const refused = yield* Effect.flip(Effect.scoped(Layer.build(EvalsEngine.layerSqlite({ filename }))))
      assert.strictEqual(refused.message, `${filename}: its folder does not exist; create it first`)
    })
  )
})

describe("EvalsEngine.layerConfig", () => {
  it.effect("opens the file that the configuration names, and reports a missing variable", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "named.db")
      const engine = Layer.fresh(EvalsEngine.layerConfig({ filename: Config.String("EVALS_FILE") }))
      const from = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      yield* Effect.scoped(Layer.build(engine.pipe(Layer.provide(from({ EVALS_FILE: filename })))))
      assert.isTrue(existsSync(filename))
      const missing = yield* Effect.flip(Effect.scoped(Layer.build(engine.pipe(Layer.provide(from({}))))))
      assert.strictEqual(missing._tag, "ConfigError")
      assert.match(missing.message, /EVALS_FILE/)
    })
  )
})

describe("EvalsEngine.layerClient", () => {
  it.effect("accepts client options: a time limit and a transformed transport", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const client = EvalsEngine.layerClient({
        headers: { "x-team": "a…b" },
        transformClient: HttpClient.tapRequest((request) =>
          Effect.sync(() => seen.push(String(request.headers["x-team"])))
        )
      })
      yield* Effect.provide(names, client.pipe(Layer.provide(EvalsEngine.layerMemory)))
      assert.deepStrictEqual(seen, ["a…b"])
    })
  )

  it.effect("mentions no key in its errors", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(awaitRun(EvalId.make("eval_1"), RunId.make("evalrun_1")))
      assert.match(error.message, /^retrieveRun: 404 There is no eval "eval_1"\. \(check the id\)/)
    }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory))))
  )

  it.effect("provides no HttpClient to the application", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory)))
      assert.isTrue(Option.isSome(Context.getOption(context, EvalsClient.EvalsClient)))
      assert.isTrue(Option.isNone(Context.getOption(context, HttpClient.HttpClient)))
    })
  )
})

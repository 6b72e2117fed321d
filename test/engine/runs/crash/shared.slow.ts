import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { awaitRun, createRun, retrieveRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { join } from "node:path"
import { folder, serve } from "./lib/servers.ts"
import { itemsOf, over, prepare } from "./lib/toil.ts"

const count = 4000

describe("a file that a server works on", () => {
  it.live("refuses a second engine, and the server's run ends normally", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      const server = yield* serve(filename)
      const open = Effect.scoped(Layer.build(Layer.fresh(EvalsEngine.layerSqlite({ filename }))))
      yield* Effect.gen(function* () {
        const { evalId, fileId } = yield* prepare(count)
        const { id } = yield* createRun(evalId, over(fileId))
        yield* Effect.repeat(Effect.delay(retrieveRun(evalId, id), 10), {
          until: ({ result_counts }) => result_counts.total > 0
        })
        const refused = yield* Effect.flip(open)
        assert.match(refused.message, /another process works on it/)
        const run = yield* awaitRun(evalId, id)
        assert.strictEqual(run.result_counts.total, count)
        assert.strictEqual((yield* itemsOf(evalId, id)).length, count)
      }).pipe(Effect.provide(server.client))
      // the lock goes with its process, however that ends
      yield* server.kill
      yield* open
    })
  )
})

/** How long it takes to cancel a run that is in full swing. */
import { assert, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { cancelRun, createRun, retrieveRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { join } from "node:path"
import { laborious } from "../../../behaviour/lib/engine.ts"
import { until } from "../../../server/lib/parts.ts"
import { folder } from "./lib/servers.ts"
import { over, prepare } from "./lib/toil.ts"

const places = [
  { name: "in memory", engine: () => EvalsEngine.layerMemory },
  { name: "in a file", engine: (filename: string) => EvalsEngine.layerSqlite({ filename }) }
]

for (const { engine, name } of places) {
  it.live(`a run ${name} is canceled within a second`, () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      yield* Effect.gen(function* () {
        const { evalId, fileId } = yield* prepare(4000, laborious(3000))
        const { id } = yield* createRun(evalId, over(fileId))
        yield* until(retrieveRun(evalId, id), ({ result_counts }) => result_counts.total > 0)
        const before = yield* Clock.currentTimeMillis
        assert.strictEqual((yield* cancelRun(evalId, id)).status, "canceled")
        assert.isBelow((yield* Clock.currentTimeMillis) - before, 1000)
      }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(engine(filename)))))
    })
  )
}

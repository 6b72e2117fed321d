import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createRun, awaitRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { folder, noExecutions } from "./lib/servers.ts"
import { over, prepare } from "./lib/toil.ts"

const program = join(import.meta.dirname, "lib/finished-process.ts")

describe("runs that have ended", () => {
  it.live("are not kept in memory: 300 of 20 KB each", () =>
    Effect.gen(function* () {
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, [
          "--expose-gc",
          "--conditions=effect-evals-source",
          program,
          "150",
          "300"
        ])
      )
      const [before = 0, after = Infinity]: ReadonlyArray<number> = JSON.parse(stdout)
      // what the engine's own code takes while it is compiled, but not the half of what any run would keep
      assert.isBelow(after - before, 2_000_000)
    })
  )

  it.live("leave no execution in the file", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      yield* Effect.gen(function* () {
        const { evalId, fileId } = yield* prepare(10)
        yield* Effect.forEach(
          Array.from({ length: 100 }),
          () => Effect.flatMap(createRun(evalId, over(fileId)), ({ id }) => awaitRun(evalId, id)),
          { concurrency: 10, discard: true }
        )
        yield* noExecutions(filename)
      }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename })))))
    })
  )
})

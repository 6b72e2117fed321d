import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DatabaseSync } from "node:sqlite"
import { Changes, layerShared, lookMillis } from "../../../src/engine/runs/Changes.ts"
import * as Sqlite from "../../../src/store/Sqlite.ts"
import { folder } from "../../archive/lib/run.ts"

const tick = TestClock.adjust(lookMillis)

describe("the watchers of a file that other processes change too", () => {
  it.effect("are notified when another process has written, and only then", () =>
    Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { notify, subscribe } = yield* Changes
        yield* sql`CREATE TABLE something (n INTEGER)`
        const watchers = yield* Effect.forEach(Array.from({ length: 100 }), (_, index) => subscribe(`run_${index}`))
        /** Who was told since it was asked last. */
        const told = Effect.map(Effect.forEach(watchers, Queue.clear), (each) =>
          each.flatMap((changes, index) => changes.map(() => index))
        )
        yield* tick
        yield* told
        yield* tick
        assert.deepStrictEqual(yield* told, [])
        // this process tells by itself
        yield* sql`INSERT INTO something VALUES (1)`
        yield* tick
        assert.deepStrictEqual(yield* told, [])
        yield* notify("run_7")
        assert.deepStrictEqual(yield* told, [7])
        const other = new DatabaseSync(filename)
        other.exec("INSERT INTO something VALUES (2)")
        other.close()
        yield* tick
        assert.strictEqual((yield* told).length, 100)
        yield* tick
        assert.deepStrictEqual(yield* told, [])
      }).pipe(Effect.provide(layerShared), Effect.provide(Sqlite.layer({ filename }, 0)))
    }).pipe(Effect.scoped)
  )
})

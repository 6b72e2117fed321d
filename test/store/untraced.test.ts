import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream, type Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "effect-evals/archive"
import * as Sqlite from "../../src/store/Sqlite.ts"
import { tree, withSpans } from "../support/spans.ts"

const memory = Sqlite.layer({ filename: ":memory:" }, 1)

describe("statements of the store", () => {
  it.effect("make no spans, in any form of execution", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT)`
      yield* sql.unsafe("INSERT INTO t (word) VALUES (?)", ["one"])
      yield* sql`INSERT INTO t ${sql.insert({ word: "two" })}`.raw
      const where = sql`word = ${"two"}`
      assert.deepStrictEqual(yield* sql`SELECT word FROM t WHERE ${where}`, [{ word: "two" }])
      assert.deepStrictEqual(yield* sql`SELECT word FROM t ORDER BY id`.values, [["one"], ["two"]])
      assert.deepStrictEqual(yield* sql`SELECT word FROM t ORDER BY id`.valuesUnprepared, [["one"], ["two"]])
      assert.deepStrictEqual(yield* sql`SELECT word FROM t WHERE id = 1`.unprepared, [{ word: "one" }])
      assert.deepStrictEqual(yield* sql`SELECT word FROM t WHERE id = 1`.withoutTransform, [{ word: "one" }])
      assert.deepStrictEqual(yield* Stream.runCollect(sql`SELECT word FROM t WHERE id = 1`.stream), [{ word: "one" }])
      assert.deepStrictEqual(yield* sql.safe`SELECT word FROM ${sql("t")} WHERE id = 1`, [{ word: "one" }])
      assert.deepStrictEqual(spans, [])
    }).pipe(Effect.provide(memory), (effect) => withSpans(effect, spans))
  })

  it.effect("keep the spans of effects inside a transaction", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const inner = sql`SELECT 1`.pipe(Effect.withSpan("inner"))
      yield* sql.withTransaction(sql.withTransaction(inner)).pipe(Effect.withSpan("outer"))
      assert.deepStrictEqual(tree(spans), ["outer [internal]", "  inner [internal]"])
    }).pipe(Effect.provide(memory), (effect) => withSpans(effect, spans))
  })

  it.effect("make no spans during migrations", () => {
    const spans: Array<Tracer.NativeSpan> = []
    return Layer.build(Database.layer({ filename: ":memory:" })).pipe(
      Effect.scoped,
      (effect) => withSpans(effect, spans),
      Effect.map(() => assert.deepStrictEqual(spans, []))
    )
  })
})

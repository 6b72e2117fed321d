/** What is large is taken away little by little, and what an earlier process has left of it by the next one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Sweeper from "../../src/engine/operations/Sweeper.ts"
import { migrate, newest } from "../../src/store/migrations.ts"
import * as Projects from "../../src/store/Projects.ts"
import * as Removals from "../../src/store/Removals.ts"
import * as Sqlite from "../../src/store/Sqlite.ts"

const memory = Layer.provideMerge(Layer.effectDiscard(migrate), Sqlite.layer({ filename: ":memory:" }, newest))

const count = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly n: number }>`SELECT count(*) AS n FROM ${sql(table)}`
    return rows[0]?.n ?? -1
  })

const counts = Effect.all([
  count("runs"),
  count("output_items"),
  count("run_batches"),
  count("files"),
  count("file_pieces"),
  count("removals")
])

/** A run with so many items, and the file of its rows in so many pieces. */
const stored = (runId: string, items: number, pieces: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const project = yield* Projects.findOrCreate("default", 1)
    const file = `file-${runId}`
    const object = { project, created_at: 1, origin: "engine", body: "{}", sha256: "" }
    yield* sql`INSERT INTO runs ${sql.insert({ ...object, id: runId, eval_id: "eval_1", status: "completed", rows_file: file })}`
    yield* sql.unsafe(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${items - 1})
       INSERT INTO output_items (project, eval_id, run_id, datasource_item_id, status, id, created_at, origin, body, sha256)
       SELECT ${project}, 'eval_1', '${runId}', i, 'pass', '${runId}/' || i, 1, 'engine', '{}', '' FROM n`
    )
    yield* sql`INSERT INTO run_batches ${sql.insert({
      project,
      run_id: runId,
      first: 0,
      items,
      passed: items,
      failed: 0,
      errored: 0,
      criteria: "[]",
      next_byte: 0,
      next_line: 1
    })}`
    yield* sql`INSERT INTO files ${sql.insert({ ...object, id: file, filename: "rows.jsonl", purpose: "evals", origin: "rows" })}`
    for (let piece = 0; piece < pieces; piece++) {
      yield* sql`INSERT INTO file_pieces ${sql.insert({ project, file_id: file, piece, content: new Uint8Array(10) })}`
    }
    return { project, file }
  })

/** Lets other fibers go on until something holds; no time passes. The test's time limit bounds it. */
const until = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (found: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.repeat(Effect.andThen(Effect.yieldNow, look), { until: holds })

describe("a deleted object", () => {
  it.effect("disappears from its list at once, and is deleted in steps that do not block other fibers", () =>
    Effect.gen(function* () {
      const { file, project } = yield* stored("big", 2500, 3)
      yield* stored("other", 10, 1)
      const removals = yield* Removals.removeRun(project, "big", file)
      assert.deepStrictEqual(removals, [
        { project, kind: "runs", id: "big" },
        { project, kind: "files", id: file }
      ])
      assert.deepStrictEqual(yield* counts, [1, 2510, 2, 1, 4, 2])
      assert.deepStrictEqual(yield* Removals.pending, [...removals].toReversed())
      const sweeping = yield* Effect.forkChild(Effect.forEach(removals, Removals.sweep, { discard: true }))
      const seen = new Set<number>()
      yield* until(
        Effect.tap(count("output_items"), (items) => Effect.sync(() => seen.add(items))),
        () => sweeping.pollUnsafe() !== undefined
      )
      yield* Fiber.join(sweeping)
      assert.deepStrictEqual(
        [...seen].filter((items) => items > 10 && items < 2510),
        [1510, 510]
      )
      assert.deepStrictEqual(yield* counts, [1, 10, 1, 1, 1, 0])
    }).pipe(Effect.provide(memory))
  )

  it.effect("that an earlier process left is deleted when the next one starts", () =>
    Effect.gen(function* () {
      const { file, project } = yield* stored("big", 2500, 3)
      yield* stored("other", 10, 1)
      yield* Removals.removeRun(project, "big", file)
      // an upload that was never finished
      const sql = yield* SqlClient.SqlClient
      yield* Removals.beginFile(project, "file-partial")
      yield* sql`INSERT INTO file_pieces ${sql.insert({ project, file_id: "file-partial", piece: 0, content: new Uint8Array(10) })}`
      // the process ended in the middle of it
      yield* sql`DELETE FROM output_items WHERE run_id = 'big' AND datasource_item_id < 1000`
      yield* sql`DELETE FROM file_pieces WHERE file_id = ${file} AND piece = 2`
      yield* Layer.build(Sweeper.layer)
      const left = yield* until(counts, (each) => each[5] === 0)
      assert.deepStrictEqual(left, [1, 10, 1, 1, 1, 0])
    }).pipe(Effect.scoped, Effect.provide(memory))
  )

  it.effect("that is deleted twice is deleted once", () =>
    Effect.gen(function* () {
      const { file, project } = yield* stored("big", 100, 1)
      const first = yield* Removals.removeRun(project, "big", file)
      const second = yield* Removals.removeRun(project, "big", file)
      assert.deepStrictEqual(second, first)
      assert.deepStrictEqual(yield* count("removals"), 2)
      const sweeper = yield* Sweeper.Sweeper
      yield* sweeper.sweep([...first, ...second])
      assert.deepStrictEqual(yield* until(counts, (each) => each[5] === 0), [0, 0, 0, 0, 0, 0])
    }).pipe(Effect.provide(Layer.provideMerge(Sweeper.layer, memory)))
  )

  it.effect("that cannot be removed is retried later, and logged once", () => {
    const logged: Array<unknown> = []
    return Effect.gen(function* () {
      const { file, project } = yield* stored("big", 100, 1)
      const sql = yield* SqlClient.SqlClient
      const { sweep } = yield* Sweeper.Sweeper
      yield* sql.unsafe(`CREATE TRIGGER no BEFORE DELETE ON output_items BEGIN SELECT raise(FAIL, 'no'); END`)
      yield* sweep(yield* Removals.removeRun(project, "big", file))
      yield* until(count("removals"), (removals) => removals === 1)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* count("output_items"), 100)
      yield* sql`DROP TRIGGER no`
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* until(counts, (each) => each[5] === 0), [0, 0, 0, 0, 0, 0])
      assert.deepStrictEqual(logged, [["the remaining data of big could not be deleted yet: no"]])
    }).pipe(
      Effect.provide(Layer.provideMerge(Sweeper.layer, memory)),
      Effect.provide(Logger.layer([Logger.make(({ message }) => logged.push(message))]))
    )
  })

  it.effect("that cannot be removed is retried by the next process", () =>
    Effect.gen(function* () {
      const { file, project } = yield* stored("big", 100, 1)
      const sql = yield* SqlClient.SqlClient
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { sweep } = yield* Sweeper.Sweeper
          yield* sql.unsafe(`CREATE TRIGGER no BEFORE DELETE ON output_items BEGIN SELECT raise(FAIL, 'no'); END`)
          yield* sweep(yield* Removals.removeRun(project, "big", file))
          // what follows is deleted all the same
          yield* until(count("removals"), (removals) => removals === 1)
          assert.deepStrictEqual(yield* counts, [0, 100, 1, 0, 0, 1])
        }).pipe(Effect.provide(Sweeper.layer))
      )
      yield* sql`DROP TRIGGER no`
      yield* Layer.build(Sweeper.layer)
      assert.deepStrictEqual(yield* until(counts, (each) => each[5] === 0), [0, 0, 0, 0, 0, 0])
    }).pipe(Effect.scoped, Effect.provide(memory))
  )
})

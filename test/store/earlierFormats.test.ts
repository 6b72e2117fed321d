/** Database files that earlier versions have written. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { awaitRun, listEvals, listOutputItems, listRuns } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { readFileSync, writeFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"

const written = (format: number) =>
  Effect.map(folder, (directory) => {
    const filename = `${directory}/evals.db`
    const packed = new URL(`../fixtures/databases/format-${format}.db.gz`, import.meta.url)
    writeFileSync(filename, gunzipSync(readFileSync(packed)))
    return filename
  })

it.live("a file of format 3, whose runs a workflow engine executed, opens, and its unfinished run resumes", () =>
  Effect.gen(function* () {
    const filename = yield* written(3)
    const judged = rows(filename, "SELECT id FROM output_items ORDER BY datasource_item_id").map(({ id }) => id)
    assert.strictEqual(judged.length, 16)
    yield* Effect.gen(function* () {
      const [first] = yield* Stream.runCollect(listEvals())
      assert.isDefined(first)
      if (first === undefined) return
      const [unfinished] = yield* Stream.runCollect(listRuns(first.id))
      assert.isDefined(unfinished)
      if (unfinished === undefined) return
      const run = yield* awaitRun(first.id, unfinished.id)
      assert.deepStrictEqual(run.result_counts, { total: 40, errored: 0, failed: 20, passed: 20 })
      const items = yield* Stream.runCollect(listOutputItems(first.id, run.id))
      // what was judged before stays as it is
      assert.deepStrictEqual(
        items.slice(0, judged.length).map(({ id }) => id),
        judged
      )
      assert.strictEqual(items.length, 40)
    }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename })))))
    assert.deepStrictEqual(rows(filename, "SELECT name FROM sqlite_master WHERE name LIKE 'cluster%'"), [])
  }).pipe(Effect.scoped)
)

/** Large samples whose variables are missing: how much is stored, and how they are served. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { createEval, executeRun, listOutputItems, listOutputItemsPage, retrieveOutputItem } from "effect-evals"
import { exportTo } from "effect-evals/archive"
import { EvalsEngine } from "effect-evals/engine"
import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { over as overFile } from "../archive/lib/fill.ts"
import { folder } from "../archive/lib/run.ts"
import { definition, label, over } from "./lib/engine.ts"

const timeout = 120_000
const mebibyte = 1024 * 1024

/** A row whose sample is so large, and has no text. */
const large = (bytes: number) => ({
  item: { label: "yes" },
  sample: { input: [{ role: "user", content: `é${"x".repeat(bytes)}` }], choices: [] }
})

const setUp = Effect.gen(function* () {
  const path = yield* folder
  const filename = join(path, "evals.db")
  const layer = EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename })))
  return { path, filename, layer }
})

describe("a sample without what the criteria read", () => {
  it.live("is exported as it is served", () =>
    Effect.gen(function* () {
      const { filename, layer, path } = yield* setUp
      const items = yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition(label, { ...label, name: "other" }))
        const run = yield* executeRun(id, over([large(20), { item: { label: "yes" }, sample: { output_text: "yes" } }]))
        return yield* Stream.runCollect(listOutputItems(id, run.id))
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(items[0]?.results[1]?.sample, items[0]?.sample)
      const out = join(path, "out")
      const manifest = yield* overFile(filename, exportTo({ out }), true)
      assert.deepStrictEqual(manifest.problems, [])
      const [first = "", second = ""] = readFileSync(join(out, "output_items.jsonl"), "utf8").trimEnd().split("\n")
      assert.deepStrictEqual([JSON.parse(first), JSON.parse(second)], items)
      const index = readFileSync(join(out, "index.jsonl"), "utf8")
      assert.include(index, `"sha256":"${createHash("sha256").update(first).digest("hex")}"`)
    })
  )

  it.live(
    "is stored once, served in each result, and on pages that are bounded by bytes",
    () =>
      Effect.gen(function* () {
        const { filename, layer } = yield* setUp
        const criteria = Array.from({ length: 40 }, (_, index) => ({ ...label, name: `c${index}` }))
        yield* Effect.gen(function* () {
          const { id } = yield* createEval(definition(...criteria))
          const run = yield* executeRun(id, over([large(mebibyte), large(mebibyte)]))
          assert.strictEqual(run.result_counts.failed, 2)
          // both are more than a page may be
          const first = yield* listOutputItemsPage(id, run.id, { limit: 100 })
          assert.deepStrictEqual([first.data.length, first.has_more], [1, true])
          const [item] = first.data
          if (item === undefined) return assert.fail("no item")
          for (const { passed, sample } of item.results) {
            assert.isFalse(passed)
            assert.strictEqual(JSON.stringify(sample), JSON.stringify(item.sample))
          }
          const second = yield* listOutputItemsPage(id, run.id, { limit: 100, after: item.id })
          assert.deepStrictEqual([second.data[0]?.datasource_item_id, second.has_more], [1, false])
          assert.strictEqual((yield* retrieveOutputItem(id, run.id, item.id)).results.length, 40)
        }).pipe(Effect.provide(layer))
        // the rows and the items, each once
        assert.isBelow(statSync(filename).size, 6 * mebibyte)
      }),
    timeout
  )
})

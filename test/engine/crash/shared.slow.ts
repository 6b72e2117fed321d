import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { awaitRun, createRun, retrieveRun } from "effect-evals"
import { join } from "node:path"
import { folder, noted, rows, serve } from "./lib/servers.ts"
import { itemsOf, over, prepare, verdict } from "./lib/toil.ts"

const count = 5000

describe("two servers on one file", () => {
  it.live("work on a run together, and nothing is there twice", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      const one = yield* serve(filename)
      const { evalId, fileId } = yield* Effect.provide(prepare(count), one.client)
      const t = (s: string) => console.log((performance.now() / 1000).toFixed(1), s)
      const ended = Effect.gen(function* () {
        const { id } = yield* createRun(evalId, over(fileId))
        const run = yield* awaitRun(evalId, id)
        return { counts: run.result_counts, criteria: run.per_testing_criteria_results, items: yield* itemsOf(evalId, id) }
      })
      const alone = yield* Effect.provide(ended, one.client)
      t("alone")
      const begun = Effect.gen(function* () {
        const { id } = yield* createRun(evalId, over(fileId))
        yield* Effect.repeat(Effect.delay(retrieveRun(evalId, id), 10), {
          until: ({ result_counts }) => result_counts.total > 0
        })
        return id
      })
      const taken = yield* Effect.provide(begun, one.client)
      t("begun")
      const other = yield* serve(filename)
      t("other serves")
      const both = yield* Effect.all(
        [Effect.provide(awaitRun(evalId, taken), one.client).pipe(Effect.tap(() => Effect.sync(() => t("one")))), Effect.provide(awaitRun(evalId, taken), other.client).pipe(Effect.tap(() => Effect.sync(() => t("other"))))],
        { concurrency: 2 }
      )
      console.log(both.map((b) => JSON.stringify(b.result_counts)))
      const items = yield* Effect.provide(itemsOf(evalId, taken), other.client)
      assert.deepStrictEqual(items.map(verdict), alone.items.map(verdict))
      for (let i = 0; i < 8; i++) { yield* Effect.sleep(2000); t(JSON.stringify(noted(filename))) }
      console.log(rows(filename, "SELECT m.id, m.entity_type, m.tag, m.payload, m.processed, m.last_read, r.id AS rid, r.request_id, r.payload AS p FROM cluster_replies r LEFT JOIN cluster_messages m ON m.id = r.request_id"))
      const third = yield* Effect.provide(begun, one.client)
      yield* one.kill
      t("killed")
      const end = yield* Effect.provide(awaitRun(evalId, third), other.client)
      t("third")
      assert.deepStrictEqual((yield* Effect.provide(itemsOf(evalId, third), other.client)).map(verdict), alone.items.map(verdict))
      for (let i = 0; i < 8; i++) { yield* Effect.sleep(2000); t(JSON.stringify(noted(filename))) }
      console.log(rows(filename, "SELECT m.id, m.entity_type, m.tag, m.payload, m.processed, m.last_read, r.id AS rid, r.request_id, r.payload AS p FROM cluster_replies r LEFT JOIN cluster_messages m ON m.id = r.request_id"))
    })
  , 120_000)
})

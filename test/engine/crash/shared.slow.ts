import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { awaitRun, createRun, type EvalId, type RunId, retrieveRun } from "effect-evals"
import { join } from "node:path"
import { folder, forgotten, serve, type Server } from "./lib/servers.ts"
import { itemsOf, over, prepare, verdict } from "./lib/toil.ts"

const count = 8000

/** What two servers say of a run, once both say that it has ended. */
const told = (servers: ReadonlyArray<Server>, evalId: EvalId, runId: RunId) =>
  Effect.forEach(servers, ({ client }) => Effect.provide(awaitRun(evalId, runId), client), {
    concurrency: servers.length
  })

describe("two servers on one file", () => {
  it.live("work on a run at the same time, and nothing is there twice; both tell of its end", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "evals.db")
      const one = yield* serve(filename)
      const { evalId, fileId } = yield* Effect.provide(prepare(count), one.client)
      const begun = Effect.gen(function* () {
        const { id } = yield* createRun(evalId, over(fileId))
        yield* Effect.repeat(Effect.delay(retrieveRun(evalId, id), 10), {
          until: ({ result_counts }) => result_counts.total > 0
        })
        return id
      }).pipe(Effect.provide(one.client))

      const alone = yield* begun
      const [undisturbed] = yield* told([one], evalId, alone)
      const verdicts = (yield* Effect.provide(itemsOf(evalId, alone), one.client)).map(verdict)
      const assertEnded = (servers: ReadonlyArray<Server>, runId: RunId) =>
        Effect.gen(function* () {
          for (const run of yield* told(servers, evalId, runId)) {
            assert.strictEqual(run.status, "completed")
            assert.deepStrictEqual(run.result_counts, undisturbed?.result_counts)
            assert.deepStrictEqual(run.per_testing_criteria_results, undisturbed?.per_testing_criteria_results)
          }
          for (const { client } of servers) {
            assert.deepStrictEqual((yield* Effect.provide(itemsOf(evalId, runId), client)).map(verdict), verdicts)
          }
        })

      // the other begins with what it finds: it takes the run for one that was cut off
      const [shared, other] = yield* Effect.all([begun, serve(filename)], { concurrency: 2 })
      yield* assertEnded([one, other], shared)
      assert.isTrue(other.workers().length > 0, "the other server judged rows too")

      // one that begins later is the first server's alone, and the other tells of it all the same
      yield* assertEnded([one, other], yield* begun)

      const cutOff = yield* begun
      yield* one.kill
      yield* assertEnded([yield* serve(filename), other], cutOff)
      // replies of a server that was slower than the other may stay
      const { cluster_messages, run_executions } = yield* forgotten(filename)
      assert.deepStrictEqual([cluster_messages, run_executions], [0, 0])
    })
  )
})

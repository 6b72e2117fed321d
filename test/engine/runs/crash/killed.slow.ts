import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { awaitRun, createRun, type EvalId, type FileId, retrieveRun, type RunId } from "effect-evals"
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { hold, release } from "../../../behaviour/lib/held.ts"
import { withCopies } from "../../../../src/store/copies.ts"
import { until } from "../../../server/lib/parts.ts"
import { alive, folder, noExecutions, rows, serve } from "./lib/servers.ts"
import { itemsOf, over, prepare, verdict } from "./lib/toil.ts"

const count = 5000
/** Files that are worked on at a time, and how often the server of each is killed. */
const files = 2
const killsOfFile = 10

/** What is compared of a run that has ended. */
const ended = (evalId: EvalId, runId: RunId) =>
  Effect.gen(function* () {
    const run = yield* awaitRun(evalId, runId)
    const items = yield* itemsOf(evalId, runId)
    return { run, items }
  })

/** The items of a run that a file has, as they are served, by their ids. */
const storedItems = (filename: string, runId: RunId): ReadonlyMap<unknown, unknown> =>
  new Map(
    rows(filename, "SELECT id, body, copies FROM output_items WHERE run_id = ?", runId).map(({ body, copies, id }) => [
      id,
      withCopies(String(body), typeof copies === "string" ? copies : null)
    ])
  )

interface Undisturbed {
  readonly evalId: EvalId
  readonly fileId: FileId
  readonly counts: unknown
  readonly criteria: unknown
  readonly verdicts: ReadonlyArray<string>
}

/** Kills the server of a file again and again, each time during another run; gives what was stored by then. */
const killing = (filename: string, { counts, criteria, evalId, fileId, verdicts }: Undisturbed) =>
  Effect.gen(function* () {
    let server = yield* serve(filename)
    for (let kill = 0; kill < killsOfFile; kill++) {
      const seen = yield* Random.nextIntBetween(0, count * 0.5)
      const moment = yield* Random.nextIntBetween(0, 60)
      // the run is not through before, however late the kill comes
      hold(filename, count - 1)
      const { runId, workers } = yield* Effect.gen(function* () {
        const { id } = yield* createRun(evalId, over(fileId))
        yield* Effect.repeat(Effect.andThen(Effect.sleep(20), retrieveRun(evalId, id)), {
          until: ({ result_counts }) => result_counts.total >= seen
        })
        const started = server.workers()
        yield* Effect.sleep(moment)
        return { runId: id, workers: started }
      }).pipe(Effect.provide(server.client))
      yield* server.kill
      const stored = storedItems(filename, runId)
      const at = `killed after ${stored.size} items, ${seen} of them seen`
      assert.isTrue(stored.size >= seen && stored.size < count, at)
      assert.isTrue(workers.length > 0, at)
      yield* until(
        Effect.sync(() => alive(workers).length),
        (left) => left === 0
      )
      release(filename)

      // nothing is asked of the next server but how the run stands
      server = yield* serve(filename)
      const { items, run } = yield* Effect.provide(ended(evalId, runId), server.client)
      assert.deepStrictEqual([run.status, run.result_counts], ["completed", counts], at)
      assert.deepStrictEqual(run.per_testing_criteria_results, criteria, at)
      assert.deepStrictEqual(items.map(verdict), verdicts, at)
      // what was stored by then is not judged again
      const after = new Map<unknown, unknown>(items.map((item) => [item.id, JSON.stringify(item)]))
      assert.strictEqual(after.size, count, at)
      for (const [id, body] of stored) assert.strictEqual(after.get(id), body, at)
    }
    yield* noExecutions(filename)
    yield* server.stop
  })

describe("a server that is killed", () => {
  it.live("resumes its runs, with the result of an undisturbed server, twenty times", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const first = join(path, "0.db")
      const server = yield* serve(first)
      const undisturbed = yield* Effect.gen(function* () {
        const { evalId, fileId } = yield* prepare(count)
        const { id } = yield* createRun(evalId, over(fileId))
        const { items, run } = yield* ended(evalId, id)
        return {
          evalId,
          fileId,
          counts: run.result_counts,
          criteria: run.per_testing_criteria_results,
          verdicts: items.map(verdict)
        }
      }).pipe(Effect.provide(server.client))
      yield* server.stop
      assert.deepStrictEqual(undisturbed.counts, { total: count, errored: 0, failed: 4546, passed: 454 })

      const names = Array.from({ length: files }, (_, index) => join(path, `${index}.db`))
      for (const name of names.slice(1)) copyFileSync(first, name)
      yield* Effect.forEach(
        names,
        (name, index) => Random.withSeed(killing(name, undisturbed), `kills of file ${index}`),
        {
          concurrency: files,
          discard: true
        }
      )
    })
  )
})

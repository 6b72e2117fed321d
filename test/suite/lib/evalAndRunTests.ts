/** Tests of evals and runs that every host passes. */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  deleteEval,
  deleteRun,
  EvalId,
  EvalsClient,
  executeRun,
  listEvals,
  listEvalsPage,
  listOutputItems,
  listRuns,
  listRunsPage,
  retrieveEval,
  retrieveRun,
  updateEval,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { evaluated, idOf, label, laborious, many, over, rows, tickets } from "./material.ts"
import { ids, collected, none, notFound } from "./support.ts"

/** Defines the tests. */
export const evalAndRunTests = (it: Vitest.MethodsNonLive<EvalsClient.EvalsClient>): void => {
  it.effect("createEval answers the whole eval; retrieveEval answers the same", () =>
    Effect.gen(function* () {
      const { data: made, response } = yield* EvalsClient.withResponse(createEval(tickets))
      assert.strictEqual(response?.status, 201)
      assert.match(response?.requestId ?? "", /^req_/)
      assert.match(made.id, /^eval_/)
      const { data_source_config, metadata, name, object, testing_criteria } = made
      assert.deepStrictEqual([object, name, metadata], ["eval", "tickets", { team: "support" }])
      const item = tickets.data_source_config.type === "custom" ? tickets.data_source_config.item_schema : {}
      assert.deepStrictEqual(data_source_config, {
        type: "custom",
        schema: { type: "object", properties: { item }, required: ["item"] }
      })
      assert.deepStrictEqual(
        testing_criteria.map((criterion) => Object.keys(label).map((key) => Reflect.get(criterion, key))),
        tickets.testing_criteria.map((criterion) => Object.values(criterion))
      )
      assert.match(idOf(testing_criteria[0]), /^label-[0-9a-f-]{36}$/)
      assert.match(idOf(testing_criteria[1]), /^in-language-[0-9a-f-]{36}$/)
      assert.deepStrictEqual(yield* retrieveEval(made.id), made)
    })
  )

  it.effect("createEval without metadata has none", () =>
    Effect.gen(function* () {
      const { metadata: _, ...plain } = tickets
      assert.deepStrictEqual((yield* createEval(plain)).metadata, {})
    })
  )

  it.effect("updateEval changes the name and the metadata, and nothing else", () =>
    Effect.gen(function* () {
      const made = yield* createEval(tickets)
      const renamed = { ...made, name: "renamed" }
      assert.deepStrictEqual(yield* updateEval(made.id, { name: "renamed" }), renamed)
      const moved = { ...renamed, metadata: { team: "sales" } }
      assert.deepStrictEqual(yield* updateEval(made.id, { metadata: { team: "sales" } }), moved)
      assert.deepStrictEqual(yield* retrieveEval(made.id), moved)
    })
  )

  it.effect("deleteEval says which eval is gone, with its runs", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated
      assert.deepStrictEqual(yield* deleteEval(evalId), { object: "eval.deleted", deleted: true, eval_id: evalId })
      yield* notFound(retrieveEval(evalId))
      yield* notFound(deleteEval(evalId))
      yield* notFound(retrieveRun(evalId, run.id))
    })
  )

  it.effect("listEvals goes over all pages in the order of creation; listEvalsPage gives one", () =>
    Effect.gen(function* () {
      const first = yield* createEval(tickets)
      const made = ids(yield* Effect.replicateEffect(createEval(tickets), 5))
      assert.deepStrictEqual(yield* collected(listEvals({ after: first.id, limit: 2 })), made)
      const newest = listEvals({ order: "desc", limit: 2 })
      assert.deepStrictEqual(yield* collected(Stream.take(newest, 5)), made.toReversed())
      const page = yield* listEvalsPage({ after: first.id, limit: 3 })
      assert.deepStrictEqual(
        [ids(page.data), page.first_id, page.last_id, page.has_more],
        [made.slice(0, 3), made[0], made[2], true]
      )
      const rest = yield* listEvalsPage({ after: EvalId.make(made[2] ?? ""), limit: 3 })
      assert.deepStrictEqual([ids(rest.data), rest.has_more], [made.slice(3), false])
    })
  )

  it.effect("createRun answers a run that is queued; awaitRun waits until it is completed", () =>
    Effect.gen(function* () {
      const made = yield* createEval(tickets)
      const params = { ...over(rows), name: "release 12", metadata: { commit: "1f0e3da" } }
      const { data: queued, response } = yield* EvalsClient.withResponse(createRun(made.id, params))
      assert.strictEqual(response?.status, 201)
      assert.match(queued.id, /^evalrun_/)
      assert.deepStrictEqual([queued.object, queued.eval_id, queued.status], ["eval.run", made.id, "queued"])
      assert.deepStrictEqual([queued.name, queued.model, queued.metadata], ["release 12", "gpt-4.1", params.metadata])
      assert.deepStrictEqual(queued.result_counts, none)
      assert.deepStrictEqual(
        [queued.per_model_usage, queued.per_testing_criteria_results, queued.error],
        [null, null, null]
      )
      assert.deepStrictEqual<unknown>(queued.data_source, params.data_source)
      const completed = yield* awaitRun(made.id, queued.id)
      const results = made.testing_criteria.map((criterion) => ({
        testing_criteria: idOf(criterion),
        testing_criteria_id: idOf(criterion),
        passed: 3,
        failed: 1
      }))
      assert.deepStrictEqual(completed, {
        ...queued,
        status: "completed",
        result_counts: { total: 4, errored: 0, failed: 2, passed: 2 },
        // an extension of the engine, which a host does not have
        ...(queued.evals_rows === undefined ? {} : { evals_rows: { total: 4, not_judged: 0 } }),
        per_model_usage: [],
        per_testing_criteria_results: results
      })
      assert.deepStrictEqual(yield* retrieveRun(made.id, queued.id), completed)
    })
  )

  it.effect("watchRun tells a run from its start to its end", () =>
    Effect.gen(function* () {
      const made = yield* createEval(tickets)
      const created = yield* createRun(made.id, over(rows))
      const told = yield* Stream.runCollect(watchRun(made.id, created.id))
      const order = ["queued", "in_progress", "completed"]
      const places = told.map(({ status }) => order.indexOf(status))
      assert.deepStrictEqual(places, [...new Set(places)].toSorted())
      assert.strictEqual(told.at(-1)?.status, "completed")
      assert.deepStrictEqual(told.at(-1), yield* retrieveRun(made.id, created.id))
    })
  )

  it.effect("executeRun takes the rows of a file", () =>
    Effect.gen(function* () {
      const made = yield* createEval(tickets)
      const { id } = yield* uploadFile({ file: Upload.fromRows(rows), purpose: "evals" })
      const data_source = { type: "jsonl", source: { type: "file_id", id } } as const
      const run = yield* executeRun(made.id, { data_source })
      assert.deepStrictEqual<unknown>(run.data_source, data_source)
      assert.deepStrictEqual(run.result_counts, { total: 4, errored: 0, failed: 2, passed: 2 })
      assert.deepStrictEqual((yield* retrieveRun(made.id, run.id)).status, "completed")
    })
  )

  it.effect("cancelRun ends a run; awaitRun fails with it, and it stays so", () =>
    Effect.gen(function* () {
      const made = yield* createEval(laborious)
      const { id } = yield* createRun(made.id, many(1000))
      const canceled = yield* cancelRun(made.id, id)
      assert.deepStrictEqual([canceled.id, canceled.status, canceled.error], [id, "canceled", null])
      assert.isBelow(canceled.result_counts.total, 1000)
      const waited = yield* Effect.flip(awaitRun(made.id, id))
      assert.strictEqual(waited._tag, "RunCanceled")
      assert.deepStrictEqual(waited._tag === "RunCanceled" ? waited.run : undefined, canceled)
      const items = yield* Stream.runCount(listOutputItems(made.id, id, { limit: 100 }))
      assert.strictEqual(items, canceled.result_counts.total)
      assert.deepStrictEqual(yield* cancelRun(made.id, id), canceled)
    })
  )

  it.effect("deleteRun says which run is gone, with its items", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated
      const deleted = yield* deleteRun(evalId, run.id)
      assert.deepStrictEqual(deleted, { object: "eval.run.deleted", deleted: true, run_id: run.id })
      yield* notFound(retrieveRun(evalId, run.id))
      yield* notFound(Stream.runCollect(listOutputItems(evalId, run.id)))
      assert.deepStrictEqual(yield* collected(listRuns(evalId)), [])
    })
  )

  it.effect("listRuns goes over the runs of an eval, in both orders, and those of a status", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated
      const given = yield* createRun(evalId, over(rows))
      yield* cancelRun(evalId, given.id)
      const last = yield* executeRun(evalId, over(rows))
      const all = [run.id, given.id, last.id]
      assert.deepStrictEqual(yield* collected(listRuns(evalId, { limit: 2 })), all)
      assert.deepStrictEqual(yield* collected(listRuns(evalId, { limit: 1, order: "desc" })), all.toReversed())
      const { status } = yield* retrieveRun(evalId, given.id)
      const ofStatus = all.filter((id) => id !== given.id || status === "completed")
      assert.deepStrictEqual(yield* collected(listRuns(evalId, { status: "completed" })), ofStatus)
      assert.deepStrictEqual(yield* collected(listRuns(evalId, { status: "failed" })), [])
      const page = yield* listRunsPage(evalId, { after: run.id, limit: 1 })
      assert.deepStrictEqual([ids(page.data), page.has_more], [[given.id], true])
    })
  )
}

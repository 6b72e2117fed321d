/**
 * What a program can rely on, whichever host answers: one suite of our client.
 * Nothing of it asks which host that is. Lists begin behind an object of the test's
 * own, since other tests have filled them too.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, type Layer, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  deleteEval,
  deleteFile,
  deleteRun,
  downloadFile,
  EvalId,
  EvalsClient,
  type EvalsError,
  executeRun,
  FileId,
  listEvals,
  listEvalsPage,
  listFiles,
  listFilesPage,
  listOutputItems,
  listOutputItemsPage,
  listRuns,
  listRunsPage,
  type OutputItem,
  OutputItemId,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  RunId,
  runGrader,
  updateEval,
  Upload,
  uploadFile,
  validateGrader,
  watchRun
} from "effect-evals"
import { evaluated, idOf, label, laborious, many, over, rows, tickets } from "./material.ts"

const ids = (list: ReadonlyArray<{ readonly id: string }>) => list.map(({ id }) => id)

const collected = <A extends { readonly id: string }, E, R>(list: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(list), ids)

// the hosted service gives items in no order that could be relied on
const byRow = (items: ReadonlyArray<OutputItem.OutputItem>) =>
  items.toSorted((a, b) => a.datasource_item_id - b.datasource_item_id)

const none = { total: 0, errored: 0, failed: 0, passed: 0 }

const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("")
const bytes = new TextEncoder().encode(text)

const contentOf = (id: FileId) => Stream.mkString(Stream.decodeText(downloadFile(id)))

/** The suite, against the host of a layer. */
export const suite = <E>(name: string, host: Layer.Layer<EvalsClient.EvalsClient, E>): void => {
  layer(host)(name, (it) => {
    // =========================================================================
    // evals
    // =========================================================================

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

    // =========================================================================
    // runs
    // =========================================================================

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

    // =========================================================================
    // output items
    // =========================================================================

    it.effect("listOutputItems shows each row, the answer, and what each criterion says", () =>
      Effect.gen(function* () {
        const { evalId, made, run } = yield* evaluated
        const items = byRow(yield* Stream.runCollect(listOutputItems(evalId, run.id)))
        const said = (item: OutputItem.OutputItem) => ({
          object: item.object,
          run_id: item.run_id,
          eval_id: item.eval_id,
          status: item.status,
          datasource_item_id: item.datasource_item_id,
          datasource_item: item.datasource_item,
          results: item.results,
          output: item.sample?.output,
          error: item.sample?.error
        })
        const [byLabel, byLanguage] = made.testing_criteria.map(idOf)
        const expected = [
          ["pass", 1, 1, "Hardware"],
          ["fail", 0, 1, "Software"],
          ["fail", 1, 0, "Software"],
          ["pass", 1, 1, "Software"]
        ] as const
        assert.deepStrictEqual<unknown>(
          items.map(said),
          expected.map(([status, first, second, content], index) => ({
            object: "eval.run.output_item",
            run_id: run.id,
            eval_id: evalId,
            status,
            datasource_item_id: index,
            datasource_item: rows[index]?.item,
            results: [
              { name: byLabel, passed: first === 1, sample: null, score: first },
              { name: byLanguage, passed: second === 1, sample: null, score: second }
            ],
            output: [{ role: "assistant", content }],
            error: null
          }))
        )
        const [item] = items
        assert.deepStrictEqual(yield* retrieveOutputItem(evalId, run.id, item?.id ?? OutputItemId.make("")), item)
      })
    )

    it.effect("listOutputItems goes over all pages, and shows those of a status", () =>
      Effect.gen(function* () {
        const { evalId, run } = yield* evaluated
        const rowsOf = (params: OutputItem.ListParams) =>
          Effect.map(Stream.runCollect(listOutputItems(evalId, run.id, params)), (items) =>
            byRow(items).map(({ datasource_item_id }) => datasource_item_id)
          )
        assert.deepStrictEqual(yield* rowsOf({ limit: 3 }), [0, 1, 2, 3])
        assert.deepStrictEqual(yield* rowsOf({ limit: 1, order: "desc" }), [0, 1, 2, 3])
        assert.deepStrictEqual(yield* rowsOf({ limit: 1, status: "pass" }), [0, 3])
        assert.deepStrictEqual(yield* rowsOf({ status: "fail" }), [1, 2])
        const page = yield* listOutputItemsPage(evalId, run.id, { limit: 3 })
        assert.deepStrictEqual([page.data.length, page.has_more], [3, true])
        assert.strictEqual(page.last_id, page.data[2]?.id)
      })
    )

    // =========================================================================
    // files
    // =========================================================================

    const uploads = {
      rows: Upload.fromRows(rows, { filename: "rows.jsonl" }),
      "a blob": Upload.fromBlob(new File([bytes], "rows.jsonl")),
      "a stream": Upload.fromStream(Stream.make(bytes.subarray(0, 7), bytes.subarray(7)), { filename: "rows.jsonl" })
    }

    for (const [kind, file] of Object.entries(uploads)) {
      it.effect(`uploadFile takes ${kind}; downloadFile gives the same bytes back`, () =>
        Effect.gen(function* () {
          const made = yield* uploadFile({ file, purpose: "evals" })
          assert.match(made.id, /^file-/)
          const { id: _, created_at: __, ...said } = made
          assert.deepStrictEqual(said, {
            object: "file",
            bytes: bytes.length,
            filename: "rows.jsonl",
            purpose: "evals",
            expires_at: null,
            status: "processed",
            status_details: null
          })
          assert.strictEqual(yield* contentOf(made.id), text)
          assert.deepStrictEqual(yield* retrieveFile(made.id), made)
        })
      )
    }

    it.effect("uploadFile says when a file expires", () =>
      Effect.gen(function* () {
        const made = yield* uploadFile({
          file: uploads.rows,
          purpose: "evals",
          expires_after: { anchor: "created_at", seconds: 3600 }
        })
        assert.strictEqual(made.expires_at, made.created_at + 3600)
      })
    )

    it.effect("listFiles goes over all pages, newest first, and shows those of a purpose", () =>
      Effect.gen(function* () {
        const first = yield* uploadFile({ file: uploads.rows, purpose: "evals" })
        const upload = (purpose: "evals" | "user_data") =>
          Effect.map(uploadFile({ file: uploads.rows, purpose }), ({ id }) => id)
        const made = [yield* upload("evals"), yield* upload("user_data"), yield* upload("evals")]
        const newest = Stream.take(listFiles({ limit: 2 }), 3)
        assert.deepStrictEqual(yield* collected(newest), made.toReversed())
        assert.deepStrictEqual(yield* collected(listFiles({ after: first.id, limit: 1, order: "asc" })), made)
        const data = listFiles({ purpose: "user_data", after: first.id, order: "asc" })
        assert.deepStrictEqual(yield* collected(data), made.slice(1, 2))
        const page = yield* listFilesPage({ after: first.id, limit: 2, order: "asc" })
        assert.deepStrictEqual([ids(page.data), page.has_more], [made.slice(0, 2), true])
      })
    )

    it.effect("deleteFile says which file is gone", () =>
      Effect.gen(function* () {
        const { id } = yield* uploadFile({ file: uploads.rows, purpose: "evals" })
        assert.deepStrictEqual(yield* deleteFile(id), { object: "file", deleted: true, id })
        yield* notFound(retrieveFile(id))
        yield* notFound(contentOf(id))
        yield* notFound(deleteFile(id))
      })
    )

    // =========================================================================
    // graders
    // =========================================================================

    it.effect("runGrader scores a sample; validateGrader gives the grader back", () =>
      Effect.gen(function* () {
        const ran = yield* runGrader({ grader: label, model_sample: "Hardware", item: { label: "Hardware" } })
        assert.strictEqual(ran.reward, 1)
        assert.deepInclude(ran.metadata, { name: "label", type: "string_check", token_usage: null })
        const other = yield* runGrader({ grader: label, model_sample: "Software", item: { label: "Hardware" } })
        assert.strictEqual(other.reward, 0)
        assert.deepStrictEqual<unknown>(yield* validateGrader({ grader: label }), { grader: label })
      })
    )

    // =========================================================================
    // errors
    // =========================================================================

    it.effect("what is not there is a NotFoundError that names the operation", () =>
      Effect.gen(function* () {
        const { evalId, run } = yield* evaluated
        const unknown = EvalId.make("eval_none")
        const error = yield* notFound(retrieveEval(unknown))
        assert.deepStrictEqual([error.method, error.status, error.isRetryable], ["retrieveEval", 404, false])
        yield* notFound(updateEval(unknown, { name: "new" }))
        yield* notFound(createRun(unknown, over(rows)))
        yield* notFound(Stream.runCollect(listRuns(unknown)))
        yield* notFound(retrieveRun(unknown, run.id))
        yield* notFound(retrieveRun(evalId, RunId.make("evalrun_none")))
        yield* notFound(cancelRun(evalId, RunId.make("evalrun_none")))
        yield* notFound(deleteRun(evalId, RunId.make("evalrun_none")))
        yield* notFound(retrieveOutputItem(evalId, run.id, OutputItemId.make("outputitem_none")))
        yield* notFound(retrieveFile(FileId.make("file-none")))
        const { id } = yield* createEval(tickets)
        yield* notFound(retrieveRun(id, run.id))
      })
    )

    it.effect("a row that the eval does not allow is a BadRequestError, and no run is made", () =>
      Effect.gen(function* () {
        const { id } = yield* createEval(tickets)
        const error = yield* Effect.flip(createRun(id, over([...rows, { item: { language: "en" } }])))
        assert.deepStrictEqual(
          [error.method, error.reason._tag, error.status, error.isRetryable],
          ["createRun", "BadRequestError", 400, false]
        )
        assert.deepStrictEqual(yield* collected(listRuns(id)), [])
      })
    )
  })
}

/** The error of an operation that finds nothing. */
const notFound = <A, R>(operation: Effect.Effect<A, EvalsError.EvalsError, R>) =>
  Effect.tap(Effect.flip(operation), ({ reason }) =>
    Effect.sync(() => {
      assert.strictEqual(reason._tag, "NotFoundError")
    })
  )

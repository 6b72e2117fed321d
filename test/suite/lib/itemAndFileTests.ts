/** Tests of output items, files and graders that every host passes. */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Stream } from "effect"
import {
  cancelRun,
  createEval,
  createRun,
  deleteFile,
  deleteRun,
  EvalId,
  type EvalsClient,
  FileId,
  listFiles,
  listFilesPage,
  listOutputItems,
  listOutputItemsPage,
  listRuns,
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
  validateGrader
} from "effect-evals"
import { evaluated, idOf, label, over, rows, tickets } from "./material.ts"
import { ids, collected, byRow, text, bytes, contentOf, notFound } from "./support.ts"

/** Defines the tests. */
export const itemAndFileTests = (it: Vitest.MethodsNonLive<EvalsClient.EvalsClient>): void => {
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
}

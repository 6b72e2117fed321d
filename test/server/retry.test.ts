import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Option, Stream } from "effect"
import {
  cancelRun,
  createEval,
  createRun,
  deleteFile,
  type EvalId,
  type EvalsClient,
  listOutputItems,
  type Run,
  type RunId,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { noQuota, overloaded, type Script, scripted, textsOf } from "../lib/textModels.ts"
import { layerClient, layerServed, post, type Served } from "./lib/served.ts"

const right = {
  type: "string_check",
  name: "right",
  input: "{{ sample.output_text }}",
  reference: "{{ item.answer }}",
  operation: "eq"
} as const

const made = createEval({
  data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
  testing_criteria: [right, { ...right, name: "short", reference: "{{ item.q }}" }]
})

const source = (items: ReadonlyArray<Record<string, unknown>>) =>
  ({
    type: "completions",
    model: "m",
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.q }}" }] },
    source: { type: "file_content", content: items.map((item) => ({ item })) }
  }) as const

/** Rows of which each third one has a wrong answer. */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, row) => ({ q: `${row}`, answer: row % 3 === 2 ? "other" : `${row}` }))

/** A server whose engine asks the script. */
const withServer =
  (script: Script) =>
  <A, E>(program: Effect.Effect<A, E, EvalsClient.EvalsClient | Served>) =>
    Effect.provide(
      program,
      Layer.provideMerge(
        layerClient,
        layerServed().pipe(Layer.provide(EvalsEngine.layerMemory), Layer.provide(scripted(script)))
      )
    )

const echo: Script = (call) => Effect.succeed(textsOf(call).join("\n"))

const itemsOf = (evalId: EvalId, runId: RunId) =>
  Effect.map(Stream.runCollect(listOutputItems(evalId, runId)), (items) =>
    items.map(({ datasource_item_id, id, status }) => ({ row: datasource_item_id, id, status }))
  )

const ended = (evalId: EvalId, runId: RunId) => Effect.map(Stream.runLast(watchRun(evalId, runId)), Option.getOrThrow)

const retry = (evalId: string, runId: string) => post(`/evals/${evalId}/runs/${runId}/retry`, {})

const judged = (evalId: EvalId, runId: RunId, rows: number) =>
  watchRun(evalId, runId).pipe(
    Stream.filter(({ result_counts }) => result_counts.total >= rows),
    Stream.runHead,
    Effect.map(Option.getOrThrow)
  )

const usage = (rows: number) => [
  {
    model_name: "scripted-1",
    invocation_count: rows,
    prompt_tokens: 3 * rows,
    completion_tokens: rows,
    total_tokens: 4 * rows,
    cached_tokens: 0
  }
]

const criteriaOf = ({ per_testing_criteria_results }: Run.Run) =>
  per_testing_criteria_results?.map(({ failed, passed }) => [passed, failed])

describe("a run that is retried", () => {
  it.live("asks for its errored rows alone, and keeps the items of the others", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      let mended = false
      const held = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(9)) })
        const before = yield* ended(id, runId)
        assert.strictEqual(before.status, "completed")
        assert.deepStrictEqual(before.result_counts, { total: 9, errored: 2, failed: 3, passed: 4 })
        assert.deepStrictEqual(before.per_model_usage, usage(7))
        assert.deepStrictEqual(criteriaOf(before), [
          [4, 3],
          [7, 0]
        ])
        const items = yield* itemsOf(id, runId)
        asked.length = 0
        mended = true
        const answer = yield* retry(id, runId)
        assert.strictEqual(answer.status, 200)
        // until their successors are stored, errored rows count as before
        assert.deepInclude(answer.json, {
          status: "in_progress",
          error: null,
          result_counts: before.result_counts,
          per_model_usage: before.per_model_usage,
          per_testing_criteria_results: before.per_testing_criteria_results
        })
        const during = yield* watchRun(id, runId).pipe(
          Stream.filter(({ result_counts }) => result_counts.errored === 1),
          Stream.runHead,
          Effect.map(Option.getOrThrow)
        )
        assert.deepStrictEqual(during.result_counts, { total: 9, errored: 1, failed: 3, passed: 5 })
        assert.deepStrictEqual(during.per_model_usage, usage(8))
        const again = yield* retry(id, runId)
        assert.strictEqual(again.status, 409)
        assert.strictEqual(again.headers.get("x-should-retry"), "false")
        assert.include(again.text, `${runId} is in_progress.`)
        yield* Deferred.succeed(held, undefined)
        const after = yield* ended(id, runId)
        assert.strictEqual(after.status, "completed")
        assert.deepStrictEqual(after.result_counts, { total: 9, errored: 0, failed: 3, passed: 6 })
        assert.deepStrictEqual(after.per_model_usage, usage(9))
        assert.deepStrictEqual(criteriaOf(after), [
          [6, 3],
          [9, 0]
        ])
        assert.deepStrictEqual(after.evals_rows, { total: 9, not_judged: 0 })
        assert.deepStrictEqual(asked.toSorted(), ["1", "7"])
        const replaced = yield* itemsOf(id, runId)
        assert.deepStrictEqual(
          replaced.map(({ status }) => status),
          ["pass", "pass", "fail", "pass", "pass", "fail", "pass", "pass", "fail"]
        )
        assert.deepStrictEqual(
          replaced.filter((item, row) => item.id !== items[row]?.id).map(({ row }) => row),
          [1, 7]
        )
      }).pipe(
        withServer((call) =>
          Effect.gen(function* () {
            const [text = ""] = textsOf(call)
            asked.push(text)
            if (text !== "1" && text !== "7") return yield* echo(call)
            if (!mended) return yield* Effect.fail(overloaded)
            if (text === "7") yield* Deferred.await(held)
            return yield* echo(call)
          })
        )
      )
    })
  )

  it.live("is through at once where no row is errored", () =>
    Effect.gen(function* () {
      let asked = 0
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(3)) })
        const before = yield* ended(id, runId)
        const items = yield* itemsOf(id, runId)
        assert.strictEqual((yield* retry(id, runId)).status, 200)
        assert.deepStrictEqual(yield* ended(id, runId), before)
        assert.deepStrictEqual(yield* itemsOf(id, runId), items)
        assert.strictEqual(asked, 3)
      }).pipe(
        withServer((call) =>
          Effect.andThen(
            Effect.sync(() => asked++),
            echo(call)
          )
        )
      )
    })
  )

  it.live("goes on with the rows that were not judged when it was canceled", () =>
    Effect.gen(function* () {
      let mended = false
      const asked: Array<string> = []
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(20)) })
        yield* judged(id, runId, 10)
        const canceled = yield* cancelRun(id, runId)
        assert.deepStrictEqual(canceled.result_counts, { total: 10, errored: 1, failed: 3, passed: 6 })
        const items = yield* itemsOf(id, runId)
        asked.length = 0
        mended = true
        yield* retry(id, runId)
        const after = yield* ended(id, runId)
        assert.strictEqual(after.status, "completed")
        assert.deepStrictEqual(after.result_counts, { total: 20, errored: 0, failed: 6, passed: 14 })
        assert.deepStrictEqual(after.per_model_usage, usage(20))
        assert.strictEqual(asked.length, 11)
        const all = new Set((yield* itemsOf(id, runId)).map((item) => item.id))
        assert.strictEqual(all.size, 20)
        assert.deepStrictEqual(
          items.filter((item) => !all.has(item.id)).map(({ row, status }) => [row, status]),
          [[4, "error"]]
        )
      }).pipe(
        withServer((call) =>
          Effect.gen(function* () {
            const row = Number(textsOf(call)[0])
            asked.push(`${row}`)
            if (mended) return yield* echo(call)
            if (row === 4) return yield* Effect.fail(overloaded)
            // each second row
            return yield* row % 2 === 0 ? echo(call) : Effect.never
          })
        )
      )
    })
  )

  it.live("completes where every row was errored, and after an error that stopped it early", () =>
    Effect.gen(function* () {
      let answering: Script = () => Effect.fail(overloaded)
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const run = (rows: number) =>
          Effect.gen(function* () {
            const { id: runId } = yield* createRun(id, { data_source: source(numbered(rows)) })
            const failed = yield* ended(id, runId)
            assert.strictEqual(failed.status, "failed")
            answering = echo
            yield* retry(id, runId)
            const after = yield* ended(id, runId)
            assert.deepInclude(after, { status: "completed", error: null })
            assert.deepStrictEqual(after.result_counts, {
              total: rows,
              errored: 0,
              failed: rows / 3,
              passed: (2 * rows) / 3
            })
            assert.deepStrictEqual(after.per_model_usage, usage(rows))
            assert.strictEqual((yield* itemsOf(id, runId)).length, rows)
            return failed
          })
        const errored = yield* run(6)
        assert.strictEqual(errored.result_counts.errored, 6)
        answering = () => Effect.fail(noQuota)
        const stopped = yield* run(300)
        assert.strictEqual(stopped.error?.code, "insufficient_quota")
      }).pipe(withServer((call) => answering(call)))
    })
  )

  it.live("that samples nothing judges errored rows again, whose own errors stay", () =>
    Effect.gen(function* () {
      const { id } = yield* made
      const rows = [
        { item: { q: "a", answer: "a" }, sample: { output_text: "a" } },
        { item: { q: "b", answer: "b" }, sample: { error: { code: "gone", message: "no answer" } } },
        { item: { q: "c", answer: "d" }, sample: { output_text: "c" } }
      ]
      const { id: runId } = yield* createRun(id, {
        data_source: { type: "jsonl", source: { type: "file_content", content: rows } }
      })
      const before = yield* ended(id, runId)
      assert.deepStrictEqual(before.result_counts, { total: 3, errored: 1, failed: 1, passed: 1 })
      const items = yield* itemsOf(id, runId)
      assert.strictEqual((yield* retry(id, runId)).status, 200)
      const after = yield* ended(id, runId)
      assert.deepStrictEqual(after, before)
      const replaced = yield* itemsOf(id, runId)
      assert.deepStrictEqual(
        replaced.map((item, row) => [item.status, item.id === items[row]?.id]),
        [
          ["pass", true],
          ["error", false],
          ["fail", true]
        ]
      )
      // a second time too
      yield* retry(id, runId)
      assert.deepStrictEqual((yield* ended(id, runId)).result_counts, before.result_counts)
    }).pipe(withServer(echo))
  )

  it.live("asks the judges of errored rows, however many rows before them stay", () =>
    Effect.gen(function* () {
      let mended = false
      let asked = 0
      yield* Effect.gen(function* () {
        const { id } = yield* createEval({
          data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
          testing_criteria: [
            {
              type: "score_model",
              name: "judge",
              model: "judge",
              input: [{ role: "user", content: "Judge {{ sample.output_text }}" }],
              pass_threshold: 0.5
            }
          ]
        })
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(250)) })
        const before = yield* ended(id, runId)
        assert.deepStrictEqual(before.result_counts, { total: 250, errored: 2, failed: 0, passed: 248 })
        // the samples of errored rows were paid for
        assert.deepStrictEqual(before.per_model_usage, usage(498))
        const items = yield* itemsOf(id, runId)
        mended = true
        asked = 0
        const answer = yield* retry(id, runId)
        assert.deepInclude(answer.json, { per_model_usage: usage(498) })
        const after = yield* ended(id, runId)
        assert.strictEqual(after.status, "completed")
        assert.strictEqual(asked, 4)
        assert.deepStrictEqual(after.result_counts, { total: 250, errored: 0, failed: 0, passed: 250 })
        assert.deepStrictEqual(after.per_model_usage, usage(500))
        const replaced = yield* itemsOf(id, runId)
        assert.deepStrictEqual(
          replaced.filter((item, row) => item.id !== items[row]?.id).map(({ row }) => row),
          [0, 249]
        )
      }).pipe(
        withServer((call) =>
          Effect.gen(function* () {
            asked++
            const [text = ""] = textsOf(call).slice(-1)
            if (!text.startsWith("Judge")) return yield* echo(call)
            if (!mended && /^Judge (?:0|249)$/.test(text)) return yield* Effect.fail(overloaded)
            return JSON.stringify({ steps: [], result: 1 })
          })
        )
      )
    })
  )

  it.live("is refused where its file is gone, or there is no such run", () =>
    Effect.gen(function* () {
      const { id } = yield* made
      const rows = [{ item: { q: "a", answer: "a" }, sample: { output_text: "a" } }]
      const file = yield* uploadFile({ file: Upload.fromRows(rows), purpose: "evals" })
      const { id: runId } = yield* createRun(id, {
        data_source: { type: "jsonl", source: { type: "file_id", id: file.id } }
      })
      const before = yield* ended(id, runId)
      yield* deleteFile(file.id)
      const refused = yield* retry(id, runId)
      assert.strictEqual(refused.status, 400)
      assert.include(refused.text, `There is no file \\"${file.id}\\"`)
      assert.deepStrictEqual(yield* ended(id, runId), before)
      assert.strictEqual((yield* retry(id, "evalrun_none")).status, 404)
    }).pipe(withServer(echo))
  )
})

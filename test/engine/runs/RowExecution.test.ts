import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Option, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  type EvalId,
  type EvalsClient,
  executeRun,
  listOutputItems,
  type Run,
  type RunId,
  watchRun
} from "effect-evals"
import { EvalsTest } from "effect-evals/testing/engine"
import { noQuota, overloaded, type Script, scripted, textsOf } from "../../lib/textModels.ts"

const made = createEval({
  data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
  testing_criteria: [
    {
      type: "string_check",
      name: "right",
      input: "{{ sample.output_text }}",
      reference: "{{ item.answer }}",
      operation: "eq"
    }
  ]
})

const source = (items: ReadonlyArray<Record<string, unknown>>) =>
  ({
    type: "completions",
    model: "m",
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.q }}" }] },
    source: { type: "file_content", content: items.map((item) => ({ item })) }
  }) as const

const numbered = (count: number) => Array.from({ length: count }, (_, row) => ({ q: `${row}`, answer: `${row}` }))

const withModels =
  (script: Script) =>
  <A, E>(program: Effect.Effect<A, E, EvalsClient.EvalsClient>) =>
    Effect.provide(program, EvalsTest.layer.pipe(Layer.provide(scripted(script))))

const echo: Script = (call) => Effect.succeed(textsOf(call).join("\n"))

const executed = (items: ReadonlyArray<Record<string, unknown>>, script: Script) =>
  Effect.gen(function* () {
    const { id } = yield* made
    const run = yield* Effect.result(executeRun(id, { data_source: source(items) }))
    const ended: Run.Run =
      run._tag === "Success"
        ? run.success
        : run.failure._tag === "RunFailed"
          ? run.failure.run
          : assert.fail(`${run.failure}`)
    return { run: ended, items: yield* Stream.runCollect(listOutputItems(id, ended.id)) }
  }).pipe(withModels(script))

/** The run once so many of its rows are judged. */
const judged = (evalId: EvalId, runId: RunId, rows: number) =>
  watchRun(evalId, runId).pipe(
    Stream.filter(({ result_counts }) => result_counts.total === rows),
    Stream.runHead,
    Effect.map(Option.getOrThrow)
  )

describe("a run that samples", () => {
  it.effect("asks once for each row, judges the answers, and counts tokens", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const { items, run } = yield* executed(
        [
          { q: "a", answer: "a" },
          { q: "b", answer: "c" }
        ],
        (call) => {
          asked.push(...textsOf(call))
          return echo(call)
        }
      )
      assert.deepStrictEqual(asked.toSorted(), ["a", "b"])
      assert.deepStrictEqual(run.result_counts, { total: 2, errored: 0, failed: 1, passed: 1 })
      assert.deepStrictEqual(run.per_model_usage, [
        {
          model_name: "scripted-1",
          invocation_count: 2,
          prompt_tokens: 6,
          completion_tokens: 2,
          total_tokens: 8,
          cached_tokens: 0
        }
      ])
      assert.deepStrictEqual(
        items.map(({ datasource_item_id, sample, status }) => [
          datasource_item_id,
          status,
          sample?.input,
          sample?.output
        ]),
        [
          [0, "pass", [{ role: "user", content: "a" }], [{ role: "assistant", content: "a" }]],
          [1, "fail", [{ role: "user", content: "b" }], [{ role: "assistant", content: "b" }]]
        ]
      )
    })
  )

  it.effect("errors a row whose messages lack a variable, and sends nothing for it", () =>
    Effect.gen(function* () {
      let asked = 0
      const { items, run } = yield* executed([{ answer: "x" }, { q: "x", answer: "x" }], (call) => {
        asked++
        return echo(call)
      })
      assert.strictEqual(asked, 1)
      assert.deepStrictEqual(run.result_counts, { total: 2, errored: 1, failed: 0, passed: 1 })
      assert.deepInclude(items[0]?.sample?.error ?? {}, { message: "input_messages: {{ item.q }} has no value" })
    })
  )

  it.effect("errors rows whose model fails, and fails where all of them do for one cause", () =>
    Effect.gen(function* () {
      const some = yield* executed(numbered(4), (call) =>
        textsOf(call)[0] === "2" ? Effect.fail(overloaded) : echo(call)
      )
      assert.strictEqual(some.run.status, "completed")
      assert.deepStrictEqual(
        some.items.map(({ status }) => status),
        ["pass", "pass", "error", "pass"]
      )
      const all = yield* executed(numbered(4), () => Effect.fail(overloaded))
      assert.strictEqual(all.run.status, "failed")
      assert.include(all.run.error?.message, "no capacity")
    })
  )

  it.effect("fails with the first error that every request has, and asks no further", () =>
    Effect.gen(function* () {
      let asked = 0
      const { run } = yield* executed(numbered(5000), () => {
        asked++
        return Effect.fail(noQuota)
      })
      assert.strictEqual(run.status, "failed")
      assert.strictEqual(run.error?.code, "insufficient_quota")
      assert.isAtMost(asked, 100)
    })
  )

  it.live("stores rows as they finish: a slow answer holds nobody back", () =>
    Effect.gen(function* () {
      const slow = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(300)) })
        const running = yield* judged(id, runId, 299)
        assert.strictEqual(running.status, "in_progress")
        const items = yield* Stream.runCollect(listOutputItems(id, runId))
        assert.deepStrictEqual(
          items.map(({ datasource_item_id }) => datasource_item_id),
          Array.from({ length: 299 }, (_, index) => (index < 7 ? index : index + 1))
        )
        yield* Deferred.succeed(slow, undefined)
        const run = yield* awaitRun(id, runId)
        assert.deepStrictEqual(run.result_counts, { total: 300, errored: 0, failed: 0, passed: 300 })
      }).pipe(
        withModels((call) => (textsOf(call)[0] === "7" ? Effect.andThen(Deferred.await(slow), echo(call)) : echo(call)))
      )
    })
  )

  it.live("is at most 2,000 rows ahead of its oldest unfinished one", () =>
    Effect.gen(function* () {
      let asked = 0
      const slow = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(2500)) })
        yield* judged(id, runId, 1999)
        assert.strictEqual(asked, 2000)
        yield* Deferred.succeed(slow, undefined)
        const run = yield* awaitRun(id, runId)
        assert.deepStrictEqual(run.result_counts, { total: 2500, errored: 0, failed: 0, passed: 2500 })
      }).pipe(
        withModels((call) =>
          Effect.gen(function* () {
            asked++
            if (textsOf(call)[0] === "0") yield* Deferred.await(slow)
            return yield* echo(call)
          })
        )
      )
    })
  )

  it.live("interrupts the requests in flight when it is canceled, keeps what is finished, and asks no more", () =>
    Effect.gen(function* () {
      let asked = 0
      let interrupted = 0
      const reached = yield* Deferred.make<void>()
      yield* Effect.gen(function* () {
        const { id } = yield* made
        const { id: runId } = yield* createRun(id, { data_source: source(numbered(50)) })
        yield* Deferred.await(reached)
        yield* judged(id, runId, 10)
        const canceled = yield* cancelRun(id, runId)
        const before = asked
        assert.strictEqual(canceled.status, "canceled")
        assert.deepStrictEqual(canceled.result_counts, { total: 10, errored: 0, failed: 0, passed: 10 })
        assert.strictEqual(interrupted, 40)
        yield* Effect.yieldNow
        assert.strictEqual(asked, before)
      }).pipe(
        withModels((call) =>
          Effect.gen(function* () {
            if (++asked === 50) yield* Deferred.succeed(reached, undefined)
            return Number(textsOf(call)[0]) < 10
              ? yield* echo(call)
              : yield* Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
          })
        )
      )
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { EvalId, listEvals, listFiles, listOutputItems, listRuns, listRunsPage, Pagination, RunId } from "effect-evals"
import { EvalsClientTest, ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, fileId, itemId, lines, runId, times, turns } from "./support.ts"

const run = (number: number) => WireBuilder.run({ id: RunId.make(`evalrun_${number}`) })

/** The runs of a page, two each: page 0 has 1 and 2. */
const page = (index: number, has_more: boolean) => WireBuilder.page([run(index * 2 + 1), run(index * 2 + 2)], has_more)

/** A host with so many pages, each of which takes so long. */
const host =
  (count: number, delay: "0 millis" | "10 millis" = "0 millis"): ScriptedHttp.Script =>
  (_, index) => ({ delay, body: page(index, index < count - 1) })

const ids = (runs: ReadonlyArray<{ readonly id: string }>) => runs.map((run) => run.id)

describe("the pages of a list", () => {
  it.effect("are asked for with the id of the last item, until the host has no more", () =>
    Effect.gen(function* () {
      const runs = yield* Stream.runCollect(listRuns(evalId))
      assert.deepStrictEqual(
        ids(runs),
        [1, 2, 3, 4, 5, 6].map((number) => `evalrun_${number}`)
      )
      assert.deepStrictEqual(yield* lines, [
        "GET /v1/evals/eval_1/runs",
        "GET /v1/evals/eval_1/runs?after=evalrun_2",
        "GET /v1/evals/eval_1/runs?after=evalrun_4"
      ])
    }).pipe(Effect.provide(client(host(3))))
  )

  it.effect("begin with the first item where the cursor is null, and no parameter of the query is null", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(listRuns(evalId, { after: null, limit: 2, order: null, status: null }))
      assert.deepStrictEqual(yield* lines, [
        "GET /v1/evals/eval_1/runs?limit=2",
        "GET /v1/evals/eval_1/runs?after=evalrun_2&limit=2"
      ])
    }).pipe(Effect.provide(client(host(2))))
  )

  it.effect("follow the last item, whatever the host calls last_id", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(listRuns(evalId))
      assert.strictEqual((yield* ScriptedHttp.requests)[1]?.query["after"], "evalrun_2")
    }).pipe(Effect.provide(client([{ body: { ...page(0, true), last_id: "evalrun_99" } }, { body: page(1, false) }])))
  )

  it.effect("end with an empty page, though the host says that there is more", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* Stream.runCollect(listRuns(evalId)), 2)
      assert.lengthOf(yield* times, 2)
    }).pipe(Effect.provide(client([{ body: page(0, true) }, { body: WireBuilder.page([], true) }])))
  )

  it.effect("may be none at all", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Stream.runCollect(listRuns(evalId)), [])
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([{ body: WireBuilder.page([]) }])))
  )

  it.effect("fail, after the items of the first, where the host ignores the cursor", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const error = yield* failure(Stream.runForEach(listRuns(evalId), (run) => Effect.sync(() => seen.push(run.id))))
      assert.deepStrictEqual(seen, ["evalrun_1", "evalrun_2"])
      assert.strictEqual(error.reason._tag, "DecodeError")
      assert.include(error.message, "ignores the cursor")
      assert.include(error.message, "evalrun_2")
      assert.lengthOf(yield* times, 2)
    }).pipe(Effect.provide(client([{ body: page(0, true) }])))
  )

  it.effect("fail where the pages of a host go in a circle, however long it is", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const error = yield* failure(Stream.runForEach(listRuns(evalId), (run) => Effect.sync(() => seen.push(run.id))))
      assert.deepStrictEqual(seen, ["evalrun_1", "evalrun_2", "evalrun_3", "evalrun_4", "evalrun_5", "evalrun_6"])
      assert.include(error.message, "the page after evalrun_6 ends at evalrun_2, as an earlier one does")
      assert.lengthOf(yield* times, 4)
    }).pipe(
      Effect.provide(client([page(0, true), page(1, true), page(2, true), page(0, true)].map((body) => ({ body }))))
    )
  )

  it.effect("fail where a circle begins with a page of another size", () =>
    Effect.gen(function* () {
      const error = yield* failure(Stream.runDrain(listRuns(evalId)))
      assert.include(error.message, "the page after evalrun_4 begins at evalrun_1, as an earlier one does")
    }).pipe(
      Effect.provide(client([page(0, true), page(1, true), WireBuilder.page([run(1)], true)].map((body) => ({ body }))))
    )
  )

  it.effect("keep limit, order, filters and headers, and begin after a cursor of one's own", () =>
    Effect.gen(function* () {
      const list = listRuns(
        evalId,
        { limit: 2, order: "asc", status: "failed", after: RunId.make("evalrun_0") },
        { headers: { "x-team": "quality" } }
      )
      yield* Stream.runDrain(list)
      const requests = yield* ScriptedHttp.requests
      const kept = { limit: "2", order: "asc", status: "failed" }
      assert.deepStrictEqual(
        requests.map((request) => request.query),
        [
          { ...kept, after: "evalrun_0" },
          { ...kept, after: "evalrun_2" }
        ]
      )
      assert.isTrue(requests.every((request) => request.headers["x-team"] === "quality"))
    }).pipe(Effect.provide(client(host(2))))
  )

  it.effect("of every list go by the same rules", () =>
    Effect.gen(function* () {
      const evals = yield* Stream.runCollect(listEvals({ order_by: "updated_at" })).pipe(
        Effect.provide(
          client([
            { body: WireBuilder.page([WireBuilder.evaluation()], true) },
            { body: WireBuilder.page([WireBuilder.evaluation({ id: EvalId.make("eval_2") })]) }
          ])
        )
      )
      const list = Effect.gen(function* () {
        const items = yield* Stream.runCollect(listOutputItems(evalId, runId, { status: "fail" }))
        const files = yield* Stream.runCollect(listFiles({ purpose: "evals" }))
        return { items, files, lines: yield* lines }
      })
      const {
        files,
        items,
        lines: sent
      } = yield* list.pipe(
        Effect.provide(
          client(({ path }) => ({
            body: path.startsWith("/v1/files")
              ? WireBuilder.page([WireBuilder.file()])
              : WireBuilder.page([WireBuilder.outputItem()])
          }))
        )
      )
      assert.deepStrictEqual(ids(evals), ["eval_1", "eval_2"])
      assert.deepStrictEqual(ids(items), [itemId])
      assert.deepStrictEqual(ids(files), [fileId])
      assert.deepStrictEqual(sent, [
        "GET /v1/evals/eval_1/runs/evalrun_1/output_items?status=fail",
        "GET /v1/files?purpose=evals"
      ])
    })
  )

  it.effect("can be asked for one by one", () =>
    Effect.gen(function* () {
      const first = yield* listRunsPage(evalId, { limit: 2 })
      const second = yield* listRunsPage(evalId, { limit: 2, after: RunId.make(first.last_id ?? "") })
      assert.deepStrictEqual([ids(first.data), first.has_more], [["evalrun_1", "evalrun_2"], true])
      assert.deepStrictEqual([ids(second.data), second.has_more], [["evalrun_3", "evalrun_4"], false])
    }).pipe(Effect.provide(client(host(2))))
  )
})

describe("fetching ahead", () => {
  it.effect("a page of 10 ms is fetched while another is used for 10 ms", () =>
    Effect.gen(function* () {
      const list = Pagination.pages((cursor: Pagination.Cursor<RunId>) => listRunsPage(evalId, cursor), {})
      const fiber = yield* Effect.forkChild(Stream.runForEach(list, () => Effect.sleep("10 millis")))
      yield* TestClock.adjust("100 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("10 millis")
      assert.isDefined(fiber.pollUnsafe())
    }).pipe(Effect.provide(client(host(10, "10 millis"))))
  )

  it.effect("is one page, however slow the consumer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Stream.runForEach(listRuns(evalId), () => Effect.sleep("1 hour")))
      yield* TestClock.adjust("90 minutes")
      // the items of page 1 are still being used
      assert.lengthOf(yield* times, 2)
      yield* TestClock.adjust("1 hour")
      // page 2 is used, page 3 waits
      assert.lengthOf(yield* times, 3)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(client(host(10, "10 millis"))))
  )

  it.effect("is one page where a page costs no time at all", () =>
    Effect.gen(function* () {
      let asked = 0
      const inProcess = EvalsClientTest.layer({
        listRunsPage: () => Effect.sync(() => page(asked++, true))
      })
      const fiber = yield* Effect.forkChild(
        Effect.provide(
          Stream.runForEach(listRuns(evalId), () => Effect.never),
          inProcess
        )
      )
      yield* turns
      assert.strictEqual(asked, 2)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("ends with Stream.take", () =>
    Effect.gen(function* () {
      const runs = yield* elapse(Stream.runCollect(Stream.take(listRuns(evalId), 3)))
      assert.deepStrictEqual(ids(runs), ["evalrun_1", "evalrun_2", "evalrun_3"])
      // pages 1 and 2, and at most the one that was being fetched
      assert.isAtMost((yield* times).length, 3)
    }).pipe(Effect.provide(client(host(100, "10 millis"))))
  )

  it.effect("does not bring an error forward: the items before it come first", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const error = yield* failure(
        Stream.runForEach(listRuns(evalId, {}, { retry: false }), (run) =>
          Effect.andThen(
            Effect.sleep("1 second"),
            Effect.sync(() => seen.push(run.id))
          )
        )
      )
      assert.strictEqual(error.status, 404)
      assert.deepStrictEqual(seen, ["evalrun_1", "evalrun_2", "evalrun_3", "evalrun_4"])
    }).pipe(Effect.provide(client([{ body: page(0, true) }, { body: page(1, true) }, { status: 404 }])))
  )

  it.effect("stops a request that nobody waits for", () =>
    Effect.gen(function* () {
      yield* elapse(Stream.runDrain(Stream.take(listRuns(evalId), 1)))
      yield* TestClock.adjust("1 hour")
      assert.isAtMost((yield* times).length, 2)
    }).pipe(Effect.provide(client(host(100, "10 millis"))))
  )
})

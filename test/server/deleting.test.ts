/** What becomes of what hangs on an object that is deleted: runs, items, rows, and work in progress. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Executor from "../../src/engine/runs/Executor.ts"
import { folder } from "../archive/lib/run.ts"
import { at, definition, label, laborious, over, row, send } from "../behaviour/lib/engine.ts"
import { field, file as filePart, form, formHeaders, upload } from "./lib/forms.ts"
import { count, database, engine, layerFile, layerMemory, until } from "./lib/parts.ts"

const make = (path: string, body: unknown) => Effect.map(send("POST", path, body), ({ json }) => String(at(json, "id")))

const uploaded = (content: string) =>
  Effect.map(send("POST", "/files", upload(content), formHeaders()), ({ json }) => String(at(json, "id")))

const overFile = (id: string) => ({ data_source: { type: "jsonl", source: { type: "file_id", id } } })

/** Rows of so many bytes each. */
const large = (rows: number, bytes: number): string =>
  `${JSON.stringify(row(true, { text: "x".repeat(bytes - 60) }))}\n`.repeat(rows)

/** The run when it has ended, or undefined when it is gone. */
const ended = (path: string) =>
  Effect.andThen(
    send("GET", `${path}/events`),
    Effect.map(send("GET", path), ({ json, status }) => (status === 200 ? json : undefined))
  )

/** The run when some of its rows are judged. */
const begun = (path: string) =>
  until(
    Effect.map(send("GET", path), ({ json }) => at(json, "result_counts", "total")),
    (total) => typeof total === "number" && total > 0
  )

const tables = [
  "evals",
  "runs",
  "output_items",
  "run_batches",
  "run_executions",
  "files",
  "file_pieces",
  "removals"
] as const
const counts = Effect.all(tables.map((table) => Effect.map(count(table), (n) => [table, n] as const)))
const nothing = tables.map((table) => [table, 0] as const)
const isNothing = (found: ReadonlyArray<readonly [string, number]>) => found.every(([, n]) => n === 0)

it.live("deleting an eval deletes its runs, their items and rows, also of runs in progress", () =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition(laborious(2000)))
    const runs = `/evals/${evalId}/runs`
    const done = yield* make(runs, over([row(true), row(false)]))
    yield* ended(`${runs}/${done}`)
    const many = (rows: number) => over(Array.from({ length: rows }, (_, index) => row(true, { index })))
    const going = `${runs}/${yield* make(runs, many(6000))}`
    yield* begun(going)
    const waiting = [yield* make(runs, many(500)), yield* make(runs, many(500))]
    const gone = yield* send("DELETE", `/evals/${evalId}`)
    assert.deepStrictEqual(gone.json, { object: "eval.deleted", deleted: true, eval_id: evalId })
    for (const path of [`/evals/${evalId}`, runs, going, `${going}/output_items`, `${runs}/${waiting[0]}/events`]) {
      assert.strictEqual((yield* send("GET", path)).status, 404, path)
    }
    assert.strictEqual((yield* send("DELETE", `/evals/${evalId}`)).status, 404)
    assert.deepStrictEqual(yield* until(counts, isNothing), nothing)
  }).pipe(Effect.provide(layerMemory))
)

it.live("a run that is deleted while it is executed leaves nothing behind, and does not change the eval", () =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition(laborious(2000)))
    const path = `/evals/${evalId}/runs/${yield* make(
      `/evals/${evalId}/runs`,
      over(Array.from({ length: 6000 }, (_, index) => row(true, { index })))
    )}`
    yield* begun(path)
    assert.strictEqual((yield* send("DELETE", path)).status, 200)
    assert.strictEqual((yield* send("GET", path)).status, 404)
    yield* until(counts, (found) => isNothing(found.slice(1)))
    // and nothing comes after it
    const again = `/evals/${evalId}/runs/${yield* make(`/evals/${evalId}/runs`, over([row(true)]))}`
    assert.strictEqual(at(yield* ended(again), "status"), "completed")
    assert.deepStrictEqual(yield* count("output_items"), 1)
  }).pipe(Effect.provide(layerMemory))
)

it.live("a run with many items disappears at once, and its items are swept", () =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition())
    const runs = `/evals/${evalId}/runs`
    const path = `${runs}/${yield* make(runs, over(Array.from({ length: 4000 }, () => row(true))))}`
    yield* ended(path)
    assert.strictEqual(yield* count("output_items"), 4000)
    assert.strictEqual((yield* send("DELETE", path)).status, 200)
    assert.strictEqual((yield* send("GET", `/evals/${evalId}`)).status, 200)
    yield* until(counts, (found) => isNothing(found.slice(1)))
  }).pipe(Effect.provide(layerMemory))
)

// an executor that leaves all to the next process
const idle = Executor.layerNone

const fileGone = (id: string) => ({
  code: "file_not_found",
  message: `The file ${id} with the rows of this run was deleted before the run ended.`
})

it.live(
  "a file that is gone, or a part of it, when a run over it begins lets the run fail, with an error that names it",
  () =>
    Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      const queued = yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const evalId = yield* make("/evals", definition())
        const gone = yield* uploaded(large(3, 200))
        const partial = yield* uploaded(large(700, 3000))
        const started = (id: string) =>
          Effect.map(
            make(`/evals/${evalId}/runs`, overFile(id)),
            (run) => [id, `/evals/${evalId}/runs/${run}`] as const
          )
        const runs = [yield* started(gone), yield* started(partial)]
        assert.strictEqual((yield* send("DELETE", `/files/${gone}`)).status, 200)
        yield* sql`DELETE FROM file_pieces WHERE file_id = ${partial} AND piece = 1`
        for (const [, path] of runs) assert.strictEqual(at((yield* send("GET", path)).json, "status"), "queued")
        return runs
      }).pipe(Effect.provide(Layer.provideMerge(engine(idle), database(filename))))
      yield* Effect.gen(function* () {
        for (const [id, path] of queued) {
          const run = yield* ended(path)
          assert.deepStrictEqual([at(run, "status"), at(run, "error")], ["failed", fileGone(id)])
          const refused = yield* send("POST", path.replace(/\/[^/]*$/, ""), overFile(id))
          assert.deepStrictEqual(at(refused.json, "error"), {
            message: `data_source.source.id: There is no file "${id}".`,
            type: "invalid_request_error",
            param: "data_source.source.id",
            code: "not_found"
          })
        }
      }).pipe(Effect.provide(layerFile(filename)))
    }).pipe(Effect.scoped)
)

it.live("deleting a file while its rows are judged fails the run; judged items stay", () =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition(label, laborious(500)))
    const rows = 3000
    const file = yield* uploaded(large(rows, 3000))
    const path = `/evals/${evalId}/runs/${yield* make(`/evals/${evalId}/runs`, overFile(file))}`
    yield* begun(path)
    assert.strictEqual((yield* send("DELETE", `/files/${file}`)).status, 200)
    const run = yield* ended(path)
    assert.deepStrictEqual([at(run, "status"), at(run, "error")], ["failed", fileGone(file)])
    const judged = Number(at(run, "result_counts", "total"))
    assert.isAbove(judged, 0)
    assert.isBelow(judged, rows)
    assert.deepStrictEqual(at(run, "result_counts"), { total: judged, errored: 0, failed: 0, passed: judged })
    assert.strictEqual(yield* count("output_items"), judged)
    yield* until(count("file_pieces"), (pieces) => pieces === 0)
  }).pipe(Effect.provide(layerMemory))
)

it.effect("an expired file is not found, and its content is removed with the next upload", () =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition())
    const expiring = form([
      field("purpose", "evals"),
      field("expires_after[anchor]", "created_at"),
      field("expires_after[seconds]", "3600"),
      filePart(large(1, 200))
    ])
    const sent = yield* send("POST", "/files", expiring, formHeaders())
    const id = String(at(sent.json, "id"))
    assert.strictEqual(Number(at(sent.json, "expires_at")) - Number(at(sent.json, "created_at")), 3600)
    const stays = yield* uploaded("{}")
    const listed = Effect.map(send("GET", "/files"), ({ json }) =>
      [at(json, "data")].flat().map((one) => at(one, "id"))
    )
    yield* TestClock.adjust("59 minutes")
    assert.sameMembers(yield* listed, [id, stays])
    yield* TestClock.adjust("1 minute")
    for (const path of [`/files/${id}`, `/files/${id}/content`]) {
      assert.strictEqual((yield* send("GET", path)).status, 404)
    }
    assert.strictEqual((yield* send("DELETE", `/files/${id}`)).status, 404)
    const refused = yield* send("POST", `/evals/${evalId}/runs`, overFile(id))
    assert.deepStrictEqual([refused.status, at(refused.json, "error", "code")], [400, "not_found"])
    assert.deepStrictEqual(yield* listed, [stays])
    const next = yield* uploaded("{}")
    assert.sameMembers(yield* listed, [stays, next])
    yield* Effect.repeat(Effect.andThen(Effect.yieldNow, count("file_pieces")), { until: (pieces) => pieces === 2 })
    assert.strictEqual(yield* count("files"), 2)
  }).pipe(Effect.provide(layerMemory))
)

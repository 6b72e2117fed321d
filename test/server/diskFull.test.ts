/** A database that has no room left: nothing that was acknowledged is lost, and runs wait for room. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { folder } from "../archive/lib/run.ts"
import { at, definition, row, send } from "../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./lib/forms.ts"
import { completion } from "../lib/modelServer.ts"
import { scripted } from "../lib/scriptedModels.ts"
import { count, layerFile, layerMemory, until } from "./lib/parts.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const ids = (json: unknown): ReadonlyArray<string> => [at(json, "data")].flat().map((one) => String(at(one, "id")))

const pragma = (statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql.unsafe<Record<string, number>>(`PRAGMA ${statement}`),
      ([found]) => Object.values(found ?? {})[0] ?? 0
    )
  )

/** Leaves room for so many pages of 4 KB more, as a disk does that is almost full. */
const leave = (pages: number) =>
  Effect.flatMap(pragma("page_count"), (used) => pragma(`max_page_count = ${used + pages}`))

const rows = 1500
const jsonl = Array.from({ length: rows }, (_, index) => `${JSON.stringify(row(index % 3 !== 0, { index }))}\n`).join(
  ""
)

const overFile = (id: string) => ({ data_source: { type: "jsonl", source: { type: "file_id", id } } })

const counts = { total: rows, errored: 0, failed: rows / 3, passed: (rows / 3) * 2 }

const full = {
  error: {
    message:
      "The disk of the server's database is full. Nothing of this request was stored; " +
      "acknowledged data are safe. Free space and send the request again.",
    type: "server_error",
    param: null,
    code: "disk_full"
  }
}

const listening = () => {
  const logged: Array<string> = []
  const layer = Logger.layer([
    Logger.make(({ message }) => {
      logged.push(String([message].flat()[0]))
    })
  ])
  return { logged, layer }
}

it.effect("every write is refused with 507 when the disk is full; acknowledged data are kept", () =>
  Effect.gen(function* () {
    const first = idOf(yield* send("POST", "/evals", definition()))
    const file = idOf(yield* send("POST", "/files", upload(jsonl), formHeaders()))
    const acknowledged = [first]
    yield* leave(4)
    for (let made = yield* send("POST", "/evals", definition()); made.status !== 507;) {
      assert.strictEqual(made.status, 201)
      acknowledged.push(idOf(made))
      made = yield* send("POST", "/evals", definition())
    }
    assert.isAbove(acknowledged.length, 5)
    const large = { name: "x".repeat(20_000) }
    for (const [path, body, headers] of [
      ["/evals", { ...definition(), ...large }],
      [`/evals/${first}`, large],
      [`/evals/${first}/runs`, { ...overFile(file), ...large }],
      ["/files", upload("x".repeat(20_000)), formHeaders()]
    ] as const) {
      const refused = yield* send("POST", path, body, headers)
      assert.deepStrictEqual([refused.status, refused.json], [507, full], path)
      assert.strictEqual(refused.headers.get("x-should-retry"), "false")
    }
    // reading goes on
    assert.deepStrictEqual(ids((yield* send("GET", "/evals?limit=100")).json), acknowledged)
    assert.strictEqual(at((yield* send("GET", `/evals/${first}`)).json, "name"), first)
    assert.deepStrictEqual(ids((yield* send("GET", "/files")).json), [file])
    assert.deepStrictEqual(ids((yield* send("GET", `/evals/${first}/runs`)).json), [])
    const content = yield* send("GET", `/files/${file}/content`)
    assert.strictEqual(content.json, jsonl)

    yield* leave(10_000)
    assert.strictEqual((yield* send("POST", `/evals/${first}`, large)).status, 200)
    assert.strictEqual((yield* send("POST", "/files", upload("x".repeat(20_000)), formHeaders())).status, 200)
    // of the one that was refused nothing is left
    assert.strictEqual(yield* count("file_pieces"), 2)
  }).pipe(Effect.provide(layerMemory))
)

it.effect("deleting frees space in a full database", () =>
  Effect.gen(function* () {
    const file = idOf(yield* send("POST", "/files", upload("x".repeat(200_000)), formHeaders()))
    yield* leave(0)
    const another = () => send("POST", "/files", upload("y".repeat(150_000)), formHeaders())
    assert.strictEqual((yield* another()).status, 507)
    assert.strictEqual((yield* send("DELETE", `/files/${file}`)).status, 200)
    yield* Effect.repeat(Effect.andThen(Effect.yieldNow, count("file_pieces")), { until: (pieces) => pieces === 0 })
    assert.strictEqual((yield* another()).status, 200)
  }).pipe(Effect.provide(layerMemory))
)

it.effect("a run waits for space, and then resumes", () => {
  const { layer, logged } = listening()
  return Effect.gen(function* () {
    const evalId = idOf(yield* send("POST", "/evals", definition()))
    const file = idOf(yield* send("POST", "/files", upload(jsonl), formHeaders()))
    yield* leave(40)
    const created = yield* send("POST", `/evals/${evalId}/runs`, overFile(file))
    assert.strictEqual(created.status, 201)
    const path = `/evals/${evalId}/runs/${idOf(created)}`
    const waits = `run ${idOf(created)} waits: the disk of the database is full`
    const waited = (times: number) =>
      Effect.repeat(
        Effect.promise(() => new Promise((resume) => setImmediate(resume))),
        { until: () => logged.filter((line) => line === waits).length >= times }
      )
    yield* waited(1)
    const stood = yield* send("GET", path)
    assert.strictEqual(at(stood.json, "status"), "in_progress")
    const judged = at(stood.json, "result_counts", "total")
    assert.isTrue(typeof judged === "number" && judged > 0 && judged < rows, String(judged))
    assert.strictEqual(yield* count("output_items"), judged)
    // as long as it takes, and at most 30 seconds from one attempt to the next
    for (let times = 2; times < 20; times++) {
      yield* TestClock.adjust("30 seconds")
      yield* waited(times)
    }
    // what room is left may hold a few rows more, but not all
    const still = yield* send("GET", path)
    assert.strictEqual(at(still.json, "status"), "in_progress")
    assert.strictEqual(at(still.json, "result_counts", "total"), yield* count("output_items"))
    assert.isBelow(Number(at(still.json, "result_counts", "total")), rows)
    yield* leave(10_000)
    yield* TestClock.adjust("30 seconds")
    // ends with the run
    yield* send("GET", `${path}/events`)
    const run = yield* send("GET", path)
    assert.deepStrictEqual([at(run.json, "status"), at(run.json, "result_counts")], ["completed", counts])
    assert.strictEqual(yield* count("output_items"), rows)
  }).pipe(Effect.provide(Layer.provideMerge(layerMemory, layer)))
})

it.live("a run in a file waits for space too, also for the state of its execution", () => {
  const { layer, logged } = listening()
  return Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const evalId = idOf(yield* send("POST", "/evals", definition()))
      const file = idOf(yield* send("POST", "/files", upload(jsonl), formHeaders()))
      const said = (line: string) =>
        until(
          Effect.sync(() => logged.includes(line)),
          (found) => found
        )
      const ends = (path: string) =>
        Effect.gen(function* () {
          yield* send("GET", `${path}/events`)
          const { json } = yield* send("GET", path)
          assert.deepStrictEqual([at(json, "status"), at(json, "result_counts")], ["completed", counts])
        })
      const created = Effect.map(
        send("POST", `/evals/${evalId}/runs`, overFile(file)),
        (made) => `/evals/${evalId}/runs/${idOf(made)}`
      )
      yield* leave(60)
      const path = yield* created
      yield* said(`run ${path.split("/").at(-1)} waits: the disk of the database is full`)
      yield* leave(10_000)
      yield* ends(path)
      // an execution that has ended, but cannot be removed
      logged.length = 0
      yield* sql.unsafe(`CREATE TRIGGER full BEFORE DELETE ON run_executions BEGIN SELECT raise(FAIL, 'full'); END`)
      const next = yield* created
      yield* said(`run ${next.split("/").at(-1)} tries again: full`)
      yield* sql`DROP TRIGGER full`
      yield* ends(next)
      yield* until(count("run_executions"), (left) => left === 0)
    }).pipe(Effect.provide(Layer.provideMerge(layerFile(filename), layer)))
  }).pipe(Effect.scoped)
})

const sampledRun = {
  data_source: {
    type: "completions",
    model: "m",
    input_messages: { type: "template", template: [{ role: "user", content: "{{ item.index }}" }] },
    source: {
      type: "file_content",
      content: Array.from({ length: 300 }, (_, index) => ({
        item: { ...row(true).item, index, text: "x".repeat(2000) }
      }))
    }
  }
}

/** Models that answer with long texts. */
const talkative = scripted({ ask: () => ({ body: completion("x".repeat(2000)) }) }).layer

it.effect("a run that asks models waits for space, and then resumes", () => {
  const { layer, logged } = listening()
  return Effect.gen(function* () {
    const evalId = idOf(yield* send("POST", "/evals", definition()))
    const created = yield* send("POST", `/evals/${evalId}/runs`, sampledRun)
    assert.strictEqual(created.status, 201, JSON.stringify(created.json))
    yield* leave(40)
    yield* Effect.repeat(Effect.yieldNow, { until: () => logged.some((line) => line.includes("waits: the disk")) })
    const path = `/evals/${evalId}/runs/${idOf(created)}`
    assert.strictEqual(at((yield* send("GET", path)).json, "status"), "in_progress")
    yield* leave(10_000)
    yield* TestClock.adjust("30 seconds")
    const run = yield* Effect.repeat(send("GET", path), { until: ({ json }) => at(json, "status") !== "in_progress" })
    assert.deepStrictEqual(at(run.json, "result_counts"), { total: 300, errored: 0, failed: 300, passed: 0 })
  }).pipe(Effect.provide([layerMemory.pipe(Layer.provide(talkative)), layer]))
})

it.effect("an engine with such a run closes although the disk is full", () => {
  const { layer, logged } = listening()
  return Effect.gen(function* () {
    const evalId = idOf(yield* send("POST", "/evals", definition()))
    yield* send("POST", `/evals/${evalId}/runs`, sampledRun)
    yield* leave(40)
    yield* Effect.repeat(Effect.yieldNow, { until: () => logged.some((line) => line.includes("waits: the disk")) })
  }).pipe(Effect.provide([layerMemory.pipe(Layer.provide(talkative)), layer]))
})

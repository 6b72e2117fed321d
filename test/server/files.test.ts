/** Files that expire, or are deleted, while somebody uploads, reads or downloads. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EvalsEngine } from "effect-evals/engine"
import * as Engine from "../../src/engine/Engine.ts"
import * as Executor from "../../src/engine/runs/Executor.ts"
import { Sweeper } from "../../src/engine/operations/Sweeper.ts"
import { folder } from "../archive/lib/run.ts"
import { at, definition, over, row, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"
import { count, database, engine, layerMemory, until } from "./lib/parts.ts"
import { layerServed, Served } from "./lib/served.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const put = (content: string) => send("POST", "/files", upload(content), formHeaders())

const expiring = (content: string) =>
  send(
    "POST",
    "/files",
    form([
      field("purpose", "evals"),
      field("expires_after[anchor]", "created_at"),
      field("expires_after[seconds]", "3600"),
      file(content)
    ]),
    formHeaders()
  )

const status = (path: string) => Effect.map(send("GET", path), (answer) => answer.status)

/** Lets others go on, without any time passing, until something holds. */
const soon = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (found: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.repeat(Effect.andThen(Effect.yieldNow, look), { until: holds })

// =============================================================================
// files whose time is over
// =============================================================================

it.effect("an upload is stored although expired files cannot be removed; the next upload retries the removal", () => {
  const logged: Array<string> = []
  const listening = Logger.layer([
    Logger.make(({ message }) => {
      logged.push(String([message].flat()[0]))
    })
  ])
  return Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const old = idOf(yield* expiring("{}"))
    yield* sql.unsafe(
      `CREATE TRIGGER stuck BEFORE DELETE ON files WHEN OLD.id = '${old}' BEGIN SELECT raise(ABORT, 'stuck'); END`
    )
    yield* TestClock.adjust("1 hour")
    const made = yield* put("{}")
    assert.strictEqual(made.status, 200)
    yield* soon(
      Effect.sync(() => logged.length),
      (lines) => lines > 0
    )
    assert.match(logged.join("\n"), /^expired files could not be removed yet: .*$/)
    assert.strictEqual(yield* status(`/files/${idOf(made)}`), 200)
    yield* sql`DROP TRIGGER stuck`
    const next = yield* put("{}")
    yield* soon(count("file_pieces"), (pieces) => pieces === 2)
    for (const { json } of [made, next]) assert.strictEqual(yield* status(`/files/${String(at(json, "id"))}`), 200)
  }).pipe(Effect.provide(Layer.provideMerge(layerMemory, listening)))
})

it.effect("a sender that disconnects after its file is stored finds it with its key", () => {
  let sweeps = 0
  // what has expired takes for ever to be removed
  const sweeper = Layer.succeed(
    Sweeper,
    Sweeper.of({ sweep: () => Effect.suspend(() => (sweeps++ === 0 ? Effect.never : Effect.void)) })
  )
  const parts = Layer.provideMerge(Engine.layer({ sweeper }), database(":memory:"))
  return Effect.gen(function* () {
    yield* expiring("{}")
    yield* TestClock.adjust("1 hour")
    const { caller, createFile } = yield* Engine.operationsOf
    const fields = Effect.succeed({ filename: "rows.jsonl", purpose: "evals", expiresAfter: undefined })
    const content = Stream.succeed(new TextEncoder().encode("{}"))
    const own = yield* caller(undefined)
    const sending = yield* Effect.forkChild(createFile(own, content, fields, { key: "k", repeated: false }))
    yield* soon(
      Effect.sync(() => sweeps),
      (begun) => begun > 0
    )
    const again = yield* send("POST", "/files", upload("{}"), { ...formHeaders(), "idempotency-key": "k" })
    yield* Fiber.interrupt(sending)
    assert.strictEqual(again.status, 200)
    assert.strictEqual(yield* status(`/files/${idOf(again)}`), 200)
    assert.strictEqual(yield* status(`/files/${idOf(again)}/content`), 200)
  }).pipe(Effect.provide(parts))
})

// an executor that leaves all to the next process
const idle = Executor.layerNone

it.effect("an expired file is not found, but runs over it read it to its end", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const overFile = (id: string) => ({ data_source: { type: "jsonl", source: { type: "file_id", id } } })
    const rows = `${JSON.stringify(row(true))}\n`.repeat(20)
    const path = yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
      const read = idOf(yield* expiring(rows))
      yield* expiring("not read")
      const run = `${runs}/${idOf(yield* send("POST", runs, overFile(read)))}`
      yield* TestClock.adjust("1 hour")
      for (const gone of [`/files/${read}`, `/files/${read}/content`]) assert.strictEqual(yield* status(gone), 404)
      assert.strictEqual((yield* send("POST", runs, overFile(read))).status, 400)
      yield* put("{}")
      // that of the other file goes
      yield* soon(count("file_pieces"), (pieces) => pieces === 2)
      assert.strictEqual(at((yield* send("GET", run)).json, "status"), "queued")
      return run
    }).pipe(Effect.provide(Layer.provideMerge(engine(idle), database(filename))))
    yield* Effect.gen(function* () {
      // ends with the run
      yield* send("GET", `${path}/events`)
      const { json } = yield* send("GET", path)
      assert.deepStrictEqual([at(json, "status"), at(json, "error")], ["completed", null])
      assert.deepStrictEqual(at(json, "result_counts"), { total: 20, errored: 0, failed: 0, passed: 20 })
      yield* put("{}")
      yield* soon(count("file_pieces"), (pieces) => pieces === 2)
    }).pipe(Effect.provide(Layer.provideMerge(engine(), database(filename))))
  }).pipe(Effect.scoped)
)

// =============================================================================
// contents that end early
// =============================================================================

const mebibyte = 1024 * 1024

/** How the body of an answer ends: its size, or that it broke off. */
const sizeOf = (answer: Promise<Response>) =>
  Effect.promise(() =>
    answer
      .then((response) => response.arrayBuffer())
      .then(
        (body) => body.byteLength,
        () => "broken off"
      )
  )

const losing = (id: unknown) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM file_pieces WHERE file_id = ${String(id)} AND piece = 1`)

it.live("a download states its size, and is aborted if its file ends early", () =>
  Effect.gen(function* () {
    const { url } = yield* Served
    const inProcess = yield* EvalsEngine.makeFetch
    for (const size of [0, 10, mebibyte, 2 * mebibyte + 10]) {
      const path = `/files/${idOf(yield* put("x".repeat(size)))}/content`
      for (const ask of [fetch, inProcess]) {
        const answer = yield* Effect.promise(() => ask(`${url}${path}`))
        assert.strictEqual(answer.headers.get("content-length"), String(size))
        assert.strictEqual(yield* sizeOf(Promise.resolve(answer)), size)
      }
    }
    const id = idOf(yield* put("x".repeat(3 * mebibyte)))
    yield* losing(id)
    for (const ask of [fetch, inProcess]) {
      assert.strictEqual(yield* sizeOf(ask(`${url}/files/${id}/content`)), "broken off")
    }
  }).pipe(Effect.provide(Layer.provideMerge(layerServed(), layerMemory)))
)

it.live("a download is aborted if its file is deleted meanwhile", () =>
  Effect.gen(function* () {
    const ask = yield* EvalsEngine.makeFetch
    const id = idOf(yield* put("x".repeat(5 * mebibyte)))
    const answer = yield* Effect.promise(() => ask(`http://localhost/v1/files/${id}/content`))
    const reader = answer.body?.getReader()
    const first = yield* Effect.promise(async () => await reader?.read())
    assert.strictEqual(first?.value?.length, mebibyte)
    assert.strictEqual((yield* send("DELETE", `/files/${id}`)).status, 200)
    yield* until(count("file_pieces"), (pieces) => pieces === 0)
    const rest = async (): Promise<string> => ((await reader?.read())?.done === true ? "whole" : rest())
    assert.strictEqual(yield* Effect.promise(() => rest().catch(() => "broken off")), "broken off")
  }).pipe(Effect.provide(layerMemory))
)

const large = (bytes: number) => over([row(true, { text: "x".repeat(bytes) })])

it.live("a response with the rows of a run is aborted if they end early", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { url } = yield* Served
    const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
    const path = `${runs}/${idOf(yield* send("POST", runs, large(3 * mebibyte)))}`
    const inProcess = yield* EvalsEngine.makeFetch
    for (const each of [path, runs]) {
      for (const ask of [fetch, inProcess]) assert.isAbove(Number(yield* sizeOf(ask(`${url}${each}`))), 3 * mebibyte)
    }
    const files = yield* sql<{ readonly id: string }>`SELECT id FROM files`
    yield* losing(files[0]?.id)
    for (const each of [path, runs]) {
      for (const ask of [fetch, inProcess]) assert.strictEqual(yield* sizeOf(ask(`${url}${each}`)), "broken off", each)
    }
  }).pipe(Effect.provide(Layer.provideMerge(layerServed(), Layer.provideMerge(engine(idle), database(":memory:")))))
)

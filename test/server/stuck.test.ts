/** Runs over a database that refuses statements for a while. */
import { assert, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Logger, Scope } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { TestClock } from "effect/testing"
import { DatabaseSync } from "node:sqlite"
import * as Engine from "../../src/engine/Engine.ts"
import * as Executor from "../../src/engine/runs/Executor.ts"
import * as Workers from "../../src/engine/work/Workers.ts"
import { folder } from "../archive/lib/run.ts"
import { at, definition, over, row, send } from "../behaviour/lib/engine.ts"
import { hold, release } from "../behaviour/lib/held.ts"
import { noExecutions } from "../engine/runs/crash/lib/servers.ts"
import { database, layerFile, until } from "./lib/parts.ts"
import { layerServed, post, raw } from "./lib/served.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const count = 200
const many = over(Array.from({ length: count }, (_, index) => row(index % 2 === 0, { index })))

/** Statements of an execution that the database refuses. */
const refused = [
  ["batch", "INSERT ON run_batches"],
  ["end", "DELETE ON run_executions"]
] as const

/** Changes a file as another process does. */
const change = (filename: string, statement: string) =>
  Effect.sync(() => {
    const connection = new DatabaseSync(filename, { timeout: 10_000 })
    connection.exec(statement)
    connection.close()
  })

const listening = () => {
  const logged: Array<string> = []
  const layer = Logger.layer([
    Logger.make(({ message }) => {
      logged.push(String([message].flat()[0]))
    })
  ])
  const said = (line: string) =>
    until(
      Effect.sync(() => logged.includes(line)),
      (found) => found
    )
  return { layer, said }
}

const ends = (path: string) =>
  until(
    Effect.map(send("GET", path), ({ json }) => json),
    (run) => at(run, "status") === "completed"
  )

it.live("a run is canceled and deleted, and the server stops, while the database stores no batch", () => {
  const { layer, said } = listening()
  return Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const opened = EvalsEngine.layerSqlite({ filename })
    const scope = yield* Scope.make()
    const server = yield* Layer.buildWithScope(
      Layer.provideMerge(layerServed({ gracePeriod: "1 second" }), Layer.fresh(opened)),
      scope
    )
    const paths = yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* post("/evals", definition()))}/runs`
      hold(filename, 100)
      const made = Effect.map(post(runs, many), (answer) => `${runs}/${idOf(answer)}`)
      const begun = Effect.tap(made, (path) =>
        until(raw(path), ({ json }) => Number(at(json, "result_counts", "total")) > 0)
      )
      const [canceled, deleted, left] = [yield* begun, yield* begun, yield* begun]
      for (const [name, event] of refused) {
        yield* change(filename, `CREATE TRIGGER no_${name} BEFORE ${event} BEGIN SELECT raise(FAIL, 'no'); END`)
      }
      const waiting = yield* made
      yield* said(`run ${waiting.split("/").at(-1)} tries again: no`)
      assert.strictEqual(at((yield* post(`${canceled}/cancel`, {})).json, "status"), "canceled")
      assert.strictEqual((yield* raw(deleted, { method: "DELETE" })).status, 200)
      const other = yield* made
      assert.strictEqual((yield* raw(other, { method: "DELETE" })).status, 200)
      return { canceled, left, waiting }
    }).pipe(Effect.provideContext(server))
    const before = yield* Clock.currentTimeMillis
    yield* Scope.close(scope, Exit.void)
    assert.isBelow((yield* Clock.currentTimeMillis) - before, 8000)

    for (const [name] of refused) yield* change(filename, `DROP TRIGGER no_${name}`)
    release(filename)
    yield* Effect.gen(function* () {
      for (const path of [paths.left, paths.waiting]) {
        assert.deepStrictEqual(at(yield* ends(path), "result_counts"), {
          total: count,
          errored: 0,
          failed: count / 2,
          passed: count / 2
        })
      }
      assert.strictEqual(at((yield* send("GET", paths.canceled)).json, "status"), "canceled")
      yield* noExecutions(filename)
    }).pipe(Effect.provide(Layer.fresh(opened)))
  }).pipe(Effect.scoped, Effect.provide(layer))
})

it.live("a run resumes, and its execution is removed, once the database can be read again", () => {
  const { layer, said } = listening()
  return Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
      hold(filename, 100)
      const id = idOf(yield* send("POST", runs, many))
      yield* until(send("GET", `${runs}/${id}`), ({ json }) => at(json, "status") === "in_progress")
      yield* change(filename, "ALTER TABLE runs RENAME TO away")
      yield* said(`run ${id} tries again: no such table: runs`)
      yield* change(filename, "ALTER TABLE away RENAME TO runs")
      release(filename)
      yield* ends(`${runs}/${id}`)
      yield* noExecutions(filename)
    }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
  }).pipe(Effect.scoped, Effect.provide(layer))
})

it.effect("a run whose batches the database refuses for a minute fails with the reason", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
      hold(filename, 0)
      const id = idOf(yield* send("POST", runs, many))
      const later = Effect.andThen(TestClock.adjust("10 seconds"), send("GET", `${runs}/${id}`))
      const { json } = yield* Effect.repeat(later, { until: ({ json }) => at(json, "status") === "failed" })
      assert.deepStrictEqual(at(json, "error"), {
        code: "internal_error",
        message: "The eval run failed due to an error of the database: held by a test"
      })
    }).pipe(Effect.provide(layerFile(filename)))
  }).pipe(Effect.scoped)
)

it.effect("an engine whose database refuses writes fails to open with a message", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    yield* Effect.scoped(Layer.build(database(filename)))
    yield* change(filename, "CREATE TRIGGER no BEFORE INSERT ON projects BEGIN SELECT raise(FAIL, 'no room'); END")
    const error = yield* Effect.flip(Effect.scoped(Layer.build(layerFile(filename))))
    assert.strictEqual(error._tag, "SqlError")
    assert.strictEqual(error.message, "no room")
  }).pipe(Effect.scoped)
)

it.live("the batches of a canceled run end at once, although the worker never answers", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const silent = Layer.provide(
      Layer.effect(
        Workers.Workers,
        Effect.map(Workers.Workers, (workers) => ({ ...workers, grade: () => Effect.never }))
      ),
      Workers.layer()
    )
    const stalled = Layer.provide(Engine.layer({ workers: silent }), database(filename))
    yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
      // more than have their turn at a time
      const made: Array<string> = []
      for (let n = 0; n < Executor.maxConcurrentRuns + 2; n++)
        made.push(`${runs}/${idOf(yield* send("POST", runs, over([row(true)])))}`)
      yield* until(
        Effect.forEach(made, (path) => Effect.map(send("GET", path), ({ json }) => at(json, "status"))),
        (statuses) => statuses.filter((status) => status === "in_progress").length === Executor.maxConcurrentRuns
      )
      for (const path of made) {
        assert.strictEqual(at((yield* send("POST", `${path}/cancel`, {})).json, "status"), "canceled")
      }
      yield* noExecutions(filename)
    }).pipe(Effect.provide(stalled))
  }).pipe(Effect.scoped)
)

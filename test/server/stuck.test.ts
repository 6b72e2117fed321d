/** A database that refuses what is noted of the execution of runs, or does not give it back. */
import { assert, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Logger, Scope } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { SqlClient } from "effect/sql"
import { DatabaseSync } from "node:sqlite"
import { layer as changesLayer } from "../../src/engine/Changes.ts"
import * as Engine from "../../src/engine/EvalsEngine.ts"
import * as Executor from "../../src/engine/Executor.ts"
import { layer as idsLayer } from "../../src/engine/IdGenerator.ts"
import { runsAtOnce } from "../../src/engine/RunWorkflow.ts"
import { layer as sweeperLayer } from "../../src/engine/Sweeper.ts"
import * as Workers from "../../src/engine/Workers.ts"
import { folder } from "../archive/lib/run.ts"
import { at, definition, over, row, send } from "../behaviour/lib/engine.ts"
import { hold, release } from "../behaviour/lib/held.ts"
import { forgotten, nothingNoted } from "../engine/crash/lib/servers.ts"
import { database, engine, until } from "./lib/parts.ts"
import { layerServed, post, raw } from "./lib/served.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const count = 200
const many = over(Array.from({ length: count }, (_, index) => row(index % 2 === 0, { index })))

/** Where the cluster notes what is to be executed, and what came of it. */
const noted = ["cluster_messages", "cluster_replies"]

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

it.live(
  "a run is canceled, deleted and the server stopped while nothing can be noted; what is left of it goes later",
  () => {
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
        for (const table of noted) {
          yield* change(
            filename,
            `CREATE TRIGGER no_${table} BEFORE INSERT ON ${table} BEGIN SELECT raise(FAIL, 'no'); END`
          )
        }
        const waiting = yield* made
        yield* said("what is to be executed could not be noted yet")
        assert.strictEqual(at((yield* post(`${canceled}/cancel`, {})).json, "status"), "canceled")
        assert.strictEqual((yield* raw(deleted, { method: "DELETE" })).status, 200)
        const other = yield* made
        assert.strictEqual((yield* raw(other, { method: "DELETE" })).status, 200)
        return { canceled, left, waiting }
      }).pipe(Effect.provideContext(server))
      const before = yield* Clock.currentTimeMillis
      yield* Scope.close(scope, Exit.void)
      // the longest that the cluster itself would wait is 15 seconds
      assert.isBelow((yield* Clock.currentTimeMillis) - before, 8000)

      for (const table of noted) yield* change(filename, `DROP TRIGGER no_${table}`)
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
        assert.deepStrictEqual(yield* forgotten(filename), nothingNoted)
      }).pipe(Effect.provide(Layer.fresh(opened)))
    }).pipe(Effect.scoped, Effect.provide(layer))
  }
)

it.live(
  "what cannot be read for a while is asked for again: the run begins, and is forgotten when it has ended",
  () => {
    const { layer, said } = listening()
    return Effect.gen(function* () {
      const filename = `${yield* folder}/evals.db`
      yield* Effect.gen(function* () {
        const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
        yield* change(filename, "ALTER TABLE cluster_messages RENAME TO away")
        hold(filename, 100)
        const id = idOf(yield* send("POST", runs, many))
        yield* said("what is to be executed could not be read yet")
        yield* change(filename, "ALTER TABLE away RENAME TO cluster_messages")
        yield* until(send("GET", `${runs}/${id}`), ({ json }) => at(json, "status") === "in_progress")
        // now the runs themselves
        yield* change(filename, "ALTER TABLE runs RENAME TO away")
        yield* said(`run ${id} is looked after again in a moment`)
        yield* change(filename, "ALTER TABLE away RENAME TO runs")
        release(filename)
        yield* ends(`${runs}/${id}`)
        assert.deepStrictEqual(yield* forgotten(filename), nothingNoted)
      }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
    }).pipe(Effect.scoped, Effect.provide(layer))
  }
)

it.effect("an engine that is opened without room on the disk says so", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const opened = database(filename)
    yield* Effect.scoped(Layer.build(opened))
    const full = Layer.effectDiscard(
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.flatMap(sql<{ readonly page_count: number }>`PRAGMA page_count`, ([found]) =>
          sql.unsafe(`PRAGMA max_page_count = ${found?.page_count}`)
        )
      )
    ).pipe(Layer.provideMerge(Layer.fresh(opened)))
    const error = yield* Effect.flip(
      Effect.scoped(Layer.build(engine(Executor.layerDurable).pipe(Layer.provide(full))))
    )
    assert.strictEqual(error._tag, "SqlError")
    assert.strictEqual(error.message, "database or disk is full")
  }).pipe(Effect.scoped)
)

it.live("what is in flight of a run that is canceled ends at once, though its worker never answers", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const silent = Layer.provide(
      Layer.effect(
        Workers.Workers,
        Effect.map(Workers.Workers, (workers) => ({ ...workers, grade: () => Effect.never }))
      ),
      Workers.layer()
    )
    const stalled = Engine.layer().pipe(
      Layer.provide(sweeperLayer),
      Layer.provide(Executor.layerDurable),
      Layer.provide(Layer.mergeAll(silent, idsLayer, changesLayer)),
      Layer.provide(database(filename))
    )
    yield* Effect.gen(function* () {
      const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
      // more than have their turn at a time
      const made: Array<string> = []
      for (let n = 0; n < runsAtOnce + 2; n++)
        made.push(`${runs}/${idOf(yield* send("POST", runs, over([row(true)])))}`)
      yield* until(
        Effect.forEach(made, (path) => Effect.map(send("GET", path), ({ json }) => at(json, "status"))),
        (statuses) => statuses.filter((status) => status === "in_progress").length === runsAtOnce
      )
      for (const path of made) {
        assert.strictEqual(at((yield* send("POST", `${path}/cancel`, {})).json, "status"), "canceled")
      }
      assert.deepStrictEqual(yield* forgotten(filename), nothingNoted)
    }).pipe(Effect.provide(stalled))
  }).pipe(Effect.scoped)
)

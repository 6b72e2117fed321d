/** A server that is stopped while runs go on, and started again. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import { at, definition, label, laborious, over, row } from "../behaviour/lib/engine.ts"
import { hold, release } from "../behaviour/lib/held.ts"
import { ask } from "./lib/exchange.ts"
import { formHeaders, upload } from "./lib/forms.ts"
import { until } from "./lib/parts.ts"
import { layerServed, post } from "./lib/served.ts"
import { listenAt } from "./lib/told.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const count = 1000
const content = Array.from({ length: count }, (_, index) => row(index % 4 !== 0, { index }))
const counts = { total: count, errored: 0, failed: count / 4, passed: (count / 4) * 3 }

/** A server over a file. */
const server = (filename: string) =>
  Layer.provideMerge(layerServed({ gracePeriod: "1 second" }), EvalsEngine.layerSqlite({ filename }))

const completed = (path: string) =>
  Effect.gen(function* () {
    const told = yield* listenAt(`${path}/events`)
    yield* until(
      Effect.sync(() => told.end),
      (end) => end !== undefined
    )
    return (yield* ask("GET", path)).json
  })

it.live("runs with inline rows and runs with a file resume", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    const paths = yield* Effect.gen(function* () {
      // no run is through before the server stops
      hold(filename, count / 2)
      const evalId = idOf(yield* post("/evals", definition(label, laborious(500))))
      const runs = `/evals/${evalId}/runs`
      const file = idOf(
        yield* ask("POST", "/files", formHeaders(), upload(content.map((each) => `${JSON.stringify(each)}\n`).join("")))
      )
      const made = [
        idOf(yield* post(runs, over(content))),
        idOf(yield* post(runs, { data_source: { type: "jsonl", source: { type: "file_id", id: file } } }))
      ].map((id) => `${runs}/${id}`)
      const [first = ""] = made
      yield* until(ask("GET", first), ({ json }) => Number(at(json, "result_counts", "total")) > 0)
      return [...made, `${runs}/${idOf(yield* post(runs, over(content)))}`]
    }).pipe(Effect.provide(server(filename)))

    const stored = rows(filename, "SELECT id, body FROM output_items ORDER BY id")
    assert.isAbove(stored.length, 0)
    assert.isBelow(stored.length, 3 * (count / 2) + 1)
    // to stop is not to cancel, nor to fail
    for (const { status } of rows(filename, "SELECT status FROM runs")) {
      assert.include(["in_progress", "queued"], status)
    }
    release(filename)

    yield* Effect.gen(function* () {
      for (const path of paths) {
        const run = yield* completed(path)
        assert.deepStrictEqual([at(run, "status"), at(run, "result_counts")], ["completed", counts])
        assert.deepStrictEqual(
          [at(run, "per_testing_criteria_results")].flat().map((one) => [at(one, "passed"), at(one, "failed")]),
          [
            [counts.passed, counts.failed],
            [count, 0]
          ]
        )
      }
      // the row of an execution goes with it
      const executions = "SELECT count(*) AS n FROM run_executions"
      yield* until(
        Effect.sync(() => rows(filename, executions)[0]?.["n"]),
        (n) => n === 0
      )
    }).pipe(Effect.provide(server(filename)))

    // each row of each run has one item, and those that were stored before are the same
    const after = rows(filename, "SELECT id, run_id, datasource_item_id, body FROM output_items ORDER BY id")
    assert.strictEqual(after.length, 3 * count)
    assert.strictEqual(
      new Set(after.map((one) => `${String(one["run_id"])} ${String(one["datasource_item_id"])}`)).size,
      3 * count
    )
    const bodies = new Map(after.map(({ body, id }) => [id, body]))
    assert.isTrue(stored.every(({ body, id }) => bodies.get(id) === body))
  }).pipe(Effect.scoped)
)

it("a stopped server leaves no process behind", async () => {
  const program = `
    const { Effect } = await import("effect")
    const { EvalsEngine } = await import("effect-evals/engine")
    const { NodeServer } = await import("effect-evals/server")
    const started = Effect.scoped(NodeServer.start({ port: 0, gracePeriod: "1 hour" }))
    await Effect.runPromise(Effect.provide(started, EvalsEngine.layerMemory))
    console.log("stopped")`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=effect-evals-source", "--input-type=module", "--eval", program],
    { cwd: new URL("../..", import.meta.url), timeout: 25_000 }
  )
  assert.strictEqual(stdout, "stopped\n")
})

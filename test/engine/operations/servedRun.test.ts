/** Runs put together with their rows: which are read at once, and what is served of runs that are gone meanwhile. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { operationsOf } from "../../../src/engine/Engine.ts"
import * as Executor from "../../../src/engine/runs/Executor.ts"
import * as RunText from "../../../src/engine/operations/servedRun.ts"
import * as Runs from "../../../src/store/Runs.ts"
import { at, definition, over, row, send } from "../../behaviour/lib/engine.ts"
import { count, database, engine } from "../../server/lib/parts.ts"

const idle = Executor.layerNone

const make = (path: string, body: unknown) => Effect.map(send("POST", path, body), ({ json }) => String(at(json, "id")))

/** An eval, and runs with so many bytes of rows each. */
const runsOf = (amount: number, bytes: number) =>
  Effect.gen(function* () {
    const evalId = yield* make("/evals", definition())
    const path = `/evals/${evalId}/runs`
    const ids: Array<string> = []
    for (let made = 0; made < amount; made++) {
      ids.push(yield* make(path, over([row(true, { made, text: "x".repeat(bytes) })])))
    }
    return { evalId, path, ids }
  })

const listed = (evalId: string) =>
  Effect.gen(function* () {
    const { caller, listRuns } = yield* operationsOf
    const query = { limit: 100, order: "asc", after: undefined, status: undefined } as const
    return yield* listRuns(yield* caller(undefined), evalId, query)
  })

layer(Layer.provideMerge(engine(idle), database(":memory:")))("a list of runs", (it) => {
  it.effect("is one string if the rows are few, and otherwise a stream that reads them one after another", () =>
    Effect.gen(function* () {
      const few = yield* runsOf(4, 900_000)
      assert.strictEqual(typeof (yield* listed(few.evalId)), "string")
      const many = yield* runsOf(5, 900_000)
      const parts = yield* listed(many.evalId)
      if (typeof parts === "string") return assert.fail("the rows of all runs are held in memory")
      const list: unknown = JSON.parse(yield* Stream.mkString(Stream.decodeText(parts)))
      const runs: Array<unknown> = []
      for (const id of many.ids) runs.push((yield* send("GET", `${many.path}/${id}`)).json)
      assert.deepStrictEqual(at(list, "data"), runs)
      assert.deepStrictEqual(
        runs.map((run) => at(run, "data_source", "source", "content", 0, "item", "made")),
        [0, 1, 2, 3, 4]
      )
    })
  )

  it.effect("leaves out runs that were deleted meanwhile, and refuses a single deleted run", () =>
    Effect.gen(function* () {
      const { evalId, ids, path } = yield* runsOf(3, 10)
      const engine = yield* operationsOf
      const { project } = yield* engine.caller(undefined)
      const query = { limit: 10, order: "asc", after: undefined } as const
      const found = yield* Runs.list(project, evalId, query, undefined)
      const [first, second, third] = found.rows
      if (first === undefined || second === undefined || third === undefined) return assert.fail("there are three runs")
      const before = yield* count("file_pieces")
      for (const { id } of [first, third]) yield* send("DELETE", `${path}/${id}`)
      yield* Effect.repeat(Effect.andThen(Effect.yieldNow, count("file_pieces")), {
        until: (pieces) => pieces === before - 2
      })
      assert.strictEqual(
        yield* RunText.page(project, found),
        `{"object":"list","data":[${String(yield* RunText.one(project, second))}],` +
          `"first_id":"${ids[1]}","last_id":"${ids[1]}","has_more":false}`
      )
      const gone = yield* Effect.flip(RunText.one(project, first))
      assert.deepStrictEqual(
        [gone._tag, gone.message],
        ["Rejection", `There is no run "${first.id}" of eval ${evalId}.`]
      )
    })
  )
})

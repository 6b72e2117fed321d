/** Lists whose objects are deleted while they are read, as openai-node does it in a loop. */
import { assert, it, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { EvalsEngine } from "effect-evals/engine"
import { operationsOf } from "../../src/engine/Engine.ts"
import { EvalsTest } from "effect-evals/testing/engine"
import type OpenAI from "openai"
import { at, definition, label, over, row, send } from "../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./lib/forms.ts"
import { layer as served, openai } from "./lib/served.ts"

type Order = { readonly order: "asc" | "desc"; readonly limit: number }

const createEval = (client: OpenAI) =>
  client.evals.create({
    data_source_config: { type: "custom", item_schema: { type: "object" } },
    testing_criteria: [label]
  })

const content = [{ item: { label: "yes" }, sample: { output_text: "yes" } }]

/** What is made and deleted; `within` is the eval of the runs. */
const kinds = [
  {
    kind: "evals",
    add: (client: OpenAI) => createEval(client),
    list: (client: OpenAI, query: Order) => client.evals.list(query),
    remove: (client: OpenAI, id: string) => client.evals.delete(id)
  },
  {
    kind: "runs",
    add: (client: OpenAI, within: string) =>
      client.evals.runs.create(within, {
        data_source: { type: "jsonl", source: { type: "file_content", content } }
      }),
    list: (client: OpenAI, query: Order, within: string) => client.evals.runs.list(within, query),
    remove: (client: OpenAI, id: string, within: string) => client.evals.runs.delete(id, { eval_id: within })
  },
  {
    kind: "files",
    add: (client: OpenAI) => client.files.create({ file: new File(["{}\n"], "rows.jsonl"), purpose: "evals" }),
    list: (client: OpenAI, query: Order) => client.files.list(query),
    remove: (client: OpenAI, id: string) => client.files.delete(id)
  }
] as const

layer(served(), { excludeTestServices: true })("openai-node", (it) => {
  for (const { add, kind, list, remove } of kinds) {
    for (const order of ["asc", "desc"] as const) {
      it.effect(`deletes all ${kind} while it lists them, ${order}`, () =>
        Effect.gen(function* () {
          const client = yield* openai({ maxRetries: 0 })
          yield* Effect.promise(async () => {
            const within = kind === "runs" ? (await createEval(client)).id : ""
            const made: Array<string> = []
            for (let count = 0; count < 11; count++) made.push((await add(client, within)).id)
            const deleted: Array<string> = []
            for await (const { id } of list(client, { order, limit: 4 }, within)) {
              deleted.push(id)
              await remove(client, id, within)
            }
            assert.deepStrictEqual(deleted, order === "asc" ? made : made.toReversed())
            assert.deepStrictEqual((await list(client, { order, limit: 4 }, within)).data, [])
          })
        })
      )
    }
  }
})

const make = (path: string, body: unknown) => Effect.map(send("POST", path, body), ({ json }) => String(at(json, "id")))

const listed = (path: string) =>
  Effect.map(send("GET", path), ({ json, status }) =>
    status === 200 ? [at(json, "data")].flat().map((one) => at(one, "id")) : at(json, "error", "message")
  )

const notListed = (id: string) =>
  `after: ${JSON.stringify(id)} is not in this list; pass the id of the last object that was seen`

layer(EvalsTest.layer)("a page after a deleted object", (it) => {
  it.effect("of evals by their last change is unknown, and refused with a message", () =>
    Effect.gen(function* () {
      const first = yield* make("/evals", definition())
      const second = yield* make("/evals", definition())
      yield* send("DELETE", `/evals/${first}`)
      assert.deepStrictEqual(yield* listed(`/evals?after=${first}`), [second])
      assert.deepStrictEqual(yield* listed(`/evals?order_by=created_at&after=${first}`), [second])
      assert.strictEqual(
        yield* listed(`/evals?order_by=updated_at&after=${first}`),
        `after: "${first}" is not in this list; the time of the last change of a deleted eval is unknown. ` +
          'Pass the id of one that is there, or list by "created_at", where evals may be deleted meanwhile.'
      )
    })
  )

  it.effect("is refused for a run of another eval, and for an id that the engine cannot have made", () =>
    Effect.gen(function* () {
      const one = yield* make("/evals", definition())
      const another = yield* make("/evals", definition())
      const run = yield* make(`/evals/${one}/runs`, over([row(true)]))
      assert.strictEqual(yield* listed(`/evals/${another}/runs?after=${run}`), notListed(run))
      yield* send("DELETE", `/evals/${one}/runs/${run}`)
      assert.deepStrictEqual(yield* listed(`/evals/${one}/runs?after=${run}`), [])
      for (const [path, id] of [
        ["/evals", `eval_${"0".repeat(32)}`],
        ["/evals", one.slice(0, -1)],
        ["/evals", one.toUpperCase()],
        ["/files", `file-${"a".repeat(22)}`],
        ["/files", one],
        [`/evals/${one}/runs`, one]
      ] as const) {
        assert.strictEqual(yield* listed(`${path}?after=${id}`), notListed(id), id)
      }
    })
  )
})

it.effect("an upload is listed in the order of its id, however long it took, also if the clock goes back", () =>
  Effect.gen(function* () {
    const engine = yield* operationsOf
    const caller = yield* engine.caller(undefined)
    const idAndTime = (json: unknown) => [at(json, "id"), at(json, "created_at")]
    const put = Effect.map(send("POST", "/files", upload("{}"), formHeaders()), ({ json }) => idAndTime(json))
    yield* TestClock.setTime(1_700_000_000_999)
    let during: ReadonlyArray<unknown> = []
    const content = Stream.fromEffect(
      Effect.gen(function* () {
        yield* TestClock.adjust("10 seconds")
        during = yield* put
        return new TextEncoder().encode("{}")
      })
    )
    const fields = Effect.succeed({ filename: "slow.jsonl", purpose: "evals", expiresAfter: undefined })
    const sender = { key: undefined, repeated: false }
    const slow = idAndTime(
      JSON.parse(
        yield* engine.createFile(
          caller,
          Stream.provideContext(content, yield* Effect.context<EvalsEngine.EvalsEngine>()),
          fields,
          sender
        )
      )
    )
    yield* TestClock.setTime(1_600_000_000_000)
    const late = yield* put
    const all = [slow, during, late]
    assert.deepStrictEqual(
      all.map(([id, time]) => [Number.parseInt(String(id).slice("file-".length).slice(0, 8), 16), time]),
      [1_700_000_000, 1_700_000_010, 1_700_000_010].map((time) => [time, time])
    )
    const ids = all.map(([id]) => id)
    assert.deepStrictEqual(yield* listed("/files?order=asc"), ids)
    for (const [index, id] of ids.entries()) {
      yield* send("DELETE", `/files/${String(id)}`)
      assert.deepStrictEqual(yield* listed(`/files?order=asc&after=${String(id)}`), ids.slice(index + 1))
    }
  }).pipe(Effect.provide(EvalsTest.layer))
)

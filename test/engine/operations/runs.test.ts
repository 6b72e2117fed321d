import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, send } from "../../behaviour/lib/engine.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

const rows = [{ item: { label: "yes" }, sample: { output_text: "yes" } }, { item: { label: "no" } }]
const content = JSON.stringify(rows)
const dataSource = { type: "jsonl", source: { type: "file_content", content: rows } }

/** A data source as it may be written: keys in any order, twice, with escapes and white space. */
const written: ReadonlyArray<readonly [what: string, text: string]> = [
  ["as the guides have it", `{"type":"jsonl","source":{"type":"file_content","content":${content}}}`],
  ["with its rows first", `{"source":{"content":${content},"type":"file_content"},"type":"jsonl"}`],
  ["with its rows last", `{"source":{"type":"file_content","content":${content}},"type":"jsonl"}`],
  [
    "with keys that are ignored",
    `{"a":[],"source":{"content":${content},"type":"file_content","z":"]}}}"},"type":"jsonl","b":{}}`
  ],
  [
    "with keys twice",
    `{"source":1,"type":"x","type":"jsonl","source":{"content":[1],"type":"file_content","content":${content}}}`
  ],
  ["with escapes", `{"t\\u0079pe":"jsonl","source":{"type":"file_content","cont\\u0065nt":${content}}}`],
  [
    "with white space",
    ` {\r\n"type"\t: "jsonl" ,"source" :{ "content": ${JSON.stringify(rows, null, 2)} ,\n"type":"file_content" } } `
  ]
]

layer(EvalsTest.layer)("a run with rows of its own", (it) => {
  for (const [what, text] of written) {
    it.effect(`is given back with them, its data source written ${what}`, () =>
      Effect.gen(function* () {
        const runs = `/evals/${idOf(yield* send("POST", "/evals", definition()))}/runs`
        const body = `{"data_source":${text},"metadata":{"a":"]}}}"},"name":"]}}}"}`
        const made = yield* send("POST", runs, body)
        assert.strictEqual(made.status, 201, JSON.stringify(made.json))
        assert.deepStrictEqual(at(made.json, "data_source"), dataSource)
        const path = `${runs}/${idOf(made)}`
        // ends with the run
        yield* send("GET", `${path}/events`)
        const run = yield* send("GET", path)
        assert.deepStrictEqual(at(run.json, "data_source"), dataSource)
        assert.deepStrictEqual(at(run.json, "result_counts"), { total: 2, errored: 0, failed: 1, passed: 1 })
        assert.deepStrictEqual(at((yield* send("GET", runs)).json, "data"), [run.json])
        assert.deepStrictEqual((yield* send("POST", `${path}/cancel`)).json, run.json)
      })
    )
  }
})

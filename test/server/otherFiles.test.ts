/** Uploaded files that are no JSON lines, when a run is created over them. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, send } from "../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./lib/forms.ts"

const utf16 = (text: string): string => [...text].map((char) => `${char}\0`).join("")

const row = '{"item":{"label":"a"},"sample":{"output_text":"a"}}'

layer(EvalsTest.layer)("a run over an uploaded file of another kind", (it) => {
  it.effect("is refused with the kind of the file and advice", () =>
    Effect.gen(function* () {
      const evalId = String(at((yield* send("POST", "/evals", definition())).json, "id"))
      const cases = [
        [
          utf16(`${row}\n${row}\n`),
          /^line 1 of file-\w+ \(row 0, .*; the file is UTF-16, and not UTF-8: save it as UTF-8$/
        ],
        ["label,answer\na,a\n", /; the file looks like CSV: write one object a line/],
        [`[${row},\n${row}]`, /; the file is one JSON array: write one object a line/],
        [`[${row}]\n`, /expected an object with an item, got a list; the file is one JSON array/],
        ["PAR1", /; the file is a Parquet file: write its rows as JSON lines$/],
        // other lines than the first say nothing of the file
        [
          `${row}\n[${row}]\n`,
          /^line 2 of file-\w+ \(row 1, counted from 0\): expected an object with an item, got a list$/
        ],
        ['{"question":"?","answer":"!"}', /item: .*; a row is .*, and this line has the keys question, answer$/]
      ] as const
      for (const [content, message] of cases) {
        const file = String(at((yield* send("POST", "/files", upload(content), formHeaders())).json, "id"))
        const run = { data_source: { type: "jsonl", source: { type: "file_id", id: file } } }
        const refused = yield* send("POST", `/evals/${evalId}/runs`, run)
        assert.strictEqual(refused.status, 400)
        assert.match(String(at(refused.json, "error", "message")), message)
      }
    })
  )
})

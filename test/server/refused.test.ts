/** Requests that are refused for what they would cost. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, row, send } from "../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./lib/forms.ts"

layer(EvalsTest.layer)("a request", (it) => {
  it.effect("with a compressed body is refused with advice", () =>
    Effect.gen(function* () {
      for (const [path, body, headers] of [
        ["/evals", JSON.stringify(definition()), {}],
        ["/files", upload("{}"), formHeaders()]
      ] as const) {
        const packed = yield* send("POST", path, body, { ...headers, "content-encoding": "gzip" })
        assert.strictEqual(packed.status, 415)
        assert.deepStrictEqual(at(packed.json, "error"), {
          message: "The request's body is encoded as gzip; send it without content-encoding.",
          type: "invalid_request_error",
          param: null,
          code: "unsupported_media_type"
        })
        const plain = yield* send("POST", path, body, { ...headers, "content-encoding": "identity" })
        assert.isBelow(plain.status, 300)
      }
    })
  )

  it.effect("whose rows take too long in a pattern is refused with the row", () =>
    Effect.gen(function* () {
      const made = yield* send("POST", "/evals", {
        ...definition(),
        data_source_config: {
          type: "custom",
          item_schema: { type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } }
        }
      })
      const runs = `/evals/${String(at(made.json, "id"))}/runs`
      const rows = [row(true, { text: "aaa" }), row(true, { text: `${"a".repeat(40)}!` })]
      const message =
        'takes longer than 2 s to be checked against the item schema; is one of its patterns like "^(a+)+$"?'
      const inline = yield* send("POST", runs, {
        data_source: { type: "jsonl", source: { type: "file_content", content: rows } }
      })
      assert.deepStrictEqual(
        [inline.status, at(inline.json, "error", "message"), at(inline.json, "error", "param")],
        [400, `data_source.source.content[1]: ${message}`, "data_source.source.content"]
      )
      const jsonl = `\n${rows.map((each) => JSON.stringify(each)).join("\n")}`
      const id = String(at((yield* send("POST", "/files", upload(jsonl), formHeaders())).json, "id"))
      const filed = yield* send("POST", runs, { data_source: { type: "jsonl", source: { type: "file_id", id } } })
      assert.deepStrictEqual(
        [filed.status, at(filed.json, "error", "message"), at(filed.json, "error", "param")],
        [400, `line 3 of ${id}: ${message}`, "data_source.source.id"]
      )
    })
  )
})

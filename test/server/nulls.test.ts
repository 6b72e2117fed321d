/** Null in a request means that the field is left out. Clients write it for an argument that they were not given. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, label, over, row, send } from "../behaviour/lib/engine.ts"

const similar = { type: "text_similarity", name: "s", input: "a", reference: "a", evaluation_metric: "bleu" }

const made = (body: unknown) =>
  Effect.map(send("POST", "/evals", body), (answer) => {
    assert.strictEqual(answer.status, 201, JSON.stringify(answer.json))
    return answer.json
  })

layer(EvalsTest.layer)("null", (it) => {
  it.effect("counts as absent in the fields of an eval", () =>
    Effect.gen(function* () {
      const config = { type: "custom", item_schema: { type: "object", default: null }, include_sample_schema: null }
      const one = yield* made({
        name: null,
        metadata: null,
        data_source_config: config,
        testing_criteria: [{ ...similar, pass_threshold: null }]
      })
      assert.strictEqual(at(one, "name"), at(one, "id"))
      assert.deepStrictEqual(at(one, "metadata"), {})
      assert.strictEqual(at(one, "testing_criteria", 0, "pass_threshold"), 0.5)
      assert.deepStrictEqual(at(one, "data_source_config", "schema"), {
        type: "object",
        properties: { item: { type: "object", default: null } },
        required: ["item"]
      })
      const python = yield* made({
        ...definition(),
        testing_criteria: [{ type: "python", name: "p", source: "", image_tag: null, pass_threshold: null }]
      })
      assert.deepStrictEqual(Object.keys(Object(at(python, "testing_criteria", 0))).toSorted(), [
        "id",
        "name",
        "source",
        "type"
      ])
    })
  )

  it.effect("keeps the name and the metadata of an eval in a change", () =>
    Effect.gen(function* () {
      const one = yield* made({ ...definition(), name: "a", metadata: { k: "v" } })
      const path = `/evals/${String(at(one, "id"))}`
      const same = yield* send("POST", path, { name: null, metadata: null })
      assert.strictEqual(same.status, 200)
      assert.deepStrictEqual([at(same.json, "name"), at(same.json, "metadata")], ["a", { k: "v" }])
      const emptied = yield* send("POST", path, { name: "b", metadata: {} })
      assert.deepStrictEqual([at(emptied.json, "name"), at(emptied.json, "metadata")], ["b", {}])
    })
  )

  it.effect("counts as absent in the fields of a run, and as the sample of a row", () =>
    Effect.gen(function* () {
      const id = String(at(yield* made(definition({ ...label, input: "yes" })), "id"))
      const content = [{ ...row(true), sample: null }]
      const run = yield* send("POST", `/evals/${id}/runs`, {
        name: null,
        metadata: null,
        data_source: { type: "jsonl", source: { type: "file_content", content } }
      })
      assert.strictEqual(run.status, 201, JSON.stringify(run.json))
      assert.strictEqual(at(run.json, "name"), at(run.json, "id"))
      assert.deepStrictEqual(at(run.json, "metadata"), {})
    })
  )

  it.effect("counts as absent in a sampled run, which is refused for the model that it lacks", () =>
    Effect.gen(function* () {
      const id = String(at(yield* made(definition()), "id"))
      for (const type of ["completions", "responses"]) {
        const run = yield* send("POST", `/evals/${id}/runs`, {
          data_source: {
            type,
            model: null,
            input_messages: null,
            sampling_params: null,
            source: { type: "file_content", content: [row(true)] }
          }
        })
        assert.strictEqual(run.status, 400)
        assert.strictEqual(at(run.json, "error", "param"), "data_source.model")
      }
    })
  )

  it.effect("counts as absent in the fields of a single grader, its name and the item included", () =>
    Effect.gen(function* () {
      const grader = { ...similar, name: null, pass_threshold: null }
      const ran = yield* send("POST", "/fine_tuning/alpha/graders/run", { grader, model_sample: "", item: null })
      assert.strictEqual(ran.status, 200, JSON.stringify(ran.json))
      assert.match(String(at(ran.json, "metadata", "name")), /^grader-/)
      const valid = yield* send("POST", "/fine_tuning/alpha/graders/validate", { grader })
      assert.strictEqual(valid.status, 200, JSON.stringify(valid.json))
    })
  )

  it.effect("counts as absent in a parameter of a list, in every notation of a client", () =>
    Effect.gen(function* () {
      const id = String(at(yield* made(definition()), "id"))
      const run = yield* send("POST", `/evals/${id}/runs`, over([row(true)]))
      const runPath = `/evals/${id}/runs/${String(at(run.json, "id"))}`
      const items = `${runPath}/output_items`
      // the lists do not change any more then
      yield* Effect.repeat(send("GET", runPath), { until: ({ json }) => at(json, "status") === "completed" })
      const queries = [
        ["/evals", "after", "limit", "order", "order_by"],
        [`/evals/${id}/runs`, "after", "limit", "order", "status"],
        [items, "after", "limit", "order", "status"],
        ["/files", "after", "limit", "order", "purpose"]
      ]
      for (const [path, ...names] of queries) {
        const plain = yield* send("GET", String(path))
        for (const value of ["", "null"]) {
          const answer = yield* send("GET", `${path}?${names.map((name) => `${name}=${value}`).join("&")}`)
          assert.strictEqual(answer.status, 200, `${path} ${value}: ${JSON.stringify(answer.json)}`)
          assert.deepStrictEqual(at(answer.json, "data"), at(plain.json, "data"))
        }
      }
    })
  )

  it.effect("is refused in a required field, and as a value of metadata", () =>
    Effect.gen(function* () {
      for (const [body, param] of [
        [{ ...definition(), testing_criteria: null }, "testing_criteria"],
        [definition({ ...label, input: Object(null) }), "testing_criteria[0].input"],
        [{ ...definition(), metadata: { k: null } }, "metadata.k"]
      ] as const) {
        const answer = yield* send("POST", "/evals", body)
        assert.strictEqual(answer.status, 400)
        assert.strictEqual(at(answer.json, "error", "param"), param)
      }
    })
  )
})

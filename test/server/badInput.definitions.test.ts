/** Evals and graders that are refused: the answer names what is wrong and where. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Server } from "effect-evals/server"
import { EvalsTest } from "effect-evals/testing/engine"
import { fetch } from "../../src/server/InProcess.ts"
import { at, definition, label, send } from "../behaviour/lib/engine.ts"
import { type Wanted, answers, there, criteria, schema, pairs, run, validate } from "./lib/badRequests.ts"

layer(EvalsTest.layer)("a refused definition", (it) => {
  it.effect("a body that is not a JSON object is refused, with the position if it is known", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const notJson = (message: RegExp): Wanted => ({ param: null, code: "invalid_json", message })
      const wanted: Wanted = { param: null, message: "The request's body: expected object" }
      const nothing: Wanted = { param: null, message: "The request has no body; it must be a JSON object." }
      const tooDeep: Wanted = { param: null, message: "The request's body is nested deeper than 256 levels." }
      for (const path of ["/evals", `/evals/${evalId}`, `/evals/${evalId}/runs`, run, validate]) {
        yield* answers(
          ["POST", path, '{"a":', notJson(/^The request's body is not JSON: .*end of JSON input/)],
          ["POST", path, '{"a":1,}', notJson(/^The request's body is not JSON: .*position 7/)],
          ["POST", path, "{} x", notJson(/^The request's body is not JSON: .*position 3/)],
          ["POST", path, "'a'", notJson(/^The request's body is not JSON: /)],
          ["POST", path, "NaN", notJson(/^The request's body is not JSON: /)],
          ["POST", path, undefined, nothing],
          ["POST", path, "", nothing],
          ["POST", path, "null", wanted],
          ["POST", path, "[]", wanted],
          ["POST", path, '"text"', wanted],
          ["POST", path, "12", wanted],
          ["POST", path, "[".repeat(257) + "]".repeat(257), tooDeep],
          ["POST", path, "[".repeat(100_000), tooDeep],
          ["POST", path, '{"a":'.repeat(100_000), tooDeep],
          ["POST", path, "[".repeat(256) + "]".repeat(256), wanted]
        )
      }
    })
  )

  it.effect("a body that is not UTF-8 is refused", () =>
    Effect.gen(function* () {
      const wanted: Wanted = { param: null, message: "The request's body is not UTF-8." }
      const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])
      const app = yield* Server.make()
      for (const path of ["/evals", "/evals/x", "/evals/x/runs", run, validate]) {
        const answer = yield* Effect.promise(() =>
          fetch(app)(`http://localhost/v1${path}`, { method: "POST", body: bytes })
        )
        assert.strictEqual(answer.status, 400, path)
        assert.strictEqual(at(yield* Effect.promise(() => answer.json()), "error", "message"), wanted.message, path)
      }
    })
  )

  it.effect("a wrong field of an eval is named", () =>
    answers(
      [
        "POST",
        "/evals",
        {},
        { param: "data_source_config", message: "data_source_config: is missing; testing_criteria: is missing" }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), data_source_config: { type: "csv" } },
        {
          param: "data_source_config.type",
          message: 'data_source_config.type: expected one of "custom", "logs", "stored_completions"'
        }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), data_source_config: { type: "custom" } },
        { param: "data_source_config.item_schema", message: "data_source_config.item_schema: is missing" }
      ],
      ["POST", "/evals", schema([]), { param: "data_source_config.item_schema", message: /: expected object$/ }],
      [
        "POST",
        "/evals",
        schema({}, { include_sample_schema: "yes" }),
        { param: "data_source_config.include_sample_schema", message: /: expected a boolean, or null$/ }
      ],
      ["POST", "/evals", { ...definition(), name: 7 }, { param: "name", message: "name: expected a string, or null" }],
      [
        "POST",
        "/evals",
        { ...definition(), metadata: { a: 1 } },
        { param: "metadata.a", message: "metadata.a: expected string" }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), metadata: [] },
        { param: "metadata", message: "metadata: expected an object, or null" }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), metadata: pairs(17) },
        { param: "metadata", message: "metadata: at most 16 pairs of metadata" }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), metadata: { ["k".repeat(65)]: "v" } },
        { param: `metadata.${"k".repeat(65)}`, message: /: a metadata key of at most 64 characters$/ }
      ],
      [
        "POST",
        "/evals",
        { ...definition(), metadata: { k: "v".repeat(513) } },
        { param: "metadata.k", message: "metadata.k: a metadata value of at most 512 characters" }
      ]
    )
  )

  it.effect("a wrong item schema is refused with the path in the schema", () =>
    answers(
      [
        "POST",
        "/evals",
        schema({ type: "object", properties: { price: { type: "nummer" } } }),
        {
          param: "data_source_config.item_schema.properties.price.type",
          message:
            "data_source_config.item_schema.properties.price.type: expected " +
            '"array", "boolean", "integer", "null", "number", "object", "string" or a list, got "nummer"'
        }
      ],
      [
        "POST",
        "/evals",
        schema({ properties: { a: { pattern: "(" } } }),
        {
          param: "data_source_config.item_schema.properties.a.pattern",
          message: /properties\.a\.pattern: "\(" is not a regular expression/
        }
      ],
      [
        "POST",
        "/evals",
        schema({ $ref: "#/$defs/none" }),
        {
          param: "data_source_config.item_schema.$ref",
          message: /\$ref: .* refers to nothing in the schema/
        }
      ]
    )
  )

  it.effect("a wrong criterion is named by its index, among thousands too", () =>
    answers(
      [
        "POST",
        "/evals",
        criteria(null),
        { param: "testing_criteria[0].type", message: /^testing_criteria\[0\]\.type: / }
      ],
      ["POST", "/evals", criteria([label]), { param: "testing_criteria[0].type", message: /: expected one of / }],
      [
        "POST",
        "/evals",
        { ...definition(), testing_criteria: {} },
        { param: "testing_criteria", message: "testing_criteria: expected array" }
      ],
      [
        "POST",
        "/evals",
        criteria(label, { type: "exact_match", name: "x" }),
        {
          param: "testing_criteria[1].type",
          message:
            'testing_criteria[1].type: expected one of "string_check", "text_similarity", "python", "score_model", "label_model"'
        }
      ],
      [
        "POST",
        "/evals",
        criteria({ ...label, name: undefined }),
        { param: "testing_criteria[0].name", message: "testing_criteria[0].name: is missing" }
      ],
      [
        "POST",
        "/evals",
        criteria({ type: "string_check", name: "x" }),
        {
          param: "testing_criteria[0].input",
          message:
            "testing_criteria[0].input: is missing; testing_criteria[0].reference: is missing; testing_criteria[0].operation: is missing"
        }
      ],
      [
        "POST",
        "/evals",
        criteria(
          ...Array.from({ length: 5000 }, (_, index) => (index === 4321 ? { ...label, operation: "gt" } : label))
        ),
        {
          param: "testing_criteria[4321].operation",
          message: 'testing_criteria[4321].operation: expected one of "eq", "ne", "like", "ilike"'
        }
      ],
      [
        "POST",
        "/evals",
        criteria(...Array.from({ length: 5000 }, () => label)),
        {
          param: "testing_criteria",
          message: "testing_criteria: holds 5000 criteria, and an eval takes 1000. Spread them over several evals."
        }
      ],
      [
        "POST",
        "/evals",
        criteria(...Array.from({ length: 5000 }, () => ({}))),
        {
          param: "testing_criteria[0].type",
          message: /^testing_criteria\[0\]\.type: .*; testing_criteria\[2\]\.type: .* \(and 4997 more\)$/
        }
      ],
      [
        "POST",
        "/evals",
        criteria(...Array.from({ length: 120_000 }, () => ({}))),
        {
          status: 413,
          param: null,
          code: "request_too_large",
          message: "The request's body holds more than 100000 values; rows of a run are not counted."
        }
      ]
    )
  )

  it.effect("the limits of metadata count characters", () =>
    Effect.gen(function* () {
      const metadata = { ["😀".repeat(64)]: "😀".repeat(512) }
      const made = yield* send("POST", "/evals", { ...definition(), metadata })
      assert.deepStrictEqual([made.status, at(made.json, "metadata")], [201, metadata])
      const key = "😀".repeat(65)
      yield* answers(
        [
          "POST",
          "/evals",
          { ...definition(), metadata: { [key]: "v" } },
          { param: `metadata["${key}"]`, message: `metadata["${key}"]: a metadata key of at most 64 characters` }
        ],
        [
          "POST",
          "/evals",
          { ...definition(), metadata: { a: "😀".repeat(513) } },
          { param: "metadata.a", message: "metadata.a: a metadata value of at most 512 characters" }
        ]
      )
    })
  )

  it.effect("a wrong field of a grader is named", () =>
    answers(
      ["POST", run, {}, { param: "grader", message: "grader: is missing; model_sample: is missing" }],
      ["POST", run, { grader: label }, { param: "model_sample", message: "model_sample: is missing" }],
      [
        "POST",
        run,
        { grader: label, model_sample: 1 },
        { param: "model_sample", message: "model_sample: expected string" }
      ],
      [
        "POST",
        run,
        { grader: label, model_sample: "", item: "x" },
        { param: "item", message: "item: expected an object, or null" }
      ],
      [
        "POST",
        run,
        { grader: { type: "x" }, model_sample: "" },
        { param: "grader.type", message: /: expected one of / }
      ],
      ["POST", validate, {}, { param: "grader", message: "grader: is missing" }],
      ["POST", validate, { grader: [] }, { param: "grader.type", message: /: expected one of / }],
      [
        "POST",
        validate,
        { grader: { type: "multi", name: "m", graders: { a: label }, calculate_output: "a +" } },
        {
          param: "grader.calculate_output",
          code: "formula_parse_error",
          message: /^grader\.calculate_output: expected a number/
        }
      ]
    )
  )
})

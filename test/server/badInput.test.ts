/** What is wrong with a request is answered with what and where, in the API's envelope, and changes nothing. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Server } from "effect-evals/server"
import { EvalsTest } from "effect-evals/testing/engine"
import { fetch } from "../../src/server/InProcess.ts"
import { at, definition, label, over, row, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"

/** Objects that the bad requests are about. */
interface There {
  readonly evalId: string
  readonly runId: string
  readonly fileId: string
}

interface Wanted {
  readonly status?: number
  readonly param: string | null
  readonly code?: string | null
  readonly message: string | RegExp
}

/** A request, and what is wrong with it. */
type Case = readonly [
  method: string,
  path: string,
  body: unknown,
  wanted: Wanted,
  headers?: Readonly<Record<string, string>>
]

const types: Readonly<Record<number, string>> = { 404: "not_found_error" }

const answers = (...cases: ReadonlyArray<Case>) =>
  Effect.gen(function* () {
    for (const [method, path, body, { code = null, message, param, status = 400 }, headers] of cases) {
      const answer = yield* send(method, path, body, headers)
      const about = `${method} ${path.slice(0, 200)} ${String(JSON.stringify(body)).slice(0, 300)}`
      const said = at(answer.json, "error", "message")
      assert.deepStrictEqual(
        { status: answer.status, ...Object(answer.json) },
        {
          status,
          error: {
            message: typeof message === "string" ? message : said,
            type: types[status] ?? "invalid_request_error",
            param,
            code
          }
        },
        about
      )
      if (typeof message !== "string") assert.match(String(said), message, about)
      assert.match(String(answer.headers.get("x-request-id")), /^req_/, about)
    }
  })

const priced = {
  type: "object",
  properties: { price: { type: "number" }, tags: { type: "array", items: { type: "string" } } },
  required: ["price"]
}

const pricedEval = { ...definition(), data_source_config: { type: "custom", item_schema: priced } }

const inline = (...content: ReadonlyArray<unknown>) => ({
  data_source: { type: "jsonl", source: { type: "file_content", content } }
})

const fromFile = (id: string) => ({ data_source: { type: "jsonl", source: { type: "file_id", id } } })

const idOf = (answer: { readonly json: unknown }): string => String(at(answer.json, "id"))

const uploaded = (content: string) => Effect.map(send("POST", "/files", upload(content), formHeaders()), idOf)

const there: Effect.Effect<There, never, Effect.Services<ReturnType<typeof send>>> = Effect.gen(function* () {
  const evalId = idOf(yield* send("POST", "/evals", pricedEval))
  const runId = idOf(yield* send("POST", `/evals/${evalId}/runs`, inline({ item: { price: 1 } })))
  return { evalId, runId, fileId: yield* uploaded('{"item":{"price":1}}\n') }
})

const criteria = (...testing_criteria: ReadonlyArray<unknown>) => ({ ...definition(), testing_criteria })

const schema = (item_schema: unknown, more: object = {}) => ({
  ...definition(),
  data_source_config: { type: "custom", item_schema, ...more }
})

const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, "v"]))

const run = "/fine_tuning/alpha/graders/run"
const validate = "/fine_tuning/alpha/graders/validate"

layer(EvalsTest.layer)("what is wrong with a request", (it) => {
  it.effect("that is no JSON object is said, with the place where that can be known", () =>
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

  it.effect("that is no UTF-8 is said", () =>
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

  it.effect("for an eval is said", () =>
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

  it.effect("with an item schema is said, with its place in the schema", () =>
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
          message: /properties\.a\.pattern: "\(" is no regular expression/
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

  it.effect("with a criterion is said, be it one of thousands", () =>
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

  it.effect("for a run is said", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const runs = `/evals/${evalId}/runs`
      yield* answers(
        ["POST", runs, {}, { param: "data_source", message: "data_source: is missing" }],
        [
          "POST",
          runs,
          { data_source: { type: "csv" } },
          {
            param: "data_source.type",
            message: 'data_source.type: expected one of "jsonl", "completions", "responses"'
          }
        ],
        [
          "POST",
          runs,
          { data_source: { type: "jsonl" } },
          { param: "data_source.source", message: "data_source.source: is missing" }
        ],
        [
          "POST",
          runs,
          { data_source: { type: "jsonl", source: { type: "url" } } },
          {
            param: "data_source.source.type",
            message: 'data_source.source.type: expected one of "file_content", "file_id"'
          }
        ],
        [
          "POST",
          runs,
          { data_source: { type: "jsonl", source: { type: "file_content", content: {} } } },
          { param: "data_source.source.content", message: "data_source.source.content: expected array" }
        ],
        [
          "POST",
          runs,
          { ...inline({ item: { price: 1 } }), name: 5 },
          { param: "name", message: "name: expected a string, or null" }
        ],
        [
          "POST",
          runs,
          fromFile("file-none"),
          {
            param: "data_source.source.id",
            code: "not_found",
            message: 'data_source.source.id: There is no file "file-none".'
          }
        ],
        [
          "POST",
          runs,
          fromFile(evalId),
          {
            param: "data_source.source.id",
            code: "not_found",
            message: `data_source.source.id: There is no file "${evalId}". This is the id of an eval: were two ids swapped?`
          }
        ]
      )
    })
  )

  it.effect("with a row is said, with its index and the path in it", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const fine = { item: { price: 1 } }
      const wanted = (message: string): Wanted => ({
        param: "data_source.source.content",
        code: "invalid_row",
        message: `data_source.source.content${message}`
      })
      yield* answers(
        ["POST", runs, inline(1), wanted("[0]: expected an object with an item, got a number")],
        ["POST", runs, inline(fine, null), wanted("[1]: expected an object with an item, got null")],
        ["POST", runs, inline({}), wanted("[0].item: expected an object, got nothing")],
        ["POST", runs, inline({ item: [] }), wanted("[0].item: expected an object, got a list")],
        ["POST", runs, inline({ item: {} }), wanted("[0].item.price: is missing")],
        [
          "POST",
          runs,
          inline(fine, fine, { item: { price: "1" } }),
          wanted('[2].item.price: expected a number, got "1"')
        ],
        [
          "POST",
          runs,
          inline({ item: { price: 1, tags: ["a", "b", 3] } }),
          wanted("[0].item.tags[2]: expected a string, got 3")
        ],
        [
          "POST",
          runs,
          inline({ ...fine, sample: "x" }),
          wanted("[0].sample: expected an object or null, got a string")
        ],
        [
          "POST",
          runs,
          inline(...Array.from({ length: 3000 }, (_, index) => ({ item: { price: index === 2500 ? null : 1 } }))),
          wanted("[2500].item.price: expected a number, got null")
        ],
        ["POST", runs, inline(), { ...wanted(""), code: "no_rows", message: "the data source has no rows" }],
        [
          "POST",
          runs,
          inline({ item: Array.from({ length: 300 }).reduce<unknown>((inner) => [inner], 1) }),
          { param: null, message: "The request's body is nested deeper than 256 levels." }
        ],
        [
          "POST",
          runs,
          `{"data_source":{"type":"jsonl","source":{"type":"file_content","content":[${"1,".repeat(200_000)}1]}}}`,
          {
            status: 413,
            param: "data_source.source.content",
            code: "request_too_large",
            message:
              "data_source.source.content: holds 200001 rows, and this server takes 200000. Upload the rows as a file " +
              '(POST /v1/files, purpose "evals", one row a line) and name it as data_source.source ' +
              '{"type": "file_id", "id": "file-…"}: files may be 512 MiB large.'
          }
        ]
      )
      assert.deepStrictEqual(at((yield* send("GET", runs)).json, "data", "length"), 1)
    })
  )

  it.effect("with a file that is no JSONL is said, with the number of the line", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const fine = '{"item":{"price":1}}\n'
      const refused = (content: string, message: (id: string) => string, code = "invalid_row") =>
        Effect.flatMap(uploaded(content), (id) =>
          answers(["POST", runs, fromFile(id), { param: "data_source.source.id", code, message: message(id) }])
        )
      yield* refused(
        `${fine}\n${fine}price,tags\n`,
        (id) => `line 4 of ${id} (row 2, counted from 0): not JSON: expected a value at column 1, found "p"`
      )
      yield* refused(
        `${fine}  \n{"item":{"price":1,"tags":["a",2]}}`,
        (id) => `line 3 of ${id} (row 1, counted from 0), item.tags[1]: expected a string, got 2`
      )
      yield* refused(
        '{\n  "item": {}\n}\n',
        (id) =>
          `line 1 of ${id} (row 0, counted from 0): not JSON: expected a key in double quotes or "}" at column 2, found the end; ` +
          'the file has objects that go over several lines: write one object a line, {"item": …, "sample": …} (jq -c . does so)'
      )
      yield* refused(
        `${fine.repeat(2400)}[]\n${fine}`,
        (id) => `line 2401 of ${id} (row 2400, counted from 0): expected an object with an item, got a list`
      )
      yield* refused(
        `${"[".repeat(100_000)}\n`,
        (id) => `line 1 of ${id} (row 0, counted from 0): nested deeper than 256 levels`
      )
      yield* refused("", () => "the data source has no rows", "no_rows")
      yield* refused("\n \n\r\n", () => "the data source has no rows", "no_rows")
      assert.deepStrictEqual(at((yield* send("GET", runs)).json, "data", "length"), 1)
    })
  )

  it.effect("in the parameters of a list is said", () =>
    Effect.gen(function* () {
      const { evalId, fileId, runId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const items = `${runs}/${runId}/output_items`
      for (const [path, most] of [
        ["/evals", 100],
        [runs, 100],
        [items, 100],
        ["/files", 10_000]
      ] as const) {
        for (const limit of [
          "0",
          "-1",
          "+5",
          "1.5",
          "1e2",
          String(most + 1),
          "9".repeat(80),
          "ten",
          " ",
          " 1",
          "0x10"
        ]) {
          yield* answers([
            "GET",
            `${path}?limit=${encodeURIComponent(limit)}`,
            undefined,
            {
              param: "limit",
              message: `limit: expected a whole number from 1 to ${most}, got ${JSON.stringify(limit)}`
            }
          ])
        }
        for (const after of [
          "none",
          " ",
          "eval_none",
          "%00",
          "'; DROP TABLE evals; --",
          path === "/evals" ? runId : evalId
        ]) {
          yield* answers([
            "GET",
            `${path}?after=${encodeURIComponent(after)}`,
            undefined,
            {
              param: "after",
              message: `after: ${JSON.stringify(after)} is not in this list; pass the id of the last object that was seen`
            }
          ])
        }
        yield* answers([
          "GET",
          `${path}?order=up`,
          undefined,
          { param: "order", message: 'order: expected one of "asc", "desc", got "up"' }
        ])
      }
      yield* answers(
        [
          "GET",
          "/evals?order_by=name",
          undefined,
          { param: "order_by", message: 'order_by: expected one of "created_at", "updated_at", got "name"' }
        ],
        [
          "GET",
          `${runs}?status=done`,
          undefined,
          {
            param: "status",
            message: 'status: expected one of "queued", "in_progress", "completed", "canceled", "failed", got "done"'
          }
        ],
        [
          "GET",
          `${items}?status=error`,
          undefined,
          { param: "status", message: 'status: expected one of "pass", "fail", "failed", got "error"' }
        ],
        // an object of the kind, of another list
        ["GET", `${items}?after=${fileId}`, undefined, { param: "after", message: /is not in this list/ }]
      )
    })
  )

  it.effect("about an object that is not there is said, with the id", () =>
    Effect.gen(function* () {
      const { evalId, fileId, runId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const missing = (message: string): Wanted => ({ status: 404, param: null, code: "not_found", message })
      const noEval = missing('There is no eval "eval_none".')
      const noRun = missing(`There is no run "evalrun_none" of eval ${evalId}.`)
      const noFile = missing('There is no file "file-none".')
      const other = yield* Effect.map(send("POST", "/evals", definition()), idOf)
      yield* answers(
        ["GET", "/evals/eval_none", undefined, noEval],
        ["POST", "/evals/eval_none", { name: "n" }, noEval],
        ["DELETE", "/evals/eval_none", undefined, noEval],
        ["GET", "/evals/eval_none/runs", undefined, noEval],
        ["POST", "/evals/eval_none/runs", over([row(true)]), noEval],
        ["GET", `/evals/eval_none/runs/${runId}`, undefined, noEval],
        ["GET", `/evals/eval_none/runs/${runId}/output_items`, undefined, noEval],
        ["GET", `${runs}/evalrun_none`, undefined, noRun],
        ["DELETE", `${runs}/evalrun_none`, undefined, noRun],
        ["POST", `${runs}/evalrun_none`, undefined, noRun],
        ["POST", `${runs}/evalrun_none/cancel`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/events`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/output_items`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/output_items/x`, undefined, noRun],
        // a run of another eval
        ["GET", `/evals/${other}/runs/${runId}`, undefined, missing(`There is no run "${runId}" of eval ${other}.`)],
        [
          "GET",
          `${runs}/${runId}/output_items/outputitem_none`,
          undefined,
          missing(`There is no output item "outputitem_none" of run ${runId}.`)
        ],
        ["GET", "/files/file-none", undefined, noFile],
        ["GET", "/files/file-none/content", undefined, noFile],
        ["DELETE", "/files/file-none", undefined, noFile],
        [
          "GET",
          `/evals/${fileId}`,
          undefined,
          missing(`There is no eval "${fileId}". This is the id of a file: were two ids swapped?`)
        ],
        [
          "GET",
          `/files/${runId}`,
          undefined,
          missing(`There is no file "${runId}". This is the id of a run: were two ids swapped?`)
        ],
        ["GET", `/evals/${"x".repeat(10_000)}`, undefined, missing(`There is no eval "${"x".repeat(200)}".`)],
        ["GET", "/evals/%00%1F", undefined, missing('There is no eval "\\u0000\\u001f".')],
        ["GET", "/evals/a%2F..%2Fb", undefined, missing('There is no eval "a/../b".')],
        ["GET", `/evals/${encodeURIComponent('東京🚀"')}`, undefined, missing('There is no eval "東京🚀\\"".')],
        ["GET", "/evals/' OR 1=1 --", undefined, missing('There is no eval "\' OR 1=1 --".')],
        ["GET", "/evals/__proto__", undefined, missing('There is no eval "__proto__".')]
      )
    })
  )

  it.effect("about a path that is none is said", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const none = (method: string, path: string): Case => [
        method,
        path,
        undefined,
        { status: 404, param: null, code: "unknown_url", message: `There is no ${method} /v1${path} here.` }
      ]
      yield* answers(
        none("GET", "/eval"),
        none("PUT", `/evals/${evalId}`),
        none("PATCH", "/evals"),
        none("DELETE", "/evals"),
        none("POST", `/evals/${evalId}/runs/x/output_items`),
        none("GET", "/evals/%ZZ"),
        none("GET", "/evals/%E0%A4%A"),
        none("GET", "/fine_tuning/alpha/graders/run")
      )
    })
  )

  it.effect("with an upload is said", () => {
    const purpose = field("purpose", "evals")
    const rows = file('{"item":{}}\n')
    const expiring = (anchor: string, seconds: string) =>
      form([purpose, field("expires_after[anchor]", anchor), field("expires_after[seconds]", seconds), rows])
    const noForm: Wanted = {
      param: null,
      message:
        "The request's body is not a whole multipart form: send multipart/form-data, with the boundary in content-type, " +
        'lines that end in CRLF, and the parts "purpose" and "file".'
    }
    const noFile: Wanted = { param: "file", message: "file: is missing; send it as a part with a filename" }
    const whole = upload('{"item":{}}\n')
    const bad = (body: string, wanted: Wanted, headers = formHeaders()): Case => [
      "POST",
      "/files",
      body,
      wanted,
      headers
    ]
    return answers(
      ["POST", "/files", "{}", noForm],
      bad(whole, noForm, { "content-type": "multipart/form-data" }),
      bad(whole, noForm, formHeaders("another")),
      bad(whole, noForm, { "content-type": "application/x-www-form-urlencoded" }),
      bad("", noForm),
      bad("garbage", noForm),
      bad(whole.slice(0, -6), noForm),
      bad(whole.slice(0, -15), noForm),
      bad(whole.slice(0, 60), noForm),
      bad("--b--\r\n", noFile),
      bad(form([purpose]), noFile),
      bad(form([purpose, field("file", "{}")]), noFile),
      bad(form([rows]), { param: "purpose", message: "purpose: is missing" }),
      bad(form([field("purpose", "fun"), rows]), {
        param: "purpose",
        message: 'purpose: expected one of "evals", "assistants", "batch", "fine-tune", "vision", "user_data"'
      }),
      bad(form([purpose, rows, rows]), {
        param: "file",
        message: "file: a request uploads one file, this one holds several"
      }),
      bad(form([purpose, file("{}", "a", "data")]), {
        param: "data",
        message: 'data: is sent as a file; only the part "file" may be one'
      }),
      bad(form([file("evals", "a", "purpose"), rows]), {
        param: "purpose",
        message: 'purpose: is sent as a file; only the part "file" may be one'
      }),
      bad(expiring("created_at", "3599"), {
        param: "expires_after.seconds",
        message: "expires_after.seconds: expected a value between 3600 and 2592000"
      }),
      bad(expiring("created_at", "soon"), {
        param: "expires_after.seconds",
        message: /^expires_after\.seconds: expected/
      }),
      bad(expiring("last_active_at", "3600"), {
        param: "expires_after.anchor",
        message: 'expires_after.anchor: expected "created_at"'
      }),
      bad(form([purpose, ...Array.from({ length: 20 }, (_, index) => field(`f${index}`, "x")), rows]), {
        status: 413,
        param: null,
        code: "request_too_large",
        message: "The form has more than 16 parts."
      }),
      bad(form([field("purpose", "x".repeat(65 * 1024)), rows]), {
        status: 413,
        param: null,
        code: "request_too_large",
        message: 'A field of the form is larger than 64 KiB; send what is large as the part "file".'
      })
    ).pipe(
      Effect.andThen(send("GET", "/files")),
      Effect.map(({ json }) =>
        assert.deepStrictEqual(
          [at(json, "data")].flat().filter((one) => at(one, "filename") === "a"),
          []
        )
      )
    )
  })

  it.effect("with metadata is counted in characters", () =>
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

  it.effect("to a grader is said", () =>
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

  it.effect("with its Idempotency-Key is said", () =>
    answers(
      ...["", "k".repeat(256)].map((key): Case => [
        "POST",
        "/evals",
        definition(),
        {
          param: "Idempotency-Key",
          message: `Idempotency-Key: expected 1 to 255 characters, got ${key.length}`
        },
        { "idempotency-key": key }
      ])
    )
  )

  it.effect("is not hidden by keys that objects inherit: they are keys like others", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const text = JSON.stringify(definition()).slice(1)
      yield* answers(
        [
          "POST",
          "/evals",
          `{"metadata":{"__proto__":1},${text}`,
          { param: "metadata.__proto__", message: "metadata.__proto__: expected string" }
        ],
        [
          "POST",
          "/evals",
          '{"__proto__":{"data_source_config":{}}}',
          { param: "data_source_config", message: /: is missing/ }
        ],
        [
          "POST",
          `/evals/${evalId}/runs`,
          '{"data_source":{"type":"jsonl","source":{"type":"file_content","content":[{"item":{"__proto__":{"price":1}}}]}}}',
          {
            param: "data_source.source.content",
            code: "invalid_row",
            message: "data_source.source.content[0].item.price: is missing"
          }
        ]
      )
      const made = yield* send(
        "POST",
        "/evals",
        `{"metadata":{"__proto__":"x","constructor":"y"},"__proto__":1,${text}`
      )
      assert.strictEqual(made.status, 201)
      assert.strictEqual(
        made.headers.get("warning"),
        '299 effect-evals "ignored keys that the API does not name: __proto__"'
      )
      const stored = yield* send("GET", `/evals/${idOf(made)}`)
      assert.strictEqual(JSON.stringify(at(stored.json, "metadata")), '{"__proto__":"x","constructor":"y"}')
      assert.isFalse(Object.hasOwn(Object(stored.json), "__proto__"))
    })
  )

  it.effect("is found in time, though it is all over it", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`).join()
      const text = JSON.stringify(definition()).slice(1)
      const made = yield* send("POST", "/evals", `{${many},${text}`)
      assert.strictEqual(made.status, 201)
      assert.strictEqual(
        made.headers.get("warning"),
        `299 effect-evals "ignored keys that the API does not name: ${Array.from({ length: 10 }, (_, index) => `k${index}`).join(", ")} and 49990 more"`
      )
      assert.deepStrictEqual(Object.keys(Object(made.json)).length, 7)
    })
  )
})

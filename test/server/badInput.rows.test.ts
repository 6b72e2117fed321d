/** Runs, rows and files that are refused: the answer names what is wrong and where. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"
import { type Wanted, type Case, answers, inline, fromFile, uploaded, there, validate } from "./lib/badRequests.ts"

layer(EvalsTest.layer)("a refused run or file", (it) => {
  it.effect("a wrong field of a run is named", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const runs = `/evals/${evalId}/runs`
      yield* answers(
        ["POST", runs, {}, { param: "data_source", message: "data_source: is missing" }],
        ["POST", runs, { data_source: null }, { param: "data_source", message: "data_source: is missing" }],
        [
          "POST",
          runs,
          { data_source: { type: "jsonl", source: null } },
          { param: "data_source.source", message: "data_source.source: is missing" }
        ],
        [
          "POST",
          "/evals",
          { data_source_config: null, testing_criteria: [] },
          { param: "data_source_config", message: "data_source_config: is missing" }
        ],
        ["POST", validate, { grader: null }, { param: "grader", message: "grader: is missing" }],
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

  it.effect("a wrong row is refused with its index and the path in it", () =>
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

  it.effect("a file that is not JSON lines is refused with the number of the line", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const fine = '{"item":{"price":1}}\n'
      const refused = (content: string, message: (id: string) => string, code = "invalid_row") =>
        Effect.flatMap(uploaded(content), (id) =>
          answers(["POST", runs, fromFile(id), { param: "data_source.source.id", code, message: message(id) }])
        )
      const noRows = (id: string) => `the data source has no rows: ${id} is empty, or each of its lines is blank`
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
      yield* refused("", noRows, "no_rows")
      yield* refused("\n \n\r\n", noRows, "no_rows")
      assert.deepStrictEqual(at((yield* send("GET", runs)).json, "data", "length"), 1)
    })
  )

  it.effect("a wrong part of an upload is named", () => {
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
        message: 'A field of the form is larger than the limit of 64 KiB; send large content as the part "file".'
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
})

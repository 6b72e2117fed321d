import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { type Eval, OutputItemId, type Run } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { formatProgress } from "../../src/cli/followRun.ts"
import { formatReport } from "../../src/cli/formatReport.ts"
import * as Rows from "../../src/cli/rows.ts"
import type { Target } from "../../src/cli/target.ts"
import * as Summary from "../../src/cli/summary.ts"
import type { Failures } from "../../src/report/failures.ts"
import { toJson } from "../../src/report/json.ts"
import { couldNotRun } from "../../src/cli/Stop.ts"
import { date, duration, percent, percentAgainst, shareAgainst } from "../../src/report/format.ts"
import { plain } from "../../src/report/plainText.ts"
import { cut } from "../../src/cli/textLayout.ts"
import { client } from "../support.ts"

const target = (database: string | undefined): Target => ({
  database,
  flags: database === undefined ? " --base-url https://host.example/v1" : "",
  explain: ({ message }) => couldNotRun(message),
  evalOf: () => Effect.die("not used"),
  runOf: () => Effect.die("not used"),
  stalled: () => Effect.die("not used"),
  evalFrom: () => Effect.die("not used")
})

const uuid = (last: number) => `00000000-0000-4000-8000-00000000000${last}`

const one = (...criteria: ReadonlyArray<Eval.Eval["testing_criteria"][number]>): Eval.Eval =>
  WireBuilder.evaluation({ name: "an eval", testing_criteria: criteria })

const equal = (name: string, id: string): Eval.Eval["testing_criteria"][number] => ({
  type: "string_check",
  name,
  id,
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  operation: "eq"
})

const ended = (run: Partial<Run.Run>): Run.Run =>
  WireBuilder.run({
    status: "completed",
    model: null,
    name: null,
    result_counts: { total: 10, passed: 6, failed: 3, errored: 1 },
    ...run
  })

const subject = (given: Partial<Summary.Subject> = {}): Summary.Subject => ({
  eval: one(),
  run: ended({}),
  target: target("evals.db"),
  seconds: undefined,
  minPassRate: undefined,
  ...given
})

const nothing: Failures = { examples: [], unset: [], looked: 0 }

const words = (given: Summary.Subject, failures: Failures, width: number): string =>
  formatReport(Summary.reportOf(given, failures), Summary.itemFlags(given.target, given.run), width)

const jsonOf = (given: Summary.Subject): string => toJson(Summary.reportOf(given, nothing), given.target.database)

const conclude = (given: Summary.Subject) => Summary.conclude(Summary.reportOf(given, nothing))

const linesOf = (given: Summary.Subject, width = 120): ReadonlyArray<string> => words(given, nothing, width).split("\n")

describe("the summary of a run", () => {
  it("counts errored items in all rates", () => {
    const ids = [`same-${uuid(1)}`, `same-${uuid(2)}`, `other-${uuid(3)}`]
    const given = subject({
      eval: one(equal("same", ids[0] ?? ""), equal("same", ids[1] ?? ""), equal("other", ids[2] ?? "")),
      run: ended({
        per_testing_criteria_results: ids.map((id) => ({ testing_criteria: id, passed: 9, failed: 0 }))
      })
    })
    const lines = linesOf(given)
    assert.include(lines, "items  6 passed, 3 failed, 1 errored, 10 in all: 60.0 % passed")
    // two of one name are told apart by what makes them unique
    assert.deepStrictEqual(
      lines.filter((text) => text.includes("string_check")).map((text) => text.split(/ {2,}/)),
      [
        [`same-${uuid(1)}`, "string_check eq", "9", "0", "90.0 %", "███████████░"],
        [`same-${uuid(2)}`, "string_check eq", "9", "0", "90.0 %", "███████████░"],
        ["other", "string_check eq", "9", "0", "90.0 %", "███████████░"]
      ]
    )
    const { criteria, pass_rate } = JSON.parse(jsonOf(given))
    assert.strictEqual(pass_rate, 0.6)
    assert.deepStrictEqual(
      criteria.map((criterion: { readonly pass_rate: number }) => criterion.pass_rate),
      [0.9, 0.9, 0.9]
    )
  })

  it("cuts names to the width of a terminal", () => {
    const given = subject({ eval: one(equal("x".repeat(80), `${"x".repeat(80)}-${uuid(1)}`)) })
    for (const text of linesOf(given, 80)) assert.isAtMost(text.length, 80)
  })

  it("shows no threshold that only the host knows, and names the command for the items", () => {
    const model = {
      type: "score_model",
      name: "judge",
      model: "gpt-4.1",
      input: [{ role: "user", content: "rate {{ sample.output_text }}" }]
    } as const
    const item = WireBuilder.outputItem({
      status: "fail",
      datasource_item_id: 4,
      datasource_item: { label: "a\u001B[31mb", n: 7, list: [1] },
      results: [
        { name: `judge-${uuid(1)}`, score: 0, passed: false },
        { name: `same-${uuid(2)}`, score: 1, passed: true }
      ]
    })
    const given = subject({ eval: one(model), target: target(undefined) })
    const lines = words(given, { ...nothing, examples: [{ item, explanations: [] }] }, 120).split("\n")
    assert.isTrue(lines.some((text) => /^judge +score_model gpt-4\.1 +\(not given\) /.test(text)))
    assert.include(lines, '(not given)  no pass_threshold is set for "judge": the host decides')
    // what would steer the terminal is not passed on
    assert.include(lines, "    4  judge   a [31mb · 7")
    assert.include(
      lines,
      `more: effect-evals items ${given.run.id} --status fail --base-url https://host.example/v1 --eval ${given.run.eval_id}`
    )
    assert.isUndefined(JSON.parse(jsonOf(given)).database)
  })

  /** The summary of a run of so many items, of which these errored, and what is required. */
  const ofErrored = (items: number, errored: ReadonlyArray<number>) => {
    const of = (row: number) =>
      WireBuilder.outputItem({
        id: OutputItemId.make(`outputitem_${row}`),
        datasource_item_id: row,
        datasource_item: { id: `R${row}` },
        ...(errored.includes(row)
          ? row % 2 === 0
            ? {
                status: "error",
                results: [],
                sample: { input: [], output: [], error: { code: "busy", message: `no\ntime for ${row}` } }
              }
            : {
                status: "error",
                results: [
                  { name: `same-${uuid(1)}`, score: 0, passed: false, sample: { error: { message: "took too long" } } }
                ]
              }
          : {})
      })
    const result_counts = { total: items, passed: items - errored.length, failed: 0, errored: errored.length }
    return Effect.gen(function* () {
      const text = yield* Summary.formatted(subject({ run: ended({ result_counts }) }))
      return { lines: text.split("\n"), asked: (yield* ScriptedHttp.requests).map(({ query }) => query) }
    }).pipe(
      Effect.provide([
        NodeServices.layer,
        client(({ query }) => {
          const first = query["after"] === undefined ? 0 : Number(query["after"].slice("outputitem_".length)) + 1
          const last = Math.min(items, first + Number(query["limit"]))
          const data = Array.from({ length: last - first }, (_, index) => of(first + index))
          return { body: WireBuilder.page(data, last < items) }
        })
      ])
    )
  }

  it.effect("shows the first errored rows and their errors if no row failed", () =>
    Effect.gen(function* () {
      const { asked, lines } = yield* ofErrored(250, [3, 4, 130, 131, 132, 133])
      const at = lines.indexOf("5 of 6 errored items")
      assert.deepStrictEqual(lines.slice(at), [
        "5 of 6 errored items",
        "  row  why              item",
        "    3  took too long    R3",
        "    4  no time for 4    R4",
        "  130  no time for 130  R130",
        "  131  took too long    R131",
        "  132  no time for 132  R132",
        `more: effect-evals items ${ended({}).id} --status error`
      ])
      assert.deepStrictEqual(asked[0], { limit: "100" })
    })
  )

  it.effect("names the command for errored rows that come late, and does not read a long run for them", () =>
    Effect.gen(function* () {
      const { asked, lines } = yield* ofErrored(5000, [4000])
      assert.deepStrictEqual(lines.slice(-2), ["", `more: effect-evals items ${ended({}).id} --status error`])
      assert.isAtMost(asked.length, 11)
      const none = yield* ofErrored(5000, [])
      assert.notInclude(none.lines.join("\n"), "more:")
      assert.deepStrictEqual(none.asked, [])
    })
  )

  it("says how many rows a run did not judge that did not complete", () => {
    const perfect = { total: 80, passed: 80, failed: 0, errored: 0 }
    const canceled = ended({ status: "canceled", result_counts: perfect })
    const after = (given: Partial<Summary.Subject>) => {
      const lines = linesOf(subject(given))
      return lines.slice(lines.findIndex((text) => text.startsWith("items")))
    }
    const items = "items  80 passed, 0 failed, 0 errored, 80 judged: 100.0 % passed"
    assert.deepStrictEqual(after({ run: canceled, rows: 400 }), [
      items,
      "       canceled before its end: 320 of 400 rows not judged"
    ])
    const content = Array.from({ length: 81 }, () => ({ item: {} }))
    const inline = { ...canceled, data_source: { type: "jsonl", source: { type: "file_content", content } } } as const
    assert.deepStrictEqual(after({ run: inline }), [items, "       canceled before its end: 1 of 81 rows not judged"])
    assert.deepStrictEqual(after({ run: ended({ status: "in_progress", result_counts: perfect }), rows: undefined }), [
      items,
      "       in_progress, not ended yet: only the rows judged so far are counted"
    ])
    assert.deepStrictEqual(after({ run: ended({ result_counts: perfect }), rows: 80 }), [
      "items  80 passed, 0 failed, 0 errored, 80 in all: 100.0 % passed"
    ])
  })

  it.effect("maps the end of the run to the exit code", () =>
    Effect.gen(function* () {
      const codeOf = (given: Partial<Summary.Subject>) =>
        Effect.map(Effect.result(conclude(subject(given))), (result) =>
          result._tag === "Failure" ? [result.failure.code, result.failure.message] : [0, ""]
        )
      const judging = one(equal("same", `same-${uuid(1)}`))
      assert.deepStrictEqual(yield* codeOf({}), [0, ""])
      assert.deepStrictEqual(yield* codeOf({ eval: judging, minPassRate: 0.6 }), [0, ""])
      assert.deepStrictEqual(yield* codeOf({ eval: judging, minPassRate: 0.60001 }), [
        1,
        "too few items passed: 0.6, below 0.60001"
      ])
      const failed = ended({ status: "failed", error: { code: "x", message: "no\nrows" } })
      assert.deepStrictEqual(yield* codeOf({ run: failed, minPassRate: 0 }), [2, `${failed.id} failed: no rows`])
      assert.include(linesOf(subject({ run: failed })), "error  no rows")
      const canceled = ended({ status: "canceled" })
      assert.deepStrictEqual(yield* codeOf({ run: canceled }), [3, `${canceled.id} is canceled, with 10 rows judged`])
      assert.deepStrictEqual(yield* codeOf({ run: canceled, rows: 400, minPassRate: 0.9 }), [
        3,
        `${canceled.id} is canceled, with 10 of 400 rows judged: whether 0.9 of all pass is not known`
      ])
      const nothing = ended({ result_counts: { total: 0, passed: 0, failed: 0, errored: 0 } })
      assert.deepStrictEqual(yield* codeOf({ eval: judging, run: nothing, minPassRate: 0 }), [
        2,
        "the gate is undecided: the run has no items"
      ])
      assert.include(
        linesOf(subject({ eval: judging, run: nothing, minPassRate: 0 })),
        "gate   undecided: the run has no items"
      )
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(conclude(subject({ run: nothing })))))
    })
  )

  it.effect("leaves the gate undecided for an eval without criteria, as every item passes", () =>
    Effect.gen(function* () {
      const all = ended({ result_counts: { total: 10, passed: 10, failed: 0, errored: 0 } })
      const given = subject({ run: all, minPassRate: 1 })
      const stop = yield* Effect.flip(conclude(given))
      assert.deepStrictEqual(
        [stop.code, stop.message],
        [
          2,
          "the gate is undecided: the eval has no criteria, so that every item passes; add one to its testing_criteria"
        ]
      )
      assert.strictEqual(JSON.parse(jsonOf(given)).gate, null)
    })
  )

  it("takes the number of rows from the run itself first", () => {
    const canceled = ended({ status: "canceled", evals_rows: { total: 400, not_judged: 390 } })
    assert.include(linesOf(subject({ run: canceled })), "       canceled before its end: 390 of 400 rows not judged")
  })

  it.prop(
    "shows shares that never contradict the verdict",
    {
      total: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })),
      passed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })),
      limit: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))
    },
    ({ limit, passed, total }) => {
      const share = Math.min(passed, total) / total
      const least = limit / 10_000
      for (const asked of [least, share, share + 1e-9, share - 1e-9]) {
        assert.strictEqual(Number(shareAgainst(share, asked)) >= asked, share >= asked)
        assert.strictEqual(Number.parseFloat(percentAgainst(share, asked)) / 100 >= asked, share >= asked)
      }
    }
  )

  it("shows shares with as many digits as the verdict needs, and no more", () => {
    const shown = (passed: number, total: number, asked: number) => [
      shareAgainst(passed / total, asked),
      percentAgainst(passed / total, asked)
    ]
    assert.deepStrictEqual(shown(57, 100, 0.57), ["0.57", "57.0 %"])
    assert.deepStrictEqual(shown(29, 100, 0.29), ["0.29", "29.0 %"])
    assert.deepStrictEqual(shown(5696, 10_000, 0.57), ["0.5696", "56.96 %"])
    assert.deepStrictEqual(shown(99_999, 100_000, 1), ["0.99999", "99.9 %"])
    assert.deepStrictEqual(shown(2, 3, 0.6667), ["0.66667", "66.667 %"])
    assert.deepStrictEqual(shown(1, 3, 0.1), ["0.3333", "33.3 %"])
    assert.strictEqual(percentAgainst(1 / 3, 1 / 3), "33.333333333333336 %")
    const given = subject({
      eval: one(equal("same", `same-${uuid(1)}`)),
      run: ended({ result_counts: { total: 100, passed: 57, failed: 43, errored: 0 } }),
      minPassRate: 0.57
    })
    assert.include(linesOf(given), "gate   passed: 57 of 100 items passed, 0.57; at least 0.57 is required")
  })
})

describe("the progress of a run", () => {
  it("is a bar if the number of rows is known, and counts otherwise", () => {
    const run = ended({ status: "in_progress", result_counts: { total: 2500, passed: 2000, failed: 490, errored: 10 } })
    assert.strictEqual(
      formatProgress({ run, rows: 10_000 }, 250, true),
      "█████░░░░░░░░░░░░░░░  2,500/10,000  25.0 %  2,000 passed  490 failed  10 errored  250/s  about 30 s left"
    )
    assert.strictEqual(
      formatProgress({ run, rows: 10_000 }, 0, false),
      "2,500/10,000  25.0 %  2,000 passed  490 failed  10 errored"
    )
    assert.strictEqual(
      formatProgress({ run, rows: undefined }, 250, true),
      "2,500 items  2,000 passed  490 failed  10 errored  250/s"
    )
    assert.strictEqual(
      formatProgress({ run: ended({}), rows: 10 }, 250, false),
      "10/10  100.0 %  6 passed  3 failed  1 errored  completed"
    )
  })
})

describe("rows", () => {
  it.prop(
    "are counted as lines that are not blank, however the text is cut",
    {
      lines: Schema.Array(Schema.Literals(["", " ", "\r", "{}", ' {"a": 1} ', "x\r"])),
      ends: Schema.Boolean,
      size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))
    },
    ({ ends, lines, size }) => {
      const bytes = new TextEncoder().encode(lines.join("\n") + (ends ? "\n" : ""))
      const counted = Rows.counter()
      for (let at = 0; at < bytes.length; at += size) counted.add(bytes.subarray(at, at + size))
      assert.strictEqual(counted.rows(), lines.filter((text) => text.trim() !== "").length)
    }
  )
})

describe("formatted figures and texts", () => {
  it("show 100 % only for all, and 0 % only for none", () => {
    assert.deepStrictEqual([0, 0.00001, 0.5, 0.99999, 1].map(percent), [
      "0.0 %",
      "0.1 %",
      "50.0 %",
      "99.9 %",
      "100.0 %"
    ])
  })

  it("are cut between characters, and hold no control characters", () => {
    assert.deepStrictEqual(
      [cut("abc", 3), cut("abcd", 3), cut("a\u{1F600}b", 3), cut("a bcd", 3)],
      ["abc", "ab…", "a…", "a…"]
    )
    assert.strictEqual(plain("a\r\n\tb\u009B31m\u0000"), "a b 31m")
  })

  it("show durations and dates", () => {
    assert.deepStrictEqual([0.04, 9.94, 12, 150].map(duration), ["0.0 s", "9.9 s", "12 s", "3 min"])
    assert.deepStrictEqual([date(1_760_000_000), date(1e20)], ["2025-10-09 08:53:20 UTC", "100000000000000000000"])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { grade, runGrader, validateGrader } from "../../../src/engine/work/grade.ts"
import type { Operations } from "../../../src/engine/work/protocol.ts"

type Request = Operations["grade"]["request"]

const stringCheck = (name: string, operation: "eq" | "ne") => ({
  id: `${name}-1`,
  grader: { type: "string_check", name, input: "{{ item.a }}", reference: "x", operation }
})

const criteria = JSON.stringify([stringCheck("is", "eq"), stringCheck("is not", "ne")])

/** The answer of the worker, with its tails as texts. */
const run = (rows: string, options: Partial<Request> = {}) => {
  const { ends, tails, ...rest } = grade({
    criteria,
    rows: new TextEncoder().encode(rows),
    replies: [],
    usageByRow: false,
    errored: undefined,
    sliceMillis: 10_000,
    millis: 10_000,
    ...options
  })
  return {
    ...rest,
    tails: Array.from(ends, (end, row) => new TextDecoder().decode(tails.subarray(ends[row - 1] ?? 0, end)))
  }
}

const Tail = Schema.fromJsonString(
  Schema.Struct({
    datasource_item: Schema.Json,
    results: Schema.Array(Schema.Struct({ name: Schema.String, passed: Schema.Boolean, sample: Schema.Json })),
    sample: Schema.Json
  })
)

const decode = (tail: string | undefined) => Schema.decodeUnknownSync(Tail)(`{${tail ?? ""}`)

/** Texts whose longest common part takes seconds to find. */
const long = (seed: number) => {
  let state = seed
  return Array.from({ length: 400_000 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return String.fromCharCode(0x4e00 + (state % 5000))
  }).join("")
}

const similarity = JSON.stringify([
  {
    id: "close-1",
    grader: {
      type: "text_similarity",
      name: "close",
      input: "{{ item.a }}",
      reference: "{{ item.b }}",
      evaluation_metric: "fuzzy_match",
      pass_threshold: 1
    }
  }
])

describe("grade", () => {
  it("judges rows in their order, side by side", () => {
    const graded = run('{"item":{"a":"x"}}\n\n{"item":{"a":"y"}}\n{"item":{}}')
    const { tails, ...rest } = graded
    assert.deepStrictEqual(rest, {
      _tag: "Graded",
      rows: 3,
      lines: 4,
      bytes: 50,
      statuses: "fff",
      passed: "100100",
      usage: [],
      usages: [],
      // the row without what the criteria read: its sample, and the two results that show it
      copies: [[2, [191, 276, 217]]],
      causes: [],
      questions: [],
      expired: false
    })
    assert.deepStrictEqual(
      tails.map((tail) => decode(tail).datasource_item),
      [{ a: "x" }, { a: "y" }, {}]
    )
    assert.strictEqual(run('{"item":{"a":"x"}}', { criteria: JSON.stringify([stringCheck("is", "eq")]) }).statuses, "p")
    assert.strictEqual(run('{"item":{"a":"x"}}', { criteria: "[]" }).statuses, "p")
  })

  it("turns to others after its slice of time, with one row done at least", () => {
    const { bytes, lines, rows, tails } = run('\n{"item":{"a":"x"}}\n{"item":{}}', { sliceMillis: 0 })
    assert.deepStrictEqual({ bytes, lines, rows, tails: tails.length }, { bytes: 20, lines: 2, rows: 1, tails: 1 })
  })

  it("errors a row that cannot be read", () => {
    const { passed, statuses, tails } = run('{"item":{"a":"x"}}\n{"item":3}')
    assert.deepStrictEqual([statuses, passed], ["fe", "1000"])
    assert.deepStrictEqual(decode(tails[1]), {
      datasource_item: {},
      results: ["is-1", "is not-1"].map((name) => ({
        name,
        passed: false,
        sample: {
          error: { code: "invalid_row", message: "The row cannot be read: item: expected an object, got a number" }
        }
      })),
      sample: decode(tails[0]).sample
    })
  })

  it("errors every row where a criterion cannot be judged here", () => {
    const unknown = JSON.stringify([{ id: "c-1", grader: { type: "crystal_ball", name: "c" } }])
    const { statuses, tails } = run('{"item":{"a":1}}\n{"item":{}}', { criteria: unknown })
    assert.strictEqual(statuses, "ee")
    assert.deepStrictEqual(decode(tails[0]).datasource_item, { a: 1 })
    assert.include(tails[0], '"code":"unsupported_grader"')
  })

  it("stops a row that takes too long, and errors it", () => {
    const hostile = JSON.stringify({ item: { a: long(1), b: long(2) } })
    const { expired, lines, passed, rows, statuses, tails } = run(
      `{"item":{"a":"x","b":"x"}}\n${hostile}\n{"item":{"a":"x","b":"x"}}`,
      { criteria: similarity, sliceMillis: 20, millis: 1000 }
    )
    assert.deepStrictEqual(
      { expired, lines, passed, rows, statuses },
      { expired: true, lines: 2, passed: "10", rows: 2, statuses: "pe" }
    )
    assert.deepStrictEqual(decode(tails[1]).results, [
      {
        name: "close-1",
        passed: false,
        sample: {
          error: { code: "grader_timeout", message: "The criteria took longer than 1 s to judge this row." }
        }
      }
    ])
  })

  it("errors rows without judging them, for a given reason", () => {
    const { statuses, tails } = run('{"item":{"a":"x"}}', { errored: { code: "why", message: "because" } })
    assert.strictEqual(statuses, "e")
    assert.deepStrictEqual(decode(tails[0]).datasource_item, { a: "x" })
    assert.include(tails[0], '{"error":{"code":"why","message":"because"}}')
  })
})

const grader = {
  type: "string_check",
  name: "is",
  input: "{{ sample.output_text }}",
  reference: "{{ item.a }}",
  operation: "eq"
} as const

describe("single graders", () => {
  it("are run", () => {
    const answer = runGrader({
      params: { grader, model_sample: "x", item: { a: "x" } },
      replies: [],
      millis: 10_000,
      sliceMillis: 0
    })
    assert.strictEqual(answer._tag, "Ran")
    if (answer._tag === "Ran") {
      assert.strictEqual(answer.response.reward, 1)
      const time = answer.response.metadata.execution_time
      assert.isTrue(time !== undefined && time !== null && time > 0 && time < 10)
    }
  })

  it("are refused with what is wrong", () => {
    const params = { grader: { ...grader, type: "python" as const, source: "def grade(): ..." }, model_sample: "x" }
    const answer = runGrader({ params, replies: [], millis: 10_000, sliceMillis: 0 })
    assert.strictEqual(answer._tag, "Unusable")
    assert.strictEqual(validateGrader({ grader, millis: 10_000, sliceMillis: 0 })._tag, "Validated")
    assert.deepStrictEqual(validateGrader({ grader, millis: 10_000, sliceMillis: 0 }), {
      _tag: "Validated",
      problems: []
    })
    assert.deepStrictEqual(
      validateGrader({ grader: params.grader, millis: 10_000, sliceMillis: 0 }),
      answer._tag === "Unusable" ? { _tag: "Validated", problems: answer.problems } : undefined
    )
  })

  it("are stopped when they take too long", () => {
    const slow = {
      type: "text_similarity",
      name: "close",
      input: "{{ sample.output_text }}",
      reference: "{{ item.b }}",
      evaluation_metric: "fuzzy_match",
      pass_threshold: 1
    } as const
    const params = { grader: slow, model_sample: long(1), item: { b: long(2) } }
    assert.deepStrictEqual(runGrader({ params, replies: [], millis: 50, sliceMillis: 0 }), {
      _tag: "Expired",
      line: undefined
    })
  })
})

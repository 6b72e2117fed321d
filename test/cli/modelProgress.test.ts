import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Traffic } from "../../src/engine/models/Models.ts"
import { formatProgress } from "../../src/cli/followRun.ts"
import { formatAsking } from "../../src/cli/modelProgress.ts"
import { formatCost, formatSpending, spendingOf } from "../../src/report/spending.ts"
import * as Run from "../../src/schema/Run.ts"

const spent = {
  requests: 10,
  prompt_tokens: 1000,
  completion_tokens: 500,
  cached_tokens: 400,
  cost: 0.0054,
  cache_hits: 0
}

const run = (type: string, usage: ReadonlyArray<object> = [], more: object = {}): Run.Run =>
  Schema.decodeUnknownSync(Run.Run)({
    object: "eval.run",
    id: "evalrun_1",
    eval_id: "eval_1",
    name: "r",
    created_at: 7,
    status: "in_progress",
    model: "gpt-4.1",
    data_source: { type, source: { type: "file_id", id: "file-1" } },
    error: null,
    metadata: {},
    per_model_usage: usage,
    per_testing_criteria_results: [],
    report_url: "",
    result_counts: { total: 10, errored: 1, failed: 2, passed: 7 },
    ...more
  })

const usage = {
  model_name: "gpt-4.1",
  invocation_count: 10,
  prompt_tokens: 1000,
  completion_tokens: 500,
  cached_tokens: 400,
  total_tokens: 1500
}

const traffic: Traffic = {
  match: "*",
  endpoint: "http://models.test/v1",
  inFlight: 8,
  inFlightLimit: 8,
  waiting: 12,
  requestsPerSecond: 3.25,
  sent: 20,
  limited: 0,
  heldMillis: 0,
  down: false
}

describe("the progress of a run that asks models", () => {
  it("has requests a second, those in flight, those that wait, tokens and cost", () => {
    const asking = { traffic: [traffic] }
    assert.strictEqual(
      formatProgress({ run: run("completions", [], { evals_usage: spent }), rows: 100, asking }, 2, false),
      "10/100  10.0 %  7 passed  2 failed  1 errored  2/s  about 45 s left  " +
        "3.3 requests/s  8 in flight  12 waiting for limits  1,500 tokens  cost 0.0054"
    )
  })

  it("names an endpoint that is down, and says how long requests are held", () => {
    const held = { ...traffic, waiting: 0, heldMillis: 12_000, down: true, requestsPerSecond: 0 }
    assert.deepStrictEqual(formatAsking({ traffic: [held] }, run("responses")), [
      "0.0 requests/s",
      "8 in flight",
      "held for 12 s",
      "http://models.test/v1 is down"
    ])
  })

  it("has tokens alone where another process asks, where the host does not say what was spent", () => {
    assert.deepStrictEqual(formatAsking({ traffic: [] }, run("completions", [usage, { ...usage, model_name: "b" }])), [
      "3,000 tokens"
    ])
  })

  it("has nothing of a run whose rows bring their samples, and of endpoints that nothing is sent to", () => {
    const unused = { ...traffic, inFlight: 0, waiting: 0, sent: 0 }
    assert.deepStrictEqual(formatAsking({ traffic: [unused] }, run("jsonl", [usage])), [])
  })

  it("says what was spent, without a cost if a model has no price", () => {
    const said = (fields: object) => {
      const spending = spendingOf(run("jsonl", [], { evals_usage: { ...spent, ...fields } }))
      return spending === undefined ? undefined : formatSpending(spending)
    }
    assert.strictEqual(said({}), "10 requests, 1,500 tokens, cost 0.0054")
    assert.strictEqual(said({ cost: undefined, cache_hits: 3 }), "10 requests, 1,500 tokens, 3 from the cache")
    assert.isUndefined(spendingOf(run("jsonl")))
  })

  it("shows a cost with the digits that tell something", () => {
    assert.deepStrictEqual([0, 0.00042, 0.126, 12.345].map(formatCost), ["0.00", "0.00042", "0.13", "12.35"])
  })
})

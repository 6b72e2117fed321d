import { assert, describe, it } from "@effect/vitest"
import type { Eval, Run } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { none } from "../../src/report/failures.ts"
import { toJson } from "../../src/report/json.ts"
import * as RunReport from "../../src/report/RunReport.ts"

const criterion: Eval.Eval["testing_criteria"][number] = {
  type: "text_similarity",
  name: "near",
  id: "near-00000000-0000-4000-8000-000000000001",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "bleu"
}

const completed = (passed: number, run: Partial<Run.Run> = {}): Run.Run =>
  WireBuilder.run({
    status: "completed",
    result_counts: { total: 4, passed, failed: 4 - passed, errored: 0 },
    per_testing_criteria_results: [{ testing_criteria: criterion.id ?? "", passed, failed: 4 - passed }],
    ...run
  })

const report = (source: Partial<RunReport.Source> = {}): RunReport.RunReport =>
  RunReport.make({
    eval: WireBuilder.evaluation({ testing_criteria: [criterion] }),
    run: completed(3),
    embedded: true,
    failures: none,
    ...source
  })

describe("the report of a run", () => {
  it("has the rate, the criteria and the gate as values", () => {
    const { criteria, gate, passRate } = report({ minPassRate: 0.75 })
    assert.strictEqual(passRate, 0.75)
    assert.deepStrictEqual(gate, { _tag: "Decided", passed: true, passRate: 0.75, minPassRate: 0.75 })
    assert.deepStrictEqual(criteria, [
      {
        id: "near-00000000-0000-4000-8000-000000000001",
        name: "near",
        type: "text_similarity",
        detail: "bleu",
        passThreshold: 0.5,
        assumed: true,
        passed: 3,
        failed: 1,
        passRate: 0.75
      }
    ])
  })

  it("knows the default thresholds of the engine, and not those of a host", () => {
    assert.isUndefined(report({ embedded: false }).criteria[0]?.passThreshold)
  })

  it("has the changes since an earlier run only if both are completed", () => {
    const before = completed(1)
    assert.deepStrictEqual(report({ before }).changes, [
      { kind: "passed", difference: 2 },
      { kind: "failed", difference: -2 }
    ])
    assert.isUndefined(report({ before, run: completed(3, { status: "canceled" }) }).changes)
  })

  it("leaves the gate undecided with a reason, and without a required share there is no gate", () => {
    const reason = (source: Partial<RunReport.Source>) => {
      const { gate } = report({ minPassRate: 1, ...source })
      return gate?._tag === "Undecided" ? gate.reason : gate?._tag
    }
    assert.strictEqual(reason({ run: completed(3, { status: "canceled" }) }), "not completed")
    assert.strictEqual(reason({ eval: WireBuilder.evaluation({ testing_criteria: [] }) }), "no criteria")
    assert.strictEqual(
      reason({ run: completed(0, { result_counts: { total: 0, passed: 0, failed: 0, errored: 0 } }) }),
      "no items"
    )
    assert.isUndefined(report().gate)
  })

  it("is one JSON object with rates from 0 to 1", () => {
    const json = JSON.parse(toJson(report({ minPassRate: 0.8, warnings: ["slow"] }), "evals.db"))
    assert.deepStrictEqual(Object.keys(json), [
      "eval",
      "run",
      "pass_rate",
      "min_pass_rate",
      "gate",
      "criteria",
      "warnings",
      "variables_without_value",
      "failing_items_looked_at",
      "database"
    ])
    assert.deepStrictEqual(
      [json.pass_rate, json.min_pass_rate, json.gate, json.warnings],
      [0.75, 0.8, "failed", ["slow"]]
    )
  })
})

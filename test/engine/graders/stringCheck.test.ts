import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Grading } from "../../../src/engine/graders/Grader.ts"
import { stringCheck } from "../../../src/engine/graders/stringCheck.ts"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import { ofText } from "../../../src/engine/rows/Sample.ts"

const compiled = (operation: string, input: string, reference: string): Grading =>
  Result.getOrThrow(stringCheck.compile({ input, reference, operation }))

const score = (operation: string, input: string, reference: string): number => {
  const verdict = compiled(operation, "{{ item.input }}", "{{ item.reference }}").judge({
    item: new JsonText({ input, reference }, "", false),
    sample: ofText("")
  })
  return verdict._tag === "Scored" ? verdict.score : assert.fail("it asks")
}

describe("string_check", () => {
  it("compares as its operation says", () => {
    for (const [input, reference, eq, ne, like, ilike] of [
      ["no", "no", 1, 0, 1, 1],
      ["yes", "no", 0, 1, 0, 0],
      ["No", "no", 0, 1, 0, 1],
      [" no\n", "no", 0, 1, 1, 1],
      ["I say NO.", "no", 0, 1, 0, 1],
      ["no", "I say no.", 0, 1, 0, 0],
      ["", "", 1, 0, 1, 1],
      ["x", "", 0, 1, 1, 1],
      ["", "x", 0, 1, 0, 0],
      // no wildcards, no patterns
      ["abc", "a%", 0, 1, 0, 0],
      ["abc", "a.c", 0, 1, 0, 0],
      // case folded by Unicode, character by character
      ["ΟΔΟΣ", "Σ", 0, 1, 1, 1],
      ["ΟΔΟΣΑ", "ΟΔΟΣ", 0, 1, 1, 1],
      ["ς", "Σ", 0, 1, 0, 1],
      ["οδοσα", "ΟΔΟς", 0, 1, 0, 1],
      ["ÉCOLE", "école", 0, 1, 0, 1],
      ["ΣΊΣΥΦΟΣ", "σίσυφος", 0, 1, 0, 1],
      ["STRASSE", "straße", 0, 1, 0, 0],
      ["straẞe", "straße", 0, 1, 0, 1],
      // composed and decomposed
      ["é", "e\u0301", 0, 1, 0, 0]
    ] as const) {
      assert.deepStrictEqual(
        ["eq", "ne", "like", "ilike"].map((operation) => score(operation, input, reference)),
        [eq, ne, like, ilike],
        `${input} / ${reference}`
      )
    }
  })

  it("passes with 1 only", () => {
    assert.strictEqual(compiled("eq", "", "").threshold, 1)
  })
})

/**
 * The judging of graders that compare an input with a reference.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Template from "../rows/Template.ts"
import { type Fields, type Grading, textField } from "./Grader.ts"
import { missing, type Verdict } from "./Scored.ts"

/** Judges the rendered `input` and `reference` of a grader. A variable without a value in one of them scores 0. */
export const comparing = (fields: Fields, compare: (input: string, reference: string) => Verdict): Grading["judge"] => {
  const input = Template.compile(textField(fields, "input"))
  const reference = Template.compile(textField(fields, "reference"))
  return (scope) => {
    const a = input.render(scope)
    if (Result.isFailure(a)) return missing(a.failure.variable)
    const b = reference.render(scope)
    return Result.isFailure(b) ? missing(b.failure.variable) : compare(a.success, b.success)
  }
}

/**
 * What a grader comes to when it is read.
 *
 * @internal
 */
import type * as Result from "effect/Result"
import type { Missing, Scope } from "../rows/Template.ts"

/** A grader that was read. */
export interface Grading {
  /** The score of a row, or the variable that has no value there. */
  readonly score: (scope: Scope) => Result.Result<number, Missing>
  /** The least score that passes. */
  readonly threshold: number
}

/**
 * Checks of `pass_threshold`.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { error, field, type Finding, type Location } from "../finding.ts"
import type { Range } from "./scoreRange.ts"

/** Returns the finding for a `pass_threshold` outside of the range. `advice` says how to mend it. */
export const thresholdFindings = (
  criterion: unknown,
  [low, high]: Range,
  path: Location,
  advice: string
): ReadonlyArray<Finding> => {
  const value = field(criterion, "pass_threshold")
  if (!Predicate.isNumber(value) || (value >= low && value <= high)) return []
  const [side, passing] = value < low ? ["below", "everything"] : ["above", "nothing"]
  return [
    error(
      "threshold-range",
      [...path, "pass_threshold"],
      `${value} is ${side} the scores, which go from ${low} to ${high}, so ${passing} passes; ${advice}`
    )
  ]
}

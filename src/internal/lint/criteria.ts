/**
 * Checks of testing criteria, except for their templates.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { field, type Finding, list, type Location, show, warning } from "../../schema/finding.ts"
import { graderType } from "../../schema/graders/registry.ts"

const names = (criteria: ReadonlyArray<unknown>, path: Location): ReadonlyArray<Finding> => {
  const first = new Map<string, number>()
  return criteria.flatMap((criterion, index) => {
    const name = field(criterion, "name")
    if (!Predicate.isString(name)) return []
    const before = first.get(name)
    if (before === undefined) {
      first.set(name, index)
      return []
    }
    return [
      warning(
        "duplicate-name",
        [...path, index, "name"],
        `${show(name)} is the name of testing_criteria[${before}] too; results are told apart by it, so give each its own`
      )
    ]
  })
}

/** Checks testing criteria. Returns the findings. */
export const checkCriteria = (criteria: unknown, path: Location): ReadonlyArray<Finding> => [
  ...(Array.isArray(criteria) && criteria.length === 0
    ? [warning("no-criteria", path, "is empty, so every item passes; add a criterion that can fail")]
    : []),
  ...list(criteria).flatMap(
    (criterion, index) => graderType(field(criterion, "type"))?.findings?.(criterion, [...path, index]) ?? []
  ),
  ...names(list(criteria), path)
]

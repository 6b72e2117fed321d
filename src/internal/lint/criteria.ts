/**
 * Checks of testing criteria, except for their templates.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { error, field, type Finding, list, type Location, show, texts, warning } from "./finding.ts"
import { nearest } from "./nearest.ts"

const outside = (value: unknown, low: number, high: number): value is number =>
  Predicate.isNumber(value) && (value < low || value > high)

const threshold = (value: unknown, low: number, high: number, path: Location, mend: string): ReadonlyArray<Finding> =>
  outside(value, low, high)
    ? [
        error(
          "threshold-range",
          [...path, "pass_threshold"],
          `${value} is ${value < low ? "below" : "above"} the scores, which go from ${low} to ${high}, so ${
            value < low ? "everything" : "nothing"
          } passes; ${mend}`
        )
      ]
    : []

const scoreModel = (criterion: unknown, path: Location): ReadonlyArray<Finding> => {
  const range = field(criterion, "range") ?? undefined
  const [low, high] = range === undefined ? [0, 1] : list(range)
  if (!Predicate.isNumber(low) || !Predicate.isNumber(high)) return []
  return low >= high
    ? [
        error(
          "score-range",
          [...path, "range"],
          `goes from ${low} to ${high}; write the lowest score first and a higher one after it, [${
            low === high ? `${low}, ${low + 1}` : `${high}, ${low}`
          }]`
        )
      ]
    : threshold(
        field(criterion, "pass_threshold"),
        low,
        high,
        path,
        range === undefined
          ? "without `range` it is [0, 1]; set it to what the model is asked for"
          : "change one of both"
      )
}

const repeated = (values: ReadonlyArray<string>): ReadonlyArray<readonly [index: number, value: string]> =>
  [...values.entries()].filter(([index, value]) => values.indexOf(value) < index)

const labels = (criterion: unknown, path: Location): ReadonlyArray<Finding> => {
  const all = texts(field(criterion, "labels"))
  const known = new Set(all)
  return ["labels", "passing_labels"].flatMap((name) => {
    const value = field(criterion, name)
    if (!Array.isArray(value)) return []
    const found = texts(value)
    const at = [...path, name]
    return [
      ...(value.length === 0
        ? [
            error(
              "empty-label",
              at,
              name === "labels"
                ? "is empty; list the labels that the model may choose"
                : "is empty, so nothing passes; list the labels that pass"
            )
          ]
        : []),
      ...[...found.entries()]
        .filter(([, label]) => label.trim() === "")
        .map(([index]) => error("empty-label", [...at, index], "is blank; give the label a name, or leave it out")),
      ...repeated(found).map(([index, label]) =>
        warning("duplicate-label", [...at, index], `${show(label)} is listed twice; leave one out`)
      ),
      ...(name === "labels"
        ? []
        : [...found.entries()]
            .filter(([, label]) => !known.has(label))
            .map(([index, label]) => {
              const meant = nearest(label, all)
              return error(
                "unknown-passing-label",
                [...at, index],
                `${show(label)} is not among \`labels\`, so it is never given; ${
                  meant === undefined ? "add it there" : `did you mean ${show(meant)}?`
                }`
              )
            }))
    ]
  })
}

const one = (criterion: unknown, path: Location): ReadonlyArray<Finding> => {
  switch (field(criterion, "type")) {
    case "text_similarity":
      return threshold(field(criterion, "pass_threshold"), 0, 1, path, "write a number between them")
    case "score_model":
      return scoreModel(criterion, path)
    case "label_model":
      return labels(criterion, path)
    case "multi":
      return [
        error(
          "multi-in-eval",
          path,
          "a multi grader is for fine-tuning and the grader endpoints, not for evals; list its graders as criteria of their own"
        )
      ]
    default:
      return []
  }
}

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
  ...list(criteria).flatMap((criterion, index) => one(criterion, [...path, index])),
  ...names(list(criteria), path)
]

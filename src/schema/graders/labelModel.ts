/**
 * `label_model`: asks a model for a label.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { error, field, type Finding, type Location, show, texts, warning } from "../finding.ts"
import { Message, MessageParam } from "../Message.ts"
import { nearest } from "../nearest.ts"
import { ofMessages, type Site } from "../templateSites.ts"
import { open } from "../Wire.ts"
import { readFields } from "./GraderType.ts"
import { JudgeSamplingParams, JudgeSamplingParamsParam } from "./judge.ts"

/**
 * Asks a model for one of `labels`. The sample passes if the answer is among `passing_labels`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LabelModel = Schema.Struct({
  type: Schema.tag("label_model"),
  name: Schema.String,
  model: Schema.String,
  input: Schema.Array(MessageParam),
  labels: Schema.Array(Schema.String),
  passing_labels: Schema.Array(Schema.String),
  sampling_params: JudgeSamplingParamsParam
})
/**
 * A grader that asks a model for a label.
 *
 * @category models
 * @since 0.1.0
 */
export type LabelModel = typeof LabelModel.Type

/** A `label_model` in a response. */
export const Read = open({
  type: Schema.Literal("label_model"),
  ...readFields,
  model: Schema.String,
  input: Schema.Array(Message),
  labels: Schema.Array(Schema.String),
  passing_labels: Schema.Array(Schema.String),
  sampling_params: JudgeSamplingParams
})

/** Returns the templates of a criterion. */
export const templateSites = (criterion: unknown, path: Location): ReadonlyArray<Site> =>
  ofMessages(field(criterion, "input"), [...path, "input"])

const emptyList = (list: unknown, path: Location, message: string): ReadonlyArray<Finding> =>
  Array.isArray(list) && list.length === 0 ? [error("empty-label", path, message)] : []

const eachLabel = (labels: ReadonlyArray<string>, path: Location): ReadonlyArray<Finding> => {
  const entries = [...labels.entries()]
  return [
    ...entries
      .filter(([, label]) => label.trim() === "")
      .map(([index]) => error("empty-label", [...path, index], "is blank; give the label a name, or leave it out")),
    ...entries
      .filter(([index, label]) => labels.indexOf(label) < index)
      .map(([index, label]) =>
        warning("duplicate-label", [...path, index], `${show(label)} is listed twice; leave one out`)
      )
  ]
}

const unknownLabels = (
  passing: ReadonlyArray<string>,
  labels: ReadonlyArray<string>,
  path: Location
): ReadonlyArray<Finding> => {
  const known = new Set(labels)
  return [...passing.entries()]
    .filter(([, label]) => !known.has(label))
    .map(([index, label]) => {
      const meant = nearest(label, labels)
      return error(
        "unknown-passing-label",
        [...path, index],
        `${show(label)} is not among \`labels\`, so it is never given; ${
          meant === undefined ? "add it there" : `did you mean ${show(meant)}?`
        }`
      )
    })
}

/**
 * Returns the findings for labels that are missing, blank or repeated, and for passing labels that are not among the
 * labels.
 */
export const findings = (criterion: unknown, path: Location): ReadonlyArray<Finding> => {
  const labels = field(criterion, "labels")
  const passing = field(criterion, "passing_labels")
  const labelsPath = [...path, "labels"]
  const passingPath = [...path, "passing_labels"]
  return [
    ...emptyList(labels, labelsPath, "is empty; list the labels that the model may choose"),
    ...eachLabel(texts(labels), labelsPath),
    ...emptyList(passing, passingPath, "is empty, so nothing passes; list the labels that pass"),
    ...eachLabel(texts(passing), passingPath),
    ...unknownLabels(texts(passing), texts(labels), passingPath)
  ]
}

/** Returns the model. */
export const detail = (criterion: unknown): unknown => field(criterion, "model")

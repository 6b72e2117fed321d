/**
 * `label_model`: asks a model for a label.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type { Fields, GraderType } from "./Grader.ts"
import { judging } from "./judge.ts"
import { quoted } from "./judgeAnswer.ts"

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string")

interface Labels {
  readonly labels: ReadonlySet<string>
  readonly passing: ReadonlySet<string>
}

/** Reads the labels. A string describes their fault. */
const labelFields = ({ labels, passing_labels: passing }: Fields): Labels | string => {
  if (!isTexts(labels) || labels.length === 0) return "labels must be a list of at least one text"
  if (!isTexts(passing)) return "passing_labels must be a list of texts"
  const unknown = passing.find((label) => !labels.includes(label))
  return unknown === undefined
    ? { labels: new Set(labels), passing: new Set(passing) }
    : `passing_labels has ${JSON.stringify(unknown)}, which is not among labels`
}

/** `label_model`, which scores 1 for a passing label and 0 for any other. */
export const labelModel: GraderType = {
  type: "label_model",
  compile: (fields) => {
    const read = labelFields(fields)
    if (typeof read === "string") return Result.fail(read)
    const { labels, passing } = read
    return judging(fields, {
      name: "label",
      result: { type: "string", enum: [...labels] },
      threshold: 1,
      scoreOf: (result) =>
        typeof result === "string" && labels.has(result)
          ? passing.has(result)
            ? 1
            : 0
          : `the result of the answer, ${quoted(result)}, is none of the labels`
    })
  }
}

/**
 * `score_model`: asks a model for a score.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { defaultRange, middle, type Range } from "../../schema/graders/scoreRange.ts"
import { type Fields, type GraderType, thresholdField } from "./Grader.ts"
import { judging } from "./judge.ts"
import { quoted } from "./judgeAnswer.ts"

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)

/** Reads `range`. A string describes its fault. */
const rangeField = ({ range }: Fields): Range | string => {
  if (range === undefined || range === null) return defaultRange
  const [low, high]: ReadonlyArray<unknown> = Array.isArray(range) && range.length === 2 ? range : []
  if (!isNumber(low) || !isNumber(high)) return "range must be a list of two numbers"
  return low < high
    ? [low, high]
    : `range goes from ${low} to ${high}; its first number must be less than its second one`
}

/** `score_model`, whose model gives a score in a range. A score outside the range is replaced by the nearer end. */
export const scoreModel: GraderType = {
  type: "score_model",
  compile: (fields) => {
    const range = rangeField(fields)
    if (typeof range === "string") return Result.fail(range)
    const read = thresholdField(fields)
    if (typeof read === "string") return Result.fail(read)
    const [low, high] = range
    return judging(fields, {
      name: "score",
      result: { type: "number" },
      threshold: read.threshold ?? middle(range),
      scoreOf: (result) =>
        isNumber(result)
          ? Math.min(Math.max(result, low), high)
          : `the result of the answer, ${quoted(result)}, is no number`
    })
  }
}

/**
 * The grader endpoints: one grader put to one sample (`graders/run`), or only
 * looked at (`graders/validate`).
 *
 * @internal
 */
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import { JsonText, maxDepth } from "../rows/JsonText.ts"
import * as Sample from "../rows/Sample.ts"
import type { Scope } from "../rows/Template.ts"
import { compile, missingScore } from "./grading.ts"
import * as multi from "./multi.ts"
import type { Problem } from "./multi.ts"

/**
 * What went wrong, as the wire says it. The specification requires all but
 * `invalid_variable_error_details`, which recorded answers have besides.
 */
const noErrors = {
  formula_parse_error: false,
  sample_parse_error: false,
  truncated_observation_error: false,
  unresponsive_reward_error: false,
  invalid_variable_error: false,
  invalid_variable_error_details: null,
  other_error: false,
  python_grader_server_error: false,
  python_grader_server_error_type: null,
  python_grader_runtime_error: false,
  python_grader_runtime_error_details: null,
  model_grader_server_error: false,
  model_grader_refusal_error: false,
  model_grader_parse_error: false,
  model_grader_server_error_details: null
}

const noScores: ReadonlyMap<string, number> = new Map()

/** Scores a sample, or says why that is impossible. */
type Scorer = Result.Result<(scope: Scope) => multi.Scored, ReadonlyArray<Problem>>

const alone = (grader: Grader.TestingCriterion): Scorer =>
  Result.mapBoth(compile(grader), {
    onFailure: (message): ReadonlyArray<Problem> => [{ path: ["grader"], message, code: "unsupported_grader" }],
    onSuccess: (grading) => (scope) => {
      const scored = grading.score(scope)
      return Result.isSuccess(scored)
        ? { reward: scored.success, scores: noScores, missing: undefined }
        : { reward: missingScore, scores: noScores, missing: scored.failure }
    }
  })

/** Whether objects and lists stand inside each other more than {@link maxDepth} times; found without recursion. */
const isDeep = (value: unknown): boolean => {
  let level: ReadonlyArray<object> = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    level = level.flatMap((container) =>
      Object.values(container).filter((inner): inner is object => typeof inner === "object" && inner !== null)
    )
  }
  return false
}

const tooDeep: Result.Result<never, ReadonlyArray<Problem>> = Result.fail([
  { path: ["item"], message: `nested deeper than ${maxDepth} levels`, code: null }
])

const combined = (read: multi.Multi): Scorer =>
  read.problems.length > 0 ? Result.fail(read.problems) : Result.succeed((scope) => multi.score(read, scope))

/** A grader to be run. */
export interface RunParams extends Grader.RunParams {
  /** The JSON of `item` as it was sent, whose numbers then stay as they are written; `item` is not looked at. */
  readonly itemText?: string | undefined
}

/** The item of a request; undefined where it is nested too deeply. */
const itemOf = ({ item, itemText }: RunParams): JsonText | undefined =>
  itemText !== undefined ? JsonText.parse(itemText) : isDeep(item) ? undefined : new JsonText(item, "", false)

/**
 * Runs a grader. A variable that has no value and a formula that cannot be read
 * are errors inside the answer, and score 0; the failure lists what keeps the
 * grader from being run at all. `elapsed` is asked once, at the end, for the
 * seconds that it took. Templates see `model_sample` as `sample.output_text`, and
 * what derives from it.
 */
export const run = (
  params: RunParams,
  elapsed: () => number
): Result.Result<Grader.RunResponse, ReadonlyArray<Problem>> => {
  const { grader, model_sample } = params
  const item = itemOf(params)
  if (item === undefined) return tooDeep
  return Result.map(grader.type === "multi" ? combined(multi.compile(grader)) : alone(grader), (score) => {
    const { missing, reward, scores } = score({ item, sample: Sample.ofText(model_sample) })
    const byName = Object.fromEntries(scores)
    return {
      reward: reward ?? missingScore,
      metadata: {
        name: grader.name,
        type: grader.type,
        errors: {
          ...noErrors,
          formula_parse_error: reward === undefined,
          invalid_variable_error: missing !== undefined,
          invalid_variable_error_details: missing === undefined ? null : `${missing.variable} has no value`
        },
        execution_time: elapsed(),
        scores: byName,
        token_usage: null,
        sampled_model_name: null
      },
      sub_rewards: byName,
      model_grader_token_usage_per_model: {}
    }
  })
}

/** Returns what keeps a grader from being run, or a `multi` from giving more than an error. */
export const validate = (grader: Grader.GraderParam): ReadonlyArray<Problem> => {
  if (grader.type !== "multi") {
    return Result.match(alone(grader), { onFailure: (problems) => problems, onSuccess: () => [] })
  }
  const read = multi.compile(grader)
  return [...read.problems, ...multi.formulaProblems(read)]
}

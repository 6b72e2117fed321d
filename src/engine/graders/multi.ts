/**
 * `multi`: graders, and a formula over their names. The grader endpoints take it;
 * an eval does not.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import * as Formula from "../Formula.ts"
import type { Missing, Scope } from "../Template.ts"
import { compile as compileOne, missingScore } from "./grading.ts"
import type { Grading } from "./score.ts"

type MultiGrader = Extract<Grader.GraderParam, { readonly type: "multi" }>

/** What is wrong with a request of the grader endpoints, and where in it: `["grader", "graders", "a"]`. */
export interface Problem {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** A `multi` that was read. */
export interface Multi {
  readonly graders: ReadonlyMap<string, Grading>
  /** A formula that cannot be read is no obstacle to running: it is an error of its own in what comes back. */
  readonly formula: Result.Result<Formula.Formula, Formula.FormulaError>
}

/** What a `multi` said of a sample. */
export interface Scored {
  /** Undefined where the formula cannot be read, or gives no finite number. */
  readonly reward: number | undefined
  readonly scores: ReadonlyMap<string, number>
  /** The first variable that had no value. */
  readonly missing: Missing | undefined
}

interface Named {
  readonly name: string
  readonly path: Problem["path"]
  readonly grader: Grader.TestingCriterion
}

const isList = <A>(value: unknown | ReadonlyArray<A>): value is ReadonlyArray<A> => Array.isArray(value)

const isGrader = (graders: MultiGrader["graders"]): graders is Grader.TestingCriterion =>
  "type" in graders && typeof graders.type === "string"

// the types leave it out, what was read need not
const isMulti = ({ type }: { readonly type: string }): boolean => type === "multi"

/** The guide has a map of names, the specification one grader, its example a list; the last two go by their `name`. */
const named = ({ graders }: MultiGrader): ReadonlyArray<Named> =>
  isList<Grader.TestingCriterion>(graders)
    ? graders.map((grader, index) => ({ name: grader.name, path: ["grader", "graders", index], grader }))
    : isGrader(graders)
      ? [{ name: graders.name, path: ["grader", "graders"], grader: graders }]
      : Object.entries(graders).map(([name, grader]) => ({ name, path: ["grader", "graders", name], grader }))

/** Reads a `multi`; the failure lists what keeps it from being run. */
export const compile = (multi: MultiGrader): Result.Result<Multi, ReadonlyArray<Problem>> => {
  const graders = new Map<string, Grading>()
  const problems: Array<Problem> = []
  for (const { grader, name, path } of named(multi)) {
    const read: Result.Result<Grading, string> = graders.has(name)
      ? Result.fail(`${JSON.stringify(name)} is the name of two graders`)
      : isMulti(grader)
        ? Result.fail("a multi grader takes no other multi grader")
        : compileOne(grader)
    if (Result.isSuccess(read)) graders.set(name, read.success)
    else problems.push({ path, message: read.failure })
  }
  return problems.length > 0
    ? Result.fail(problems)
    : Result.succeed({ graders, formula: Formula.parse(multi.calculate_output) })
}

/** What is wrong with the formula of a `multi` whose graders can be run. */
export const formulaProblems = ({ formula, graders }: Multi): ReadonlyArray<Problem> => {
  const path = ["grader", "calculate_output"]
  if (Result.isFailure(formula)) {
    const { message, offset } = formula.failure
    return [{ path, message: `${message} (at column ${offset + 1})` }]
  }
  const unknown = formula.success.variables.filter(({ name }) => !graders.has(name))
  const names = [...graders.keys()].map((name) => JSON.stringify(name)).join(", ")
  return unknown.map(({ name, offset }) => ({
    path,
    message: `no grader is named ${name} (at column ${offset + 1}); there are ${names === "" ? "none" : names}`
  }))
}

/** Runs the graders, and the formula over their scores. A grader that misses a variable scores 0. */
export const score = ({ formula, graders }: Multi, scope: Scope): Scored => {
  const scores = new Map<string, number>()
  let missing: Missing | undefined
  for (const [name, grading] of graders) {
    const scored = grading.score(scope)
    if (Result.isFailure(scored)) missing ??= scored.failure
    scores.set(name, Result.isSuccess(scored) ? scored.success : missingScore)
  }
  const reward = Result.flatMap(formula, (formula) => Formula.evaluate(formula, scores))
  return { reward: Result.isSuccess(reward) ? reward.success : undefined, scores, missing }
}

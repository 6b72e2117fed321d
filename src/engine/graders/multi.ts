/**
 * `multi`: graders, and a formula over their names. The grader endpoints support it, evals do not.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import * as Formula from "./Formula.ts"
import type { Fault, Grading } from "./Grader.ts"
import { compile as compileOne } from "./registry.ts"

type MultiGrader = Extract<Grader.GraderParam, { readonly type: "multi" }>

/** A fault of a request of the grader endpoints. */
export interface Problem {
  /** The place in the request: `["grader", "graders", "a"]`. */
  readonly path: ReadonlyArray<string | number>
  readonly message: string
  /**
   * `unsupported_grader`: the request is well formed, and this engine cannot run it. `formula_parse_error`: the formula
   * cannot be parsed, or has a name that no grader has.
   * `model_not_configured`: a model of the grader has no endpoint. `unsupported_by_endpoint`: its endpoint cannot be
   * asked. Null: the request is wrong in another way.
   */
  readonly code:
    | "unsupported_grader"
    | "formula_parse_error"
    | "model_not_configured"
    | "unsupported_by_endpoint"
    | null
}

/** Returns the problem of a grader that cannot be run. */
export const problemOf = (path: Problem["path"], { kind, message }: Fault): Problem => ({
  path,
  message,
  code: kind === "unsupported" ? "unsupported_grader" : null
})

/** A compiled `multi`. */
export interface Multi {
  /** The graders that this engine can run. */
  readonly graders: ReadonlyMap<string, Grading>
  /** The names of all graders. */
  readonly names: ReadonlySet<string>
  /** Faults of the graders. A `multi` with one cannot be run. */
  readonly problems: ReadonlyArray<Problem>
  /** The paths of the graders that can be run, by name. */
  readonly paths: ReadonlyMap<string, Problem["path"]>
  /** An invalid formula does not prevent running: it is an error inside the answer. */
  readonly formula: Result.Result<Formula.Formula, Formula.FormulaError>
}

interface Named {
  readonly name: string
  readonly path: Problem["path"]
  readonly grader: Grader.TestingCriterion
}

const isList = <A>(value: unknown | ReadonlyArray<A>): value is ReadonlyArray<A> => Array.isArray(value)

const isGrader = (graders: MultiGrader["graders"]): graders is Grader.TestingCriterion =>
  "type" in graders && typeof graders.type === "string"

// the types exclude it, stored JSON may have it
const isMulti = ({ type }: { readonly type: string }): boolean => type === "multi"

/** Accepts three forms: a map by name (OpenAI's guide), one grader (the specification), and a list (its example). */
const named = ({ graders }: MultiGrader): ReadonlyArray<Named> =>
  isList<Grader.TestingCriterion>(graders)
    ? graders.map((grader, index) => ({ name: grader.name, path: ["grader", "graders", index], grader }))
    : isGrader(graders)
      ? [{ name: graders.name, path: ["grader", "graders"], grader: graders }]
      : Object.entries(graders).map(([name, grader]) => ({ name, path: ["grader", "graders", name], grader }))

/** Compiles a `multi`. */
export const compile = (multi: MultiGrader): Multi => {
  const graders = new Map<string, Grading>()
  const paths = new Map<string, Problem["path"]>()
  const names = new Set<string>()
  const problems: Array<Problem> = []
  for (const { grader, name, path } of named(multi)) {
    if (names.has(name)) {
      problems.push({ path, message: `${JSON.stringify(name)} is the name of two graders`, code: null })
    } else if (isMulti(grader)) {
      problems.push({ path, message: "a multi grader cannot contain another multi grader", code: null })
    } else {
      const read = compileOne(grader)
      if (Result.isSuccess(read)) {
        graders.set(name, read.success)
        paths.set(name, path)
      } else problems.push(problemOf(path, read.failure))
    }
    names.add(name)
  }
  return { graders, paths, names, problems, formula: Formula.parse(multi.calculate_output) }
}

/** Returns the faults of a formula. */
export const formulaProblems = ({ formula, names }: Multi): ReadonlyArray<Problem> => {
  const place = { path: ["grader", "calculate_output"], code: "formula_parse_error" } as const
  if (Result.isFailure(formula)) {
    const { message, offset } = formula.failure
    return [{ ...place, message: `${message} (at column ${offset + 1})` }]
  }
  const unknown = formula.success.variables.filter(({ name }) => !names.has(name))
  const known = [...names].map((name) => JSON.stringify(name)).join(", ")
  return unknown.map(({ name, offset }) => ({
    ...place,
    message: `no grader is named ${name} (at column ${offset + 1}); there are ${known === "" ? "none" : known}`
  }))
}

/**
 * Evaluates the formula over the scores of the graders. Returns undefined if the formula is invalid, or its value is not a
 * finite number.
 */
export const combine = ({ formula }: Multi, scores: ReadonlyMap<string, number>): number | undefined => {
  const reward = Result.flatMap(formula, (read) => Formula.evaluate(read, scores))
  return Result.isSuccess(reward) ? reward.success : undefined
}

/**
 * `string_check`: compares two strings.
 *
 * @internal
 */
import * as Result from "effect/Result"
import * as Template from "../rows/Template.ts"
import { foldCase } from "./text/foldCase.ts"
import type { Grading } from "./score.ts"

/** What a `string_check` needs. */
export interface StringCheck {
  readonly input: string
  readonly reference: string
  readonly operation: string
}

/**
 * The operations. `like` asks whether the input contains the reference, without
 * wildcards. `ilike` asks the same of both with their case folded character by
 * character: `É` is `é` and `ς` is `Σ`, but `ß` is not `ss`, and `I` is `i` in
 * Turkish too. That choice is the engine's: the host says no more than
 * "case-insensitive". Nothing is trimmed.
 */
export const operations: ReadonlyMap<string, (input: string, reference: string) => boolean> = new Map([
  ["eq", (input, reference) => input === reference],
  ["ne", (input, reference) => input !== reference],
  ["like", (input, reference) => input.includes(reference)],
  ["ilike", (input, reference) => foldCase(input).includes(foldCase(reference))]
])

const yes = Result.succeed(1)
const no = Result.succeed(0)

/** Reads a grader that scores 1 or 0; the failure names an operation that there is not. */
export const compile = ({ input, operation, reference }: StringCheck): Result.Result<Grading, string> => {
  const holds = operations.get(operation)
  if (holds === undefined) {
    return Result.fail(
      `string_check has no operation ${JSON.stringify(operation)}; there are ${[...operations.keys()].join(", ")}`
    )
  }
  const left = Template.compile(input)
  const right = Template.compile(reference)
  return Result.succeed({
    threshold: 1,
    score: (scope) => {
      const a = left.render(scope)
      if (Result.isFailure(a)) return Result.fail(a.failure)
      const b = right.render(scope)
      if (Result.isFailure(b)) return Result.fail(b.failure)
      return holds(a.success, b.success) ? yes : no
    }
  })
}

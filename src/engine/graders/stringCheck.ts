/**
 * `string_check`: compares two strings.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { comparing } from "./comparison.ts"
import { type GraderType, notTexts, textField } from "./Grader.ts"
import { scored } from "./Scored.ts"
import { foldCase } from "./text/foldCase.ts"

/**
 * The operations. `like` checks whether the input contains the reference, without wildcards. `ilike` does the same with
 * the case of both folded character by character: `É` equals `é` and `ς` equals `Σ`, but `ß` does not equal `ss`, and `I`
 * equals `i` in Turkish too. This folding is the engine's choice: the host only documents "case-insensitive". Nothing is
 * trimmed.
 */
export const operations: ReadonlyMap<string, (input: string, reference: string) => boolean> = new Map([
  ["eq", (input, reference) => input === reference],
  ["ne", (input, reference) => input !== reference],
  ["like", (input, reference) => input.includes(reference)],
  ["ilike", (input, reference) => foldCase(input).includes(foldCase(reference))]
])

const threshold = 1
const yes = scored(1, threshold)
const no = scored(0, threshold)

/** `string_check`, which scores 1 or 0. */
export const stringCheck: GraderType = {
  type: "string_check",
  compile: (fields) => {
    const wrong = notTexts(fields, ["input", "reference", "operation"])
    if (wrong !== undefined) return Result.fail(wrong)
    const operation = textField(fields, "operation")
    const holds = operations.get(operation)
    if (holds === undefined) {
      return Result.fail(
        `string_check has no operation ${JSON.stringify(operation)}; there are ${[...operations.keys()].join(", ")}`
      )
    }
    return Result.succeed({
      threshold,
      models: [],
      judge: comparing(fields, (input, reference) => (holds(input, reference) ? yes : no))
    })
  }
}

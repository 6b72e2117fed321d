/**
 * All types of graders that this engine runs. A new type is one more entry of {@link graderTypes}.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type { Fault, Fields, GraderType, Grading } from "./Grader.ts"
import { labelModel } from "./labelModel.ts"
import { scoreModel } from "./scoreModel.ts"
import { stringCheck } from "./stringCheck.ts"
import { textSimilarity } from "./textSimilarity.ts"

/** The types of graders that this engine runs. */
export const graderTypes: ReadonlyArray<GraderType> = [stringCheck, textSimilarity, scoreModel, labelModel]

const byType = new Map(graderTypes.map((record) => [record.type, record]))

/** The graders that this engine runs, for messages. */
export const runs = graderTypes
  .map(({ type }, index) => (index > 0 && index === graderTypes.length - 1 ? `and ${type}` : type))
  .join(", ")

/** Compiles a grader. The failure has the reason for which this engine cannot run it. */
export const compile = (grader: Fields): Result.Result<Grading, Fault> => {
  const type = String(grader["type"] ?? "")
  const record = byType.get(type)
  return record === undefined
    ? Result.fail({
        kind: "unsupported",
        message: `this engine cannot run a grader of type ${JSON.stringify(type)} yet; it runs ${runs}`
      })
    : Result.mapError(record.compile(grader), (message): Fault => ({ kind: "invalid", message }))
}

/**
 * All grader types of the client. A new type is a file of this folder, its line in each list below, and the public name
 * of its schema in `schema/Grader.ts`; the compiler asks for what is missing.
 *
 * @internal
 */
import { field } from "../finding.ts"
import type { GraderType } from "./GraderType.ts"
import * as labelModel from "./labelModel.ts"
import * as multi from "./multi.ts"
import * as python from "./python.ts"
import * as scoreModel from "./scoreModel.ts"
import * as stringCheck from "./stringCheck.ts"
import * as textSimilarity from "./textSimilarity.ts"

/** Request schemas of the graders that an eval accepts. */
export const sent = [
  stringCheck.StringCheck,
  textSimilarity.TextSimilarity,
  python.Python,
  scoreModel.ScoreModel,
  labelModel.LabelModel
] as const

/** Response schemas of all graders. */
export const read = [
  stringCheck.Read,
  textSimilarity.Read,
  python.Read,
  scoreModel.Read,
  labelModel.Read,
  multi.Read
] as const

const types: { readonly [Type in (typeof read)[number]["Type"]["type"]]: GraderType } = {
  string_check: stringCheck,
  text_similarity: textSimilarity,
  python,
  score_model: scoreModel,
  label_model: labelModel,
  multi
}

const isKnown = (type: unknown): type is keyof typeof types => typeof type === "string" && Object.hasOwn(types, type)

/** Returns the grader type of a name, and undefined if this version does not know it. */
export const graderType = (type: unknown): GraderType | undefined => (isKnown(type) ? types[type] : undefined)

/**
 * Returns the `pass_threshold` that the engine stores in a criterion without one. Returns undefined for types whose
 * threshold the specification does not require.
 */
export const storedThreshold = (criterion: unknown): number | undefined => {
  const type = graderType(field(criterion, "type"))
  return type?.requiresPassThreshold === true ? type.defaultPassThreshold?.(criterion) : undefined
}

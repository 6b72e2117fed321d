/**
 * All grader types of the client. A new type is a file of this folder, its line in each list below, and the public name
 * of its schema in `schema/Grader.ts`; the compiler asks for what is missing.
 *
 * @internal
 */
import type { GraderType } from "./GraderType.ts"
import * as labelModel from "./labelModel.ts"
import * as multi from "./multi.ts"
import * as python from "./python.ts"
import * as scoreModel from "./scoreModel.ts"
import * as stringCheck from "./stringCheck.ts"
import * as textSimilarity from "./textSimilarity.ts"

/** Schemas of the graders that an eval takes, as they are sent. */
export const sent = [
  stringCheck.StringCheck,
  textSimilarity.TextSimilarity,
  python.Python,
  scoreModel.ScoreModel,
  labelModel.LabelModel
] as const

/** Schemas of all graders, as the host gives them back. */
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

/** Returns a grader type by the `type` of its graders; undefined for a type that this version does not know. */
export const graderType = (type: unknown): GraderType | undefined => (isKnown(type) ? types[type] : undefined)

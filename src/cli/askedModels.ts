/**
 * The models that a definition names: the one that is sampled, and those that judge.
 */
import * as Criteria from "../engine/graders/Criteria.ts"
import type * as Definition from "./definition.ts"
import { sampledModel } from "./rowSamples.ts"
import type { Purpose } from "./unsentModels.ts"

/** A model that a run of a definition asks. */
export interface Asked {
  /** The part of the definition that names it. */
  readonly by: string
  readonly model: string
  readonly purpose: Purpose
}

/** Returns the models of a definition in its order, the sampled one first. */
export const askedModels = ({ eval: one, run }: Pick<Definition.Definition, "eval" | "run">): ReadonlyArray<Asked> => {
  const sampled = sampledModel(run)
  const criteria = one.testing_criteria.map((grader, index) => ({ id: `criterion-${index}`, grader }))
  return [
    ...(sampled === undefined ? [] : [{ by: "run.data_source", model: sampled, purpose: "samples" as const }]),
    ...Criteria.models(criteria).map(({ asked, name }) => ({
      by: name,
      model: asked.model,
      purpose: asked._tag === "Judge" ? ("judges" as const) : ("embeds" as const)
    }))
  ]
}

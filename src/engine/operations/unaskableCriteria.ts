/** @internal */
import { type CriterionModel, placed } from "../graders/Criteria.ts"
import type { Service } from "../models/Models.ts"
import { type Unaskable, unaskable } from "../models/reply.ts"

/** Returns the reasons why models of criteria cannot be asked. */
export const unaskableCriteria = (models: Service, asked: ReadonlyArray<CriterionModel>): ReadonlyArray<Unaskable> =>
  asked.flatMap(({ asked: one, criterion, name }) => {
    const why = unaskable(models, one)
    return why === undefined ? [] : [{ ...why, message: placed(criterion, name, why.message) }]
  })

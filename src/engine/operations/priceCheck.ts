/**
 * Refuses models without a price where the cost is limited.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import * as Criteria from "../graders/Criteria.ts"
import { Models } from "../models/Models.ts"
import type { Ceilings } from "../models/Spending.ts"
import { Budget, type Options } from "../runs/Budget.ts"
import * as EvalText from "../texts/EvalText.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"
import { sampledModel } from "./modelCheck.ts"

const limitOf = ({ maxCost, maxCostPerDay }: Options): string | undefined =>
  maxCost !== undefined
    ? `the cost of a run (${maxCost})`
    : maxCostPerDay === undefined
      ? undefined
      : `the cost of a day (${maxCostPerDay})`

/** Refuses models of which one has no price, where `options` limit the cost. */
export const checkPricesOf = (
  models: ReadonlyArray<{ readonly model: string; readonly param: string }>,
  options: Options
): Effect.Effect<void, Rejection> =>
  Effect.gen(function* () {
    const limit = limitOf(options)
    if (limit === undefined) return
    const { find } = yield* Models
    const unpriced = models.find(({ model }) => find(model)?.price === undefined)
    if (unpriced !== undefined) {
      return yield* invalid(
        `${unpriced.param}: ${JSON.stringify(unpriced.model)} has no price, and ${limit} is limited. ` +
          'Give its entry of the models a price: { "input": …, "output": … } per million tokens.',
        unpriced.param,
        "model_without_price"
      )
    }
  })

/** Refuses a run whose cost is limited and would not be known. */
export const checkPrices = (
  evalBody: string,
  dataSource: DataSourceParam,
  ceilings: Ceilings
): Effect.Effect<void, Rejection> =>
  Effect.gen(function* () {
    const { options } = yield* Budget
    const sampled = dataSource.type === "jsonl" ? [] : [{ model: sampledModel(dataSource), param: "data_source.model" }]
    const judges = Criteria.models(EvalText.criteriaOf(evalBody)).map(({ asked: { model } }) => ({
      model,
      param: "testing_criteria"
    }))
    yield* checkPricesOf([...sampled, ...judges], { ...options, maxCost: ceilings.maxCost ?? options.maxCost })
  })

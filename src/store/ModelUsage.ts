/** The tokens of a run by model, summed over the rows of a batch and over the batches of a run. */
import type * as Run from "../schema/Run.ts"

/** The calls of a model and their tokens. */
export type ModelUsage = typeof Run.ModelUsage.Type

/** The largest number of models that a run names. Further models are summed as {@link otherModels}. */
export const mostModels = 100

/** The name of the sum over all models beyond {@link mostModels}. */
export const otherModels = "other models"

const plus = (sum: ModelUsage, one: ModelUsage, model_name: string): ModelUsage => ({
  model_name,
  invocation_count: sum.invocation_count + one.invocation_count,
  prompt_tokens: sum.prompt_tokens + one.prompt_tokens,
  completion_tokens: sum.completion_tokens + one.completion_tokens,
  total_tokens: sum.total_tokens + one.total_tokens,
  cached_tokens: sum.cached_tokens + one.cached_tokens
})

/** The usage of a number of rows that have the same one each. */
export const times = (one: ModelUsage, count: number): ModelUsage => ({
  model_name: one.model_name,
  invocation_count: one.invocation_count * count,
  prompt_tokens: one.prompt_tokens * count,
  completion_tokens: one.completion_tokens * count,
  total_tokens: one.total_tokens * count,
  cached_tokens: one.cached_tokens * count
})

/** The usage of all models without some of it, by model. No number is below 0, and a model without tokens is left out. */
export const without = (all: Iterable<ModelUsage>, some: Iterable<ModelUsage>): ReadonlyArray<ModelUsage> =>
  sum([...all, ...Array.from(some, (one) => times(one, -1))]).flatMap((one) =>
    one.total_tokens > 0
      ? [
          {
            model_name: one.model_name,
            invocation_count: Math.max(0, one.invocation_count),
            prompt_tokens: Math.max(0, one.prompt_tokens),
            completion_tokens: Math.max(0, one.completion_tokens),
            total_tokens: one.total_tokens,
            cached_tokens: Math.max(0, one.cached_tokens)
          }
        ]
      : []
  )

const none: ModelUsage = {
  model_name: "",
  invocation_count: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cached_tokens: 0
}

/** Sums usage by model, in the order of first appearance. `most` bounds the number of named models. */
export const sum = (usages: Iterable<ModelUsage>, most = Number.POSITIVE_INFINITY): ReadonlyArray<ModelUsage> => {
  const byModel = new Map<string, ModelUsage>()
  for (const usage of usages) {
    const known = byModel.has(usage.model_name) || byModel.size < most
    const name = known ? usage.model_name : otherModels
    byModel.set(name, plus(byModel.get(name) ?? none, usage, name))
  }
  return [...byModel.values()]
}

/** The usage of all models together, without a name. */
export const sumAll = (usages: Iterable<ModelUsage>): ModelUsage => {
  let all = none
  for (const usage of usages) all = plus(all, usage, "")
  return all
}

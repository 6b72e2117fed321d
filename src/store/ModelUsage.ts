/**
 * Tokens that a run took, by model: summed within a batch, and from its batches for
 * the run.
 */
import type * as Run from "../schema/Run.ts"

/** How often a model was asked, and the tokens that it took. */
export type ModelUsage = typeof Run.ModelUsage.Type

/** The most models that a run names. The tokens of further ones stand under {@link otherModels}. */
export const mostModels = 100

/** The name for all models of a run beyond {@link mostModels}. */
export const otherModels = "other models"

const plus = (sum: ModelUsage, one: ModelUsage, model_name: string): ModelUsage => ({
  model_name,
  invocation_count: sum.invocation_count + one.invocation_count,
  prompt_tokens: sum.prompt_tokens + one.prompt_tokens,
  completion_tokens: sum.completion_tokens + one.completion_tokens,
  total_tokens: sum.total_tokens + one.total_tokens,
  cached_tokens: sum.cached_tokens + one.cached_tokens
})

const none: ModelUsage = {
  model_name: "",
  invocation_count: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cached_tokens: 0
}

/** Sums usage by model, in the order in which the models come first. `most` bounds how many are named. */
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

/**
 * The requests, tokens and money that a run has spent on models, as a server of this package adds them to a run.
 */
import { at } from "../schema/fields.ts"
import type * as Run from "../schema/Run.ts"
import { count, quantity } from "./format.ts"
import { plain } from "./plainText.ts"

/** The things that a run has spent. */
export interface Spending {
  readonly requests: number
  readonly tokens: number
  /** Undefined if a model without a price has answered. */
  readonly cost: number | undefined
  /** Requests that were not sent, as their answers were known. */
  readonly cacheHits: number
}

const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** Returns what a run has spent. Undefined if the host does not say, or the run asks no model. */
export const spendingOf = (run: Run.Run): Spending | undefined => {
  const of = (name: string) => number(at(run, "evals_usage", name))
  const requests = of("requests")
  return requests === undefined
    ? undefined
    : {
        requests,
        tokens: (of("prompt_tokens") ?? 0) + (of("completion_tokens") ?? 0),
        cost: of("cost"),
        cacheHits: of("cache_hits") ?? 0
      }
}

/** Returns why a run may spend no more. Undefined if it may. */
export const stopOf = (run: Run.Run): string | undefined => {
  const message = at(run, "evals_stopped", "message")
  return typeof message === "string" ? plain(message) : undefined
}

/** Formats a cost with the digits that tell something: `12.30`, `0.0042`. */
export const formatCost = (cost: number): string => (cost >= 1 || cost === 0 ? cost.toFixed(2) : cost.toPrecision(2))

/** Formats the parts of what a run has spent, but for the requests. */
export const formatTokens = ({ cacheHits, cost, tokens }: Spending): ReadonlyArray<string> => [
  ...(tokens === 0 ? [] : [quantity(tokens, "token")]),
  // without an answer it is not known whether the models have prices
  ...(cost === undefined || tokens === 0 ? [] : [`cost ${formatCost(cost)}`]),
  ...(cacheHits === 0 ? [] : [`${count(cacheHits)} from the cache`])
]

/** Formats what a run has spent. */
export const formatSpending = (spending: Spending): string =>
  [quantity(spending.requests, "request"), ...formatTokens(spending)].join(", ")

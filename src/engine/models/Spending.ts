/**
 * The requests, tokens and money that a run spends on models, and the ceilings over them.
 *
 * The endpoints report to the {@link Spending} of the fiber that asks.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { SaidUsage } from "../rows/sampleFields.ts"
import type { Price } from "./Entry.ts"
import { CeilingReached } from "./ModelError.ts"

/**
 * Ceilings over what is spent. Once one is reached, nothing more is sent.
 *
 * @category options
 * @since 0.1.0
 */
export interface Ceilings {
  /** The most requests that are sent to models. Each attempt at a request counts. */
  readonly maxRequests?: number | undefined
  /** The most tokens, of prompts and of answers together, as the endpoints count them. */
  readonly maxTokens?: number | undefined
  /** The most money, by the prices of the models' entries. */
  readonly maxCost?: number | undefined
}

/**
 * The things that were spent on models.
 *
 * @internal
 */
export const Spent = Schema.Struct({
  requests: Schema.Int,
  prompt_tokens: Schema.Int,
  completion_tokens: Schema.Int,
  cached_tokens: Schema.Int,
  /** Null once a model without a price has answered. */
  cost: Schema.NullOr(Schema.Finite),
  cache_hits: Schema.Int
})
/** The things that were spent on models. */
export type Spent = typeof Spent.Type

/** Nothing. */
export const nothing: Spent = {
  requests: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cached_tokens: 0,
  cost: 0,
  cache_hits: 0
}

const perMillion = 1_000_000

/** Returns the money that an answer takes. */
export const costOf = (usage: SaidUsage, { cachedInput, input, output }: Price): number => {
  const { cached_tokens = 0, completion_tokens = 0, prompt_tokens = 0 } = usage
  const cached = Math.min(cached_tokens, prompt_tokens)
  return ((prompt_tokens - cached) * input + cached * (cachedInput ?? input) + completion_tokens * output) / perMillion
}

/** The spending of a run, or of another group of requests. */
export interface Service {
  /** Counts a request that waits for its turn. The value is the reason why it must not. */
  readonly enter: () => CeilingReached | undefined
  /** Ends the wait of a request. */
  readonly leave: () => void
  /** Counts a request that is about to be sent. The value is the reason why it must not be sent. */
  readonly admit: () => CeilingReached | undefined
  /** The reason why a request was refused, if one was. */
  readonly reached: () => CeilingReached | undefined
  /** Counts an answer. */
  readonly answered: (usage: SaidUsage, price: Price | undefined) => void
  /** Counts an answer that was found in the cache. */
  readonly found: () => void
  /** Waits until a request is refused. Undefined where nothing is ever refused. */
  readonly stop: Effect.Effect<CeilingReached> | undefined
}

/** The spending of requests that nobody counts. */
const uncounted: Service = {
  enter: () => undefined,
  leave: () => {},
  admit: () => undefined,
  reached: () => undefined,
  answered: () => {},
  found: () => {},
  stop: undefined
}

/** The spending of the fiber that asks models. */
export const Spending = Context.Reference<Service>("effect-evals/engine/models/Spending", {
  defaultValue: () => uncounted
})

/** The spending of a group, with its counts. */
export interface Counting extends Service {
  readonly spent: () => Spent
}

/** A limit over more than one group, such as that of a day. */
export interface Shared {
  readonly refuses: () => CeilingReached | undefined
  readonly add: (cost: number) => void
  /** Whether it can refuse. */
  readonly isBounded: boolean
}

const limitOf = (ceilings: Ceilings, spent: Spent, since: Spent): CeilingReached | undefined => {
  const { maxCost, maxRequests, maxTokens } = ceilings
  if (maxRequests !== undefined && spent.requests - since.requests >= maxRequests) {
    return new CeilingReached({ code: "max_requests", message: `the limit of ${maxRequests} requests is reached` })
  }
  const tokens = spent.prompt_tokens + spent.completion_tokens - since.prompt_tokens - since.completion_tokens
  if (maxTokens !== undefined && tokens >= maxTokens) {
    return new CeilingReached({
      code: "max_tokens",
      message: `the limit of ${maxTokens} tokens is reached, after ${tokens} tokens`
    })
  }
  const cost = (spent.cost ?? 0) - (since.cost ?? 0)
  return maxCost !== undefined && cost >= maxCost
    ? new CeilingReached({
        code: "max_cost",
        message: `the limit of ${maxCost} for the cost is reached, after ${rounded(cost)}`
      })
    : undefined
}

/** A sum of prices without the digits that only come from adding. */
export const rounded = (cost: number): number => Number(cost.toPrecision(12))

/**
 * Makes the spending of a group, which goes on from `before`. The ceilings are over what is spent beyond `since`.
 */
export const make = (
  ceilings: Ceilings,
  shared: Shared,
  before: Spent = nothing,
  since: Spent = nothing
): Effect.Effect<Counting> =>
  Effect.map(Deferred.make<CeilingReached>(), (stopped) => {
    let spent = before
    let reached: CeilingReached | undefined
    let waiting = 0
    const isBounded =
      shared.isBounded ||
      ceilings.maxCost !== undefined ||
      ceilings.maxRequests !== undefined ||
      ceilings.maxTokens !== undefined
    const refuse = (reason: CeilingReached): CeilingReached => {
      reached = reason
      Deferred.doneUnsafe(stopped, Effect.succeed(reason))
      return reason
    }
    const over = (): CeilingReached | undefined =>
      reached ?? (isBounded ? (limitOf(ceilings, spent, since) ?? shared.refuses()) : undefined)
    const refused = (): CeilingReached | undefined => {
      const reason = over()
      return reason === undefined ? undefined : refuse(reason)
    }
    // the turn of those who wait may be far away
    const refuseWaiting = () => {
      if (waiting > 0) refused()
    }
    return {
      enter: () => {
        const reason = refused()
        if (reason === undefined) waiting++
        return reason
      },
      leave: () => {
        waiting--
      },
      admit: () => {
        const reason = refused()
        if (reason !== undefined) return reason
        spent = { ...spent, requests: spent.requests + 1 }
        refuseWaiting()
        return undefined
      },
      answered: (usage, price) => {
        const { cached_tokens = 0, completion_tokens = 0, prompt_tokens = 0 } = usage
        const cost = price === undefined ? undefined : costOf(usage, price)
        if (cost !== undefined) shared.add(cost)
        spent = {
          ...spent,
          prompt_tokens: spent.prompt_tokens + prompt_tokens,
          completion_tokens: spent.completion_tokens + completion_tokens,
          cached_tokens: spent.cached_tokens + cached_tokens,
          cost: spent.cost === null || cost === undefined ? null : spent.cost + cost
        }
        refuseWaiting()
      },
      found: () => {
        spent = { ...spent, cache_hits: spent.cache_hits + 1 }
      },
      stop: isBounded ? Deferred.await(stopped) : undefined,
      spent: () => spent,
      reached: () => reached
    }
  })

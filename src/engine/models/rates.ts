/**
 * Rates that a models entry configures, kept by Effect's `RateLimiter`.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type * as Scope from "effect/Scope"

/** Rates that were configured. */
export interface Rates {
  /** Milliseconds until one more request may be sent; its place is kept until it is. */
  readonly waitFor: (now: number) => number
  /** Takes note that a request of so many tokens is sent. */
  readonly sent: (tokens: number, now: number) => void
  /** Takes note that a request took so many tokens more, or fewer, than was thought. */
  readonly correct: (tokens: number, now: number) => void
}

/** Rates that can be configured. */
export interface Options {
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
}

/** A bucket holds a tenth of a second's worth: more at once is refused by hosts that count in short spans. */
const bucketOf = (perMinute: number) => {
  const limit = Math.max(1, perMinute / 600)
  return { algorithm: "token-bucket", onExceeded: "delay", limit, window: (60_000 * limit) / perMinute } as const
}

/** Rates that were configured. */
export const make = (options: Options): Effect.Effect<Rates, never, Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Layer.build(Layer.provide(RateLimiter.layer, RateLimiter.layerStoreMemory))
    const limiter = Context.get(services, RateLimiter.RateLimiter)
    const runSync = Effect.runSyncWith(yield* Effect.context<never>())
    const take = (perMinute: number, key: string, tokens: number): number =>
      Duration.toMillis(
        runSync(
          // the store in memory never fails, and without waiting nothing is refused
          Effect.orDie(limiter.consume({ ...bucketOf(perMinute), key, tokens }))
        ).delay
      )

    const { requestsPerMinute, tokensPerMinute } = options
    // a request's turn is kept for the next one, whichever that is
    let turnAt: number | undefined
    // a request may overdraw the tokens, as its size is known only afterwards; those after it wait
    let tokensAt = 0

    return {
      waitFor: (now) => {
        const tokenWait = tokensAt - now
        if (tokenWait > 0 || requestsPerMinute === undefined) return tokenWait
        turnAt ??= now + take(requestsPerMinute, "requests", 1)
        return turnAt - now
      },
      sent: (tokens, now) => {
        turnAt = undefined
        if (tokensPerMinute !== undefined) tokensAt = now + take(tokensPerMinute, "tokens", tokens)
      },
      correct: (tokens, now) => {
        if (tokensPerMinute !== undefined && tokens !== 0) tokensAt = now + take(tokensPerMinute, "tokens", tokens)
      }
    }
  })

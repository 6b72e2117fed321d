/**
 * Endpoints in virtual time, and clients that ask them through a pacer.
 */
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Outcome } from "../../../../src/engine/models/Outcome.ts"
import * as Pacer from "../../../../src/engine/models/Pacer.ts"

/** The answer of an endpoint that counts requests: the headers, and whether it refuses. */
export interface Answer {
  readonly refused: boolean
  readonly headers: Readonly<Record<string, string>>
}

/** An endpoint that counts requests, at a time in milliseconds. */
export type Endpoint = (now: number) => Answer

/** What an answer of a bucket or a window says in its headers: of the limit, what is left, and milliseconds. */
export type Told = (state: {
  readonly refused: boolean
  readonly limit: number
  readonly remaining: number
  /** Until the next request is taken. */
  readonly nextMillis: number
  /** Until all of the limit is there again. */
  readonly resetMillis: number
}) => Readonly<Record<string, string>>

export const silent: Told = () => ({})
export const retryAfter: Told = ({ nextMillis, refused }) =>
  refused ? { "retry-after": String(Math.max(1, Math.ceil(nextMillis / 1000))) } : {}
export const retryAfterMs: Told = ({ nextMillis, refused }) =>
  refused ? { "retry-after-ms": String(Math.ceil(nextMillis)) } : {}
export const openai: Told = ({ limit, remaining, resetMillis }) => ({
  "x-ratelimit-limit-requests": String(limit),
  "x-ratelimit-remaining-requests": String(remaining),
  "x-ratelimit-reset-requests": `${Math.ceil(resetMillis)}ms`
})
export const standard: Told = ({ limit, remaining, resetMillis }) => ({
  "ratelimit-limit": String(limit),
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(Math.ceil(resetMillis / 1000))
})

/** A token bucket of so many requests a second. */
export const bucket = (perSecond: number, burst: number, told: Told): Endpoint => {
  let tokens = burst
  let filledAt = 0
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1000)
    filledAt = now
    const refused = tokens < 1
    if (!refused) tokens--
    const headers = told({
      refused,
      limit: burst,
      remaining: Math.floor(tokens),
      nextMillis: (Math.max(0, 1 - tokens) * 1000) / perSecond,
      resetMillis: ((burst - tokens) * 1000) / perSecond
    })
    return { refused, headers }
  }
}

/** So many requests in each window of so many milliseconds. */
export const fixedWindow = (limit: number, windowMillis: number, told: Told): Endpoint => {
  let window = -1
  let taken = 0
  return (now) => {
    const current = Math.floor(now / windowMillis)
    if (current !== window) taken = 0
    window = current
    const refused = taken >= limit
    if (!refused) taken++
    const resetMillis = (current + 1) * windowMillis - now
    return {
      refused,
      headers: told({ refused, limit, remaining: limit - taken, nextMillis: resetMillis, resetMillis })
    }
  }
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export const random = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What an endpoint saw. */
export interface Seen {
  readonly at: number
  readonly group: string
  readonly refused: boolean
}

export interface Options {
  readonly endpoint: Endpoint
  readonly seed: number
  readonly seconds: number
  readonly fibers?: number
  readonly groups?: ReadonlyArray<string>
  /** Least and most milliseconds from the sending to the answer. */
  readonly latency?: readonly [number, number]
  /** Milliseconds until a refusal, where it is sooner than an answer. */
  readonly refusedAfter?: number
  /** Share of the latency that passes before the endpoint counts the request. */
  readonly onTheWay?: number
  readonly limits?: Pacer.Options["limits"]
}

/** Lets clients ask an endpoint without end, and gives all that it saw. */
export const simulate = (options: Options) =>
  Effect.gen(function* () {
    const { endpoint, fibers = 64, groups = ["run"], latency = [150, 250], onTheWay = 0, seconds } = options
    const pacer = yield* Pacer.make({ name: "https://models.test", limits: options.limits ?? { inFlight: fibers } })
    const next = random(options.seed)
    const seen: Array<Seen> = []
    const attempt = (group: string): Effect.Effect<Outcome> =>
      Effect.gen(function* () {
        const total = latency[0] + next() * (latency[1] - latency[0])
        if (onTheWay > 0) yield* Effect.sleep(total * onTheWay)
        const at = yield* Clock.currentTimeMillis
        const { headers, refused } = endpoint(at)
        seen.push({ at, group, refused })
        yield* Effect.sleep(
          refused && options.refusedAfter !== undefined ? options.refusedAfter : total * (1 - onTheWay)
        )
        return refused ? { _tag: "Limited", headers } : { _tag: "Accepted", headers }
      })
    const client = (group: string) => {
      let again = false
      return Effect.forever(
        Effect.suspend(() => pacer.withPermit({ group, again }, attempt(group))).pipe(
          Effect.map((outcome) => {
            again = outcome._tag === "Limited"
          })
        )
      )
    }
    const clients = yield* Effect.forEach(
      groups.flatMap((group) => Array.from({ length: fibers }, () => group)),
      (group) => Effect.forkChild(client(group)),
      { concurrency: 1 }
    )
    yield* TestClock.adjust(`${seconds} seconds`)
    yield* Fiber.interruptAll(clients)
    return { seen, pacer }
  })

/** Accepted requests a second, and the share of all that was refused, after the first seconds. */
export const summary = (seen: ReadonlyArray<Seen>, fromSecond: number, toSecond: number) => {
  const later = seen.filter(({ at }) => at >= fromSecond * 1000 && at < toSecond * 1000)
  const refused = later.filter((one) => one.refused).length
  return { perSecond: (later.length - refused) / (toSecond - fromSecond), refused: refused / later.length }
}

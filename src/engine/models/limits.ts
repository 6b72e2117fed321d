/**
 * The limits of an endpoint: requests in flight, configured rates, the learned pace, quotas in headers, and
 * `retry-after`.
 *
 * Times are milliseconds of one clock, given by the caller.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as InFlight from "./inFlight.ts"
import { type HeaderValues, type LimitHeaders, readLimitHeaders } from "./limitHeaders.ts"
import type { Outcome } from "./Outcome.ts"
import * as Pace from "./pace.ts"
import * as Quotas from "./quotas.ts"
import * as Rates from "./rates.ts"

/** Limits that a models entry names. */
export interface Options extends Rates.Options {
  readonly inFlight?: number | undefined
}

/** A request that was sent. */
export interface Sent {
  readonly sentAt: number
  /** Tokens that it was thought to take. */
  readonly tokens: number
  /** The others wait for its answer, as nothing went through before. */
  readonly trial: boolean
}

/** The limits of an endpoint. */
export interface Limits {
  /** Milliseconds until one more request may be sent; infinite while the end of another decides. */
  readonly waitFor: (inFlight: number, now: number) => number
  readonly send: (tokens: number, now: number) => Sent
  /** Learns from an outcome; `crowded`: others waited meanwhile. Gives the wait that the endpoint asks for. */
  readonly learn: (outcome: Outcome, sent: Sent, crowded: boolean, now: number) => number | undefined
  /** Takes note that a request ended without an outcome. */
  readonly ended: (sent: Sent) => void
  /** Nothing is in flight and nothing waits. */
  readonly idle: () => void
  readonly inFlight: () => number
  readonly pace: () => number | undefined
  /** The remaining wait of `retry-after`, which holds for all requests. */
  readonly heldMillis: (now: number) => number
}

const defaultInFlight = 32
const loopbackInFlight = 4
/** Shorter waits than this are none, in milliseconds: timers are not that exact. */
export const tolerance = 0.05

/** Tokens of a request before its usage is known: four bytes each, and as many as the answer may have. */
export const estimateTokens = (bytes: number, maxTokens = 0): number => Math.ceil(bytes / 4) + maxTokens

const roomOf = (limit: number | undefined, loopback: boolean) => {
  if (limit !== undefined) return InFlight.fixed(limit)
  return loopback ? InFlight.growing(loopbackInFlight, defaultInFlight) : InFlight.fixed(defaultInFlight)
}

/** Makes the limits of an endpoint before anything is learned. `wallMillis` returns the Unix time, for dates in headers. */
export const make = (
  options: Options,
  loopback: boolean,
  wallMillis: () => number
): Effect.Effect<Limits, never, Scope.Scope> =>
  Effect.map(Rates.make(options), (rates) => {
    const room = roomOf(options.inFlight, loopback)
    const pace = Pace.make()
    const [requests, tokens] = [Quotas.make(), Quotas.make()]
    let heldUntil = Number.NEGATIVE_INFINITY

    const readHeaders = (headers: HeaderValues, sentAt: number, now: number): LimitHeaders => {
      const read = readLimitHeaders(headers, wallMillis())
      if (read.requests !== undefined) requests.read(read.requests, sentAt, now)
      if (read.tokens !== undefined) tokens.read(read.tokens, sentAt, now)
      return read
    }

    const hold = (millis: number | undefined, now: number) => {
      if (millis !== undefined) heldUntil = Math.max(heldUntil, now + millis)
      return millis
    }

    const ended = ({ trial }: Sent) => {
      if (trial) pace.trialOver()
    }

    return {
      waitFor: (inFlight, now) => {
        if (inFlight >= room.limit()) return Number.POSITIVE_INFINITY
        const wait = Math.max(heldUntil - now, pace.waitFor(now), requests.waitFor(now), tokens.waitFor(now))
        // last, because it keeps a turn for whoever is sent next
        return wait > tolerance ? wait : rates.waitFor(now)
      },
      send: (amount, now) => {
        rates.sent(amount, now)
        requests.spend(1, now)
        tokens.spend(amount, now)
        return { sentAt: now, tokens: amount, trial: pace.sent(now) }
      },
      learn: (outcome, sent, crowded, now) => {
        const { sentAt, trial } = sent
        switch (outcome._tag) {
          case "Accepted":
            pace.accepted(trial, now)
            room.answered(now - sentAt, crowded)
            readHeaders(outcome.headers, sentAt, now)
            if (outcome.tokens !== undefined) rates.correct(outcome.tokens - sent.tokens, now)
            return undefined
          case "Limited": {
            rates.correct(-sent.tokens, now)
            const read = readHeaders(outcome.headers, sentAt, now)
            // `ratelimit-reset` is when a window ends; `x-ratelimit-reset-requests` often when a bucket is full
            const { requests: quota } = read
            const windowEnd = quota?.coarse === true && quota.remaining === 0 ? quota.resetMillis : undefined
            const named =
              outcome.retryAfter === undefined ? read.retryAfterMillis : Duration.toMillis(outcome.retryAfter)
            const told = hold(named ?? windowEnd, now)
            pace.refused(sentAt, now, trial, told ?? 0)
            return told
          }
          case "Down":
            rates.correct(-sent.tokens, now)
            ended(sent)
            return outcome.headers === undefined
              ? undefined
              : hold(readHeaders(outcome.headers, sentAt, now).retryAfterMillis, now)
          case "TimedOut":
            room.timedOut(sentAt, now)
            ended(sent)
            return undefined
          case "Fatal":
          case "Other":
            // no limit was in its way
            pace.accepted(trial, now)
            rates.correct(-sent.tokens, now)
            return undefined
        }
      },
      ended,
      idle: room.idle,
      inFlight: room.limit,
      pace: pace.rate,
      heldMillis: (now) => Math.max(0, heldUntil - now)
    }
  })

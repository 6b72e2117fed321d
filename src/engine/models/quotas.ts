/**
 * Spreads the remaining quota of an endpoint's headers over the time until the reset.
 *
 * The rest over the time left is right for both kinds of limits. In a fixed window
 * it spends evenly. A token bucket, whose reset is when it is full again, comes to
 * rest half full, at exactly its own pace.
 *
 * Pure: times are milliseconds of one clock, given by the caller.
 */
import type { Quota } from "./limitHeaders.ts"

/** The remaining quota of headers. */
export interface Allowance {
  readonly read: (quota: Quota, sentAt: number, now: number) => void
  /** Milliseconds until more may be sent. */
  readonly waitFor: (now: number) => number
  /** Takes note that so much is sent. */
  readonly spend: (amount: number, now: number) => void
}

/** The longest delay of a timer, in milliseconds, that the next requests make up for. */
const slack = 25

/** An allowance of which nothing is known yet. */
export const make = (): Allowance => {
  // so much a millisecond, until then
  let rate = Number.POSITIVE_INFINITY
  let until = 0
  let nextAt = 0
  let newest = Number.NEGATIVE_INFINITY
  let lastAmount = 0

  return {
    read: (quota, sentAt, now) => {
      // answers overtake each other
      if (sentAt < newest) return
      newest = sentAt
      const { coarse, remaining, resetMillis } = quota
      // whole seconds were rounded up: the reset may be that much nearer
      const span = resetMillis - (coarse ? 1000 : 0)
      if (span <= 0) {
        // it may be now or in a second: what was known stays true for so long
        until = now + resetMillis
        return
      }
      // 0 left is no reason to wait for the whole reset: a bucket has the next token soon
      const before = rate
      rate = remaining > 0 ? remaining / span : 1 / Math.min(span, 1000)
      until = now + span
      if (rate > before) nextAt = Math.min(nextAt, now + lastAmount / rate)
    },
    waitFor: (now) => (rate === Number.POSITIVE_INFINITY || now >= until ? 0 : Math.min(nextAt, until) - now),
    spend: (amount, now) => {
      lastAmount = amount
      if (rate === Number.POSITIVE_INFINITY || now >= until) return
      nextAt = (now - nextAt > slack ? now : nextAt) + amount / rate
    }
  }
}

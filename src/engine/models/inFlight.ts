/**
 * How many requests may be in flight. A bound that was configured stays. A server
 * on this machine often works on one request after another and lets the rest wait,
 * so its bound starts low, grows while that makes it answer more, and shrinks when
 * requests time out.
 */

/** The limit of requests in flight. */
export interface InFlight {
  readonly limit: () => number
  /** Takes note of an answer, its latency in milliseconds, and whether others waited for room. */
  readonly answered: (latency: number, crowded: boolean) => void
  readonly timedOut: (sentAt: number, now: number) => void
  /** Nothing is in flight: what comes next may be of another kind. */
  readonly idle: () => void
}

/** A bound that stays. */
export const fixed = (limit: number): InFlight => ({
  limit: () => limit,
  answered: () => {},
  timedOut: () => {},
  idle: () => {}
})

/** A bound that starts low and grows up to `most`. */
export const growing = (start: number, most: number): InFlight => {
  let limit = Math.min(start, most)
  // the mean latency of the best round, and the bound that it had
  let best: { readonly latency: number; readonly limit: number } | undefined
  let sum = 0
  let answers = 0
  let cutAt = Number.NEGATIVE_INFINITY

  const startRound = () => {
    sum = 0
    answers = 0
  }

  return {
    limit: () => limit,
    answered: (latency, crowded) => {
      if (!crowded) return
      sum += latency
      if (++answers < limit) return
      const mean = sum / answers
      startRound()
      if (best === undefined || mean < best.latency) best = { latency: mean, limit }
      // answers may take longer, but less so than there are more of them
      const tolerated = 1.25 + 0.5 * (limit / best.limit - 1)
      if (mean <= best.latency * tolerated) limit = Math.min(most, Math.max(limit + 1, Math.floor(limit * 1.25)))
    },
    timedOut: (sentAt, now) => {
      // what was in flight together times out together
      if (sentAt < cutAt) return
      cutAt = now
      limit = Math.max(1, Math.floor(limit / 2))
      best = undefined
      startRound()
    },
    idle: () => {
      best = undefined
      startRound()
    }
  }
}

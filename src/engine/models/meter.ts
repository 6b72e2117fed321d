/**
 * Events a second, over the last five seconds.
 */

const span = 5

/** Events a second. */
export interface Meter {
  readonly add: (now: number) => void
  readonly perSecond: (now: number) => number
}

/** A meter that has seen nothing. Times are milliseconds of one clock. */
export const make = (): Meter => {
  // one more than the span: the present second is not over
  const slots = Array.from({ length: span + 1 }, () => 0)
  let newest = 0
  const advance = (now: number) => {
    const second = Math.floor(now / 1000)
    for (let slot = Math.max(newest + 1, second - span); slot <= second; slot++) slots[slot % slots.length] = 0
    newest = Math.max(newest, second)
  }
  return {
    add: (now) => {
      advance(now)
      slots[newest % slots.length] = (slots[newest % slots.length] ?? 0) + 1
    },
    perSecond: (now) => {
      advance(now)
      return slots.reduce((sum, one) => sum + one, 0) / (span + (now % 1000) / 1000)
    }
  }
}

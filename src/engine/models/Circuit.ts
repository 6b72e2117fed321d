/**
 * Whether an endpoint is there. Three requests in a row without an answer open the
 * circuit: then one request at a time finds out, after waits that double, and the
 * others wait for it, for so long as patience lasts. What only a person can mend,
 * such as a refused key, ends it at once.
 *
 * Pure: times are milliseconds of one clock, given by the caller.
 */

/** News that are worth one line in the log. */
export type News =
  | { readonly _tag: "Opened"; readonly cause: string }
  | { readonly _tag: "Closed"; readonly afterMillis: number }
  | { readonly _tag: "Blocked"; readonly reason: string }

/** Whether an endpoint is there. */
export interface Circuit {
  readonly isOpen: () => boolean
  /** Milliseconds until the next request may be sent; infinite while one finds out. */
  readonly waitFor: (now: number) => number
  /** When those who wait are told that it was in vain; undefined while they wait for nothing or the circuit is closed. */
  readonly givesUpAt: () => number | undefined
  /** Takes note that somebody begins to wait. */
  readonly waiting: (now: number) => void
  /** Takes note that a request is sent; true where it is the one that finds out. */
  readonly sent: (now: number) => boolean
  readonly answered: (now: number) => News | undefined
  readonly lost: (cause: string, sentAt: number, now: number, probe: boolean) => News | undefined
  /** The request that finds out ended and found nothing out. */
  readonly probeOver: () => void
  /** Ends it for good, for one model or for all. */
  readonly block: (reason: string, model: string | undefined) => News | undefined
  /** The reason for which no requests for this model are sent. */
  readonly refusal: (model: string | undefined, now: number) => Refusal | undefined
  /** Patience is over: all that wait are told so, and those who come within the next minute. */
  readonly giveUp: (now: number) => void
  /** Begins anew, as after a key was read again. */
  readonly reset: () => void
}

/** The reason for which no requests are sent. */
export interface Refusal {
  readonly message: string
  /** Only a person can mend it. */
  readonly fatal: boolean
}

/** So many lost requests in a row open the circuit. */
const losses = 3
const firstBackoff = 1000
const longestBackoff = 30_000
/** So long after it gave up, an endpoint is asked once more, in milliseconds. */
const rest = 60_000

/** A closed circuit. `patience`: how long requests wait for an endpoint that is down, in milliseconds. */
export const make = (patience: number): Circuit => {
  let lostInARow = 0
  let firstLostAt = 0
  let cause = ""
  let openedAt: number | undefined
  let backoff = firstBackoff
  let probeAt = 0
  let probing = false
  // since when patience runs, and when the circuit last had anything to do
  let patientSince = 0
  let seenAt = 0
  let gaveUp: { readonly until: number; readonly message: string } | undefined
  let blocked: string | undefined
  const blockedModels = new Map<string, string>()

  const close = () => {
    lostInARow = 0
    openedAt = undefined
    backoff = firstBackoff
    probing = false
    gaveUp = undefined
  }

  return {
    isOpen: () => openedAt !== undefined,
    waitFor: (now) => {
      if (openedAt === undefined) return 0
      return probing ? Number.POSITIVE_INFINITY : Math.max(0, probeAt - now)
    },
    givesUpAt: () => (openedAt === undefined ? undefined : patientSince + patience),
    waiting: (now) => {
      // nobody has asked for long: who comes now has not waited yet
      if (now - seenAt > 2 * longestBackoff && !probing) patientSince = now
      seenAt = now
    },
    sent: (now) => {
      seenAt = now
      if (openedAt === undefined) return false
      probing = true
      return true
    },
    answered: (now) => {
      const since = openedAt
      close()
      return since === undefined ? undefined : { _tag: "Closed", afterMillis: now - since }
    },
    lost: (text, sentAt, now, probe) => {
      seenAt = now
      cause = text
      if (openedAt === undefined) {
        if (lostInARow++ === 0) firstLostAt = now
        if (lostInARow < losses) return undefined
        openedAt = now
        patientSince = firstLostAt
        backoff = firstBackoff
        probeAt = now + backoff
        return { _tag: "Opened", cause }
      }
      // what was on its way when it opened says nothing new
      if (!probe || sentAt < openedAt) return undefined
      probing = false
      backoff = Math.min(backoff * 2, longestBackoff)
      probeAt = now + backoff
      return undefined
    },
    probeOver: () => {
      probing = false
    },
    block: (reason, model) => {
      if (model !== undefined) {
        if (blockedModels.has(model)) return undefined
        blockedModels.set(model, reason)
      } else {
        if (blocked !== undefined) return undefined
        blocked = reason
      }
      return { _tag: "Blocked", reason }
    },
    refusal: (model, now) => {
      const reason = blocked ?? (model === undefined ? undefined : blockedModels.get(model))
      if (reason !== undefined) return { message: reason, fatal: true }
      if (gaveUp === undefined) return undefined
      if (now < gaveUp.until) return { message: gaveUp.message, fatal: false }
      gaveUp = undefined
      patientSince = now
      return undefined
    },
    giveUp: (now) => {
      const minutes = Math.round(patience / 6000) / 10
      gaveUp = {
        until: now + rest,
        message: `no answer for ${minutes} ${minutes === 1 ? "minute" : "minutes"}: ${cause}`
      }
    },
    reset: () => {
      close()
      blocked = undefined
      blockedModels.clear()
    }
  }
}

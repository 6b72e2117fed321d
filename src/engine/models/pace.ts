/**
 * Learns the pace of an endpoint, in requests a second, from its refusals. Pace is learned
 * and not the number in flight, because that is what endpoints limit: at 200 ms,
 * 10 requests in flight are exactly 50 a second, and 11 are too many.
 *
 * No limit until the first refusal. From then on the pace is searched between the
 * lowest that was refused and the highest that held, and settles just below. Now
 * and then 1 % more is tried; where that holds, more is tried at once.
 *
 * Pure: times are milliseconds of one clock, given by the caller.
 */

import { makeSendLog } from "./sendLog.ts"

/** The result of a refusal: it counted for nothing, the pace was cut, or nothing goes through at present. */
export type Verdict = "ignored" | "cut" | "shut"

/** The pace of an endpoint. */
export interface Pace {
  /** Requests a second; undefined while there is no limit. */
  readonly rate: () => number | undefined
  /**
   * Milliseconds until the next request may be sent. While a trial request is in flight, it is the time until a refusal of
   * that request would have arrived.
   */
  readonly waitFor: (now: number) => number
  /** Takes note that a request is sent; true where all others wait for the answer to this one. */
  readonly sent: (now: number) => boolean
  readonly accepted: (trial: boolean, now: number) => void
  /** Takes note of a refusal. `told`: the milliseconds that the endpoint asks to wait, or 0. */
  readonly refused: (sentAt: number, now: number, trial: boolean, told: number) => Verdict
  /** The request that all others wait for ended without an answer. */
  readonly trialOver: () => void
}

/** Least time between two cuts, in milliseconds: refusals come in swarms that say one thing. */
const cutGap = 500
/** A pace has held when it was used for so long, and for so many requests, without a refusal. */
const holdMillis = 2000
const holdMillisIfCostly = 4000
const holdRequests = 10
const longestHold = 60_000
/** The search ends when what held and what was refused are that close; sooner, where a refusal stops everybody. */
const closeEnough = 0.01
const closeEnoughIfCostly = 0.06
const firstStep = 0.01
const largestStep = 0.25
const firstProbeGap = 5000
const firstProbeGapIfCostly = 15_000
const longestProbeGap = 60_000
/** A wait that the endpoint asks for is costly from here on. */
const costlyMillis = 500
/** Where less than this share goes through, hardly anything does. */
const shutShare = 0.25
const firstShut = 500
const longestShut = 15_000
/** An endpoint that accepts nothing for longer, in milliseconds, has a time window whose requests are used up. */
const longShut = 4000
const slowest = 1 / 60
/** The longest delay of a timer, in milliseconds, that the next requests make up for. */
const slack = 25

/** A pace without a limit yet. */
export const make = (): Pace => {
  const log = makeSendLog()
  let rate: number | undefined
  // the highest pace that held, 0 where none did, and the lowest that was refused
  let held = 0
  let lowestRefused = Number.POSITIVE_INFINITY
  let everHeld = false
  let phase: "search" | "settled" | "probe" = "search"
  let nextAt = 0
  let cutAt = Number.NEGATIVE_INFINITY
  // the longest time that a refusal took to arrive, slowly forgotten
  let refusalLatency = 0
  // a refusal stops everybody for as long as the endpoint says
  let costly = false
  // since when the present pace is tried, and how many requests it has seen
  let since = 0
  let count = 0
  let step = firstStep
  let probeGap = firstProbeGap
  let probed = 0
  let probeAt = 0
  // nothing goes through: until when, and the wait after that
  let shutUntil: number | undefined
  let shutGap = firstShut
  let trialAt: number | undefined
  let shutAt = 0
  let openedAt = Number.NEGATIVE_INFINITY
  // what was sent and not refused, altogether and until it last opened
  let passed = 0
  let passedBefore = 0
  let first: number | undefined

  const change = (to: number, now: number) => {
    rate = Math.max(slowest, to)
    since = now
    count = 0
    nextAt = Math.min(Math.max(nextAt, now), now + 1000 / rate)
  }

  const nextProbeGap = () => (costly ? Math.max(probeGap, firstProbeGapIfCostly) : probeGap)

  const isCloseEnough = () => lowestRefused - held <= held * (costly ? closeEnoughIfCostly : closeEnough)

  // nearer to what held, where a refusal stops everybody
  const between = () => held + (lowestRefused - held) / (costly ? 3 : 2)

  const settle = (now: number) => {
    phase = "settled"
    step = firstStep
    probeAt = now + nextProbeGap()
    change(held, now)
  }

  const probe = (now: number) => {
    phase = "probe"
    lowestRefused = Number.POSITIVE_INFINITY
    change(held * (1 + step), now)
  }

  /** Goes on from a pace that has held long enough. */
  const review = (now: number) => {
    if (rate === undefined) return
    const elapsed = now - since
    const needed =
      Math.min(Math.max(costly ? holdMillisIfCostly : holdMillis, (holdRequests * 1000) / rate), longestHold) +
      refusalLatency
    if (elapsed < needed) return
    // a pace that was not used says nothing about the endpoint
    const used = count >= 0.9 * rate * (elapsed / 1000) - 1
    since = now
    count = 0
    if (!used) return
    if (phase === "settled") {
      if (now >= probeAt) probe(now)
      return
    }
    held = rate
    everHeld = true
    if (phase === "probe") {
      probed++
      step = Math.min(step * 2, largestStep)
      probe(now)
    } else if (isCloseEnough()) {
      settle(now)
    } else {
      change(between(), now)
    }
  }

  const firstCut = (now: number) => {
    const { refused, sent } = log.between(now - 1000, now)
    lowestRefused = sent
    change(Math.max(1, sent - refused), now)
  }

  /**
   * Lowers the pace. `share`: how much of it went through since the last cut, of so many `asked`. `mean`: what went
   * through a second since then, waits included.
   */
  const lower = (share: number, asked: number, mean: number, now: number) => {
    if (rate === undefined) return firstCut(now)
    if (phase === "probe") {
      // back to what held before
      probeGap = probed > 0 ? firstProbeGap : Math.min(nextProbeGap() * 2, longestProbeGap)
      probed = 0
      return settle(now)
    }
    lowestRefused = rate
    // what seemed to hold did so on tokens that a bucket had saved up
    if (held >= rate || (asked >= 20 && rate * share < held * 0.95)) held = 0
    if (held > 0 && isCloseEnough()) return settle(now)
    // a pace that was good for long is hardly wrong by much
    const most = phase === "settled" ? 0.98 : 0.9
    phase = "search"
    if (held > 0) change(Math.max(held, Math.min(between(), rate * share)), now)
    // the mean is surely allowed, and the pace surely is not
    else if (costly) change(Math.min((Math.max(mean, rate * (everHeld ? 0.9 : 0.5)) + rate) / 2, rate * most), now)
    else change(rate * Math.min(Math.max(share, 0.5), most), now)
  }

  const shut = (now: number) => {
    if (shutUntil === undefined) shutAt = now
    shutUntil = now + shutGap
    shutGap = Math.min(shutGap * 2, longestShut)
  }

  /** Something went through again. */
  const open = (now: number) => {
    trialAt = undefined
    if (rate !== undefined && now - shutAt > longShut) {
      // a long window was used up: it would be again, at a pace far above its mean
      const elapsed = now - Math.max(openedAt, first ?? now)
      const mean = ((passed - passedBefore) * 1000) / Math.max(1, elapsed)
      held = Math.max(slowest, Math.min(rate, mean * 1.1))
      probeGap = longestProbeGap
      settle(now)
    }
    shutUntil = undefined
    shutGap = firstShut
    openedAt = now
    passedBefore = passed
  }

  /** A refusal would be here by now. */
  const trialEndsAt = () => (trialAt === undefined ? undefined : trialAt + Math.max(cutGap, refusalLatency * 2))

  return {
    rate: () => rate,
    waitFor: (now) => {
      const ends = trialEndsAt()
      if (ends !== undefined && ends > now) return ends - now
      if (ends !== undefined) open(now)
      if (shutUntil !== undefined && shutUntil > now) return shutUntil - now
      return rate === undefined ? 0 : nextAt - now
    },
    sent: (now) => {
      first ??= now
      passed++
      log.sent(now)
      count++
      if (rate !== undefined) {
        review(now)
        nextAt = (now - nextAt > slack ? now : nextAt) + 1000 / rate
      }
      if (shutUntil === undefined) return false
      trialAt = now
      return true
    },
    accepted: (trial, now) => {
      if (trial && trialAt !== undefined) open(now)
    },
    trialOver: () => {
      trialAt = undefined
    },
    refused: (sentAt, now, trial, told) => {
      passed--
      log.refused(sentAt, now)
      const latency = now - sentAt
      refusalLatency = Math.max(latency, refusalLatency * 0.95)
      costly = told >= costlyMillis
      if (trial && trialAt !== undefined) {
        trialAt = undefined
        cutAt = now
        if (told > 0) shutUntil = undefined
        else shut(now)
        return "shut"
      }
      if (sentAt < cutAt || now - cutAt < cutGap) return "ignored"
      // what is younger may yet be refused; the refusal that brought us here is discounted
      const from = cutAt
      const { refused, sent } = log.between(from, now - refusalLatency)
      cutAt = now
      const through = sent === 0 ? 0.9 : Math.min(1, 1 - (refused - 1) / sent)
      if (told === 0 && rate !== undefined && (refused >= sent || through < shutShare) && sent > 0) {
        // a window that is used up opens again; what is shut soon after it opened is asked too fast
        lower(now - openedAt < holdMillis ? 0.5 : 0.9, 0, 0, now)
        shut(now)
        return "shut"
      }
      const all = log.between(from, now)
      lower(through, sent, ((all.sent - all.refused) * 1000) / Math.max(1000, now - from), now)
      return "cut"
    }
  }
}

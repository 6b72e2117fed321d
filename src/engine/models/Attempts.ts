/**
 * Attempts of one request: each waits for the endpoint's limits, tells the pacer
 * what came of it, and is repeated where that may help.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { SaidUsage } from "../rows/sampleFields.ts"
import { totalOf } from "./Answer.ts"
import type { Price } from "./Entry.ts"
import type { Outcome } from "./Outcome.ts"
import type * as Pacer from "./Pacer.ts"
import * as Observation from "./Observation.ts"
import { type CeilingReached, EndpointDown, type Reason } from "./ModelError.ts"
import { type Service, Spending } from "./Spending.ts"
import type { Observe } from "./Transport.ts"

/** The most attempts at a request that fails, or whose connection is lost, while the endpoint answers others. */
export const mostAttempts = 5

/** The most attempts at a request that is refused by limits: the pacer spaces them. */
export const mostLimited = 10

/** The most attempts at a request that is not answered in time: it may have been paid for each time. */
export const mostTimedOut = 2

const firstWait = Duration.millis(500)
const longestWait = Duration.seconds(8)

/** A request that is attempted. */
export interface Attempted<A> {
  readonly group: string
  /** The model's name at the endpoint. */
  readonly model: string
  /** Tokens that the request is thought to take. */
  readonly tokens: number
  readonly once: (observe: Observe) => Effect.Effect<A, Reason>
  /** Returns the tokens that an answer says it took. */
  readonly usageOf: (answer: A) => SaidUsage
  /** The words of spans and metrics for the request and its answer. */
  readonly operation: Observation.Operation
  readonly about?: ((answer: A) => Observation.About) | undefined
  /**
   * Whether the pacer is told of a reason that ends all requests. It is not told while the first request probes which API
   * the endpoint has.
   */
  readonly isFinal?: ((reason: Reason) => boolean) | undefined
  /** Tries to mend what a reason says; true where the request is to be sent again at once. */
  readonly mend?: ((reason: Reason) => Effect.Effect<boolean>) | undefined
}

type Attempt<A> = Outcome & {
  readonly result: Result.Result<A, Reason>
  readonly isMended: boolean
}

const outcomeOf = (reason: Reason, model: string, headers: Headers.Headers | undefined): Outcome => {
  switch (reason._tag) {
    case "RateLimited":
      return {
        _tag: "Limited",
        headers: headers ?? {},
        ...(reason.retryAfter === undefined ? {} : { retryAfter: reason.retryAfter })
      }
    case "Overloaded":
      return { _tag: "Down", cause: reason.message, ...(headers === undefined ? {} : { headers }) }
    case "Unreachable":
      return { _tag: "Down", cause: reason.message }
    case "TimedOut":
      return { _tag: "TimedOut" }
    case "UnknownModel":
      return { _tag: "Fatal", reason: reason.message, model }
    case "Unreadable":
      return { _tag: "Accepted", headers: headers ?? {} }
    default:
      return reason.isFatal ? { _tag: "Fatal", reason: reason.message } : { _tag: "Other" }
  }
}

/** The endpoint that is asked. */
export interface Asked {
  /** Its name in spans and metrics. */
  readonly endpoint: string
  readonly price: Price | undefined
}

/** Makes the function that attempts requests to one endpoint. */
export const make = (pacer: Pacer.Pacer, { endpoint, price }: Asked) => {
  /** The reasons for which the endpoint, or one of its models, is not asked any more. */
  const ends = new Map<string | undefined, Reason>()

  const attempt = <A>(request: Attempted<A>, spending: Service): Effect.Effect<Attempt<A>, CeilingReached> =>
    Effect.suspend(() => {
      const refusal = spending.admit()
      if (refusal !== undefined) return Effect.fail(refusal)
      let headers: Headers.Headers | undefined
      const observe: Observe = (_status, seen) =>
        Effect.sync(() => {
          headers = seen
        })
      const asked = Observation.observed({ ...request, endpoint }, Effect.result(request.once(observe)))
      return Effect.flatMap(asked, (result): Effect.Effect<Attempt<A>> => {
        if (Result.isSuccess(result)) {
          const usage = request.usageOf(result.success)
          spending.answered(usage, price)
          const tokens = totalOf(usage)
          return Effect.succeed({ _tag: "Accepted", headers: headers ?? {}, tokens, result, isMended: false })
        }
        const reason = result.failure
        return Effect.map(request.mend?.(reason) ?? Effect.succeed(false), (isMended): Attempt<A> => {
          const outcome = outcomeOf(reason, request.model, headers)
          if (outcome._tag !== "Fatal") return { ...outcome, result, isMended }
          if (isMended || request.isFinal?.(reason) === false) return { _tag: "Other", result, isMended }
          ends.set(outcome.model, reason)
          return { ...outcome, result, isMended }
        })
      })
    })

  const refused = (model: string, { fatal, message }: Pacer.EndpointUnavailable): Reason =>
    (fatal ? (ends.get(undefined) ?? ends.get(model)) : undefined) ?? new EndpointDown({ message })

  const backoff = (failures: number, retryAfter: Duration.Duration | undefined) =>
    Effect.flatMap(Random.next, (random) => {
      const wait = Duration.min(Duration.times(firstWait, 2 ** (failures - 1)), longestWait)
      return Effect.sleep(Duration.max(Duration.times(wait, 1 - random / 4), retryAfter ?? Duration.zero))
    })

  /** Asks again after a configuration or an account was mended. */
  const reset = Effect.suspend(() => {
    ends.clear()
    return pacer.reset
  })

  const sendWith = Effect.fnUntraced(function* <A>(
    request: Attempted<A>,
    spending: Service,
    flight: { isUnderWay: boolean }
  ): Effect.fn.Return<A, Reason> {
    const { group, model, tokens } = request
    /** Waits for the turn of one attempt, and makes it. */
    const turn = (again: boolean) =>
      Effect.suspend(() => {
        const refusal = spending.enter()
        if (refusal !== undefined) return Effect.fail(refusal)
        let waits = true
        const leave = () => {
          if (waits) spending.leave()
          waits = false
        }
        const sent = Effect.suspend(() => {
          leave()
          flight.isUnderWay = true
          return attempt(request, spending)
        })
        return Effect.ensuring(pacer.withPermit({ group, model, tokens, again }, sent), Effect.sync(leave))
      })
    let failures = 0
    let limited = 0
    let timedOut = 0
    for (let again = false; ; again = true) {
      const permitted = yield* Effect.result(turn(again))
      if (Result.isFailure(permitted)) {
        if (permitted.failure._tag === "CeilingReached") return yield* Effect.fail(permitted.failure)
        const reason = refused(model, permitted.failure)
        // a key that was refused before may have been replaced since
        if (reason._tag !== "KeyRefused" || (yield* request.mend?.(reason) ?? Effect.succeed(false)) === false) {
          return yield* Effect.fail(reason)
        }
        yield* reset
        continue
      }
      const { isMended, result } = permitted.success
      if (Result.isSuccess(result)) return result.success
      flight.isUnderWay = false
      const reason = result.failure
      if (isMended) continue
      if (!reason.isRetryable) return yield* Effect.fail(reason)
      const reached = spending.reached()
      if (reached !== undefined) return yield* Effect.fail(reached)
      if (reason._tag === "RateLimited") {
        // it waits in the queue of the pacer, which knows more than one request
        if (++limited >= mostLimited) return yield* Effect.fail(reason)
      } else if (reason._tag === "TimedOut") {
        if (++timedOut >= mostTimedOut) return yield* Effect.fail(reason)
      } else if (!pacer.stats().down) {
        if (++failures >= mostAttempts) return yield* Effect.fail(reason)
        yield* backoff(failures, "retryAfter" in reason ? reason.retryAfter : undefined)
      }
    }
  })

  /** A request that waits when a ceiling is reached is not sent any more; one that is under way gets its answer. */
  const send = <A>(request: Attempted<A>): Effect.Effect<A, Reason> =>
    Effect.flatMap(Spending, (spending) => {
      const flight = { isUnderWay: false }
      const sent = sendWith(request, spending, flight)
      return spending.stop === undefined
        ? sent
        : Effect.raceFirst(
            sent,
            Effect.flatMap(spending.stop, (reason) => (flight.isUnderWay ? Effect.never : Effect.fail(reason)))
          )
    })

  return { send, reset }
}

/** Attempts requests to one endpoint. */
export type Attempts = ReturnType<typeof make>

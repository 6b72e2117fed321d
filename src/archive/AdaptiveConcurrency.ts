/**
 * How many requests are in flight: as many as the host takes. Half of them after
 * a 429, one more after a stretch without.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import { EvalsError } from "../EvalsError.ts"
import * as Retry from "../Retry.ts"
import { maxRetryAfter } from "./Setbacks.ts"

/** Lets requests through. */
export interface Gate {
  /** Sends what an effect sends when there is room, and learns from the host's answers. */
  readonly through: <A, E, R>(request: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** How many requests may be in flight at present. */
  readonly limit: () => number
  /** Until when nothing is sent because the host has asked for it, in Unix milliseconds. */
  readonly heldUntil: () => number
}

/** How often a request is sent again after a 429. */
const times = 8

/** The first and the longest wait after a 429 that names none, in milliseconds. */
const firstWait = 1000
const longestWait = 30_000

// a 429 is not repeated in its place: it gives the place back, and comes again through the gate
const policyOf = (repeats: number): Retry.Policy =>
  Retry.transient({ times: repeats, maxRetryAfter }).pipe(
    Schedule.while(({ input }) => input.reason._tag !== "RateLimitError")
  )

const isRefusal = (error: unknown): error is EvalsError =>
  error instanceof EvalsError &&
  error.reason._tag === "RateLimitError" &&
  error.isRetryable &&
  (error.retryAfter === undefined || Duration.isLessThanOrEqualTo(error.retryAfter, maxRetryAfter))

/**
 * A gate that lets at most `most` requests through at a time, and sends one that
 * fails again so often, within a few seconds.
 */
export const make = (most: number, repeats = 2): Effect.Effect<Gate> =>
  Effect.gen(function* () {
    const policy = policyOf(repeats)
    const semaphore = yield* Semaphore.make(most)
    let limit = most
    let quietAnswers = 0
    let closedUntil = 0
    let wait = firstWait
    // how often the limit was halved
    let halved = 0

    const resize = (to: number) =>
      Effect.suspend(() => {
        limit = to
        quietAnswers = 0
        return semaphore.resize(to)
      })

    const refused = (error: EvalsError, sentAfter: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        closedUntil = Math.max(
          closedUntil,
          now + (error.retryAfter === undefined ? wait : Duration.toMillis(error.retryAfter))
        )
        // one refusal halves the limit: those that were in flight with it say the same thing again
        if (sentAfter < halved) return Effect.void
        halved++
        wait = Math.min(wait * 2, longestWait)
        return resize(Math.max(1, Math.floor(limit / 2)))
      })

    const answered = Effect.suspend(() => {
      quietAnswers++
      wait = firstWait
      return limit < most && quietAnswers >= limit * 4 ? resize(limit + 1) : Effect.void
    })

    const open: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      closedUntil > now ? Effect.andThen(Effect.sleep(closedUntil - now), open) : Effect.void
    )

    const attempt = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.andThen(
        open,
        Effect.suspend(() => {
          const sentAfter = halved
          return Retry.withPolicy(request, policy).pipe(
            Effect.tapError((error) => (isRefusal(error) ? refused(error, sentAfter) : Effect.void)),
            Effect.tap(() => answered)
          )
        })
      )

    return {
      limit: () => limit,
      heldUntil: () => closedUntil,
      through: (request) => Effect.retry(semaphore.withPermit(attempt(request)), { times, while: isRefusal })
    }
  })

/**
 * A limit of concurrent requests that adapts to the host: a 429 halves it, and a series of other answers raises it by
 * one.
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

/** The limit of concurrent requests. */
export interface AdaptiveConcurrency {
  /** Sends a request once the limit allows it, retries it, and adapts the limit to the host's answer. */
  readonly run: <A, E, R>(request: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The current limit. */
  readonly limit: () => number
  /** The end of the pause that the host asked for, in Unix milliseconds. 0 before the first pause. */
  readonly heldUntil: () => number
}

/** The number of retries after a 429. */
const retriesAfter429 = 8

/** The first and the longest wait after a 429 without `Retry-After`, in milliseconds. */
const firstWait = 1000
const longestWait = 30_000

// a 429 is not retried within its permit: it releases the permit, waits, and takes a new one
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
 * Makes a limit that starts at `most` and never exceeds it. A request that fails otherwise than with a 429 is retried
 * `repeats` times within a few seconds.
 */
export const make = (most: number, repeats = 2): Effect.Effect<AdaptiveConcurrency> =>
  Effect.gen(function* () {
    const policy = policyOf(repeats)
    const semaphore = yield* Semaphore.make(most)
    let limit = most
    let quietAnswers = 0
    let pausedUntil = 0
    let wait = firstWait
    // the number of times the limit was halved
    let halved = 0

    const resize = (to: number) =>
      Effect.suspend(() => {
        limit = to
        quietAnswers = 0
        return semaphore.resize(to)
      })

    const refused = (error: EvalsError, sentAfter: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        pausedUntil = Math.max(
          pausedUntil,
          now + (error.retryAfter === undefined ? wait : Duration.toMillis(error.retryAfter))
        )
        // requests that were sent before the last halving say nothing new
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

    const resumed: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      pausedUntil > now ? Effect.andThen(Effect.sleep(pausedUntil - now), resumed) : Effect.void
    )

    const attempt = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.andThen(
        resumed,
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
      heldUntil: () => pausedUntil,
      run: (request) =>
        Effect.retry(semaphore.withPermit(attempt(request)), { times: retriesAfter429, while: isRefusal })
    }
  })

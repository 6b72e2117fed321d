/**
 * Time limits of attempts. `Effect.timeout` starts a fiber with a timer for each
 * effect, and stops it again: that costs a fifth of a request. Here one timer serves
 * all attempts that are under way.
 *
 * @internal
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

interface Deadline {
  /** In milliseconds of the clock. */
  readonly at: number
  readonly expire: () => void
}

/** The deadlines by one clock, and the fiber that waits for the first of them. */
interface Timer {
  readonly deadlines: Set<Deadline>
  waiting: { readonly fiber: Fiber.Fiber<void>; readonly until: number } | undefined
}

const first = (deadlines: Iterable<Deadline>): number => {
  let least = Infinity
  for (const { at } of deadlines) least = Math.min(least, at)
  return least
}

const stop = (timer: Timer): void => {
  timer.waiting?.fiber.interruptUnsafe()
  timer.waiting = undefined
}

/** Waits for the first deadline, in the fiber of an attempt that its clock is taken from. */
const wait = (timer: Timer, clock: Clock.Clock, attempt: Fiber.Fiber<unknown, unknown>, until: number): void => {
  const expire = Effect.sync(() => {
    timer.waiting = undefined
    const now = clock.currentTimeMillisUnsafe()
    for (const deadline of timer.deadlines) {
      if (deadline.at <= now) {
        timer.deadlines.delete(deadline)
        deadline.expire()
      }
    }
    if (timer.deadlines.size > 0) wait(timer, clock, attempt, first(timer.deadlines))
  })
  const sleep = clock.sleep(Duration.millis(Math.max(0, until - clock.currentTimeMillisUnsafe())))
  timer.waiting = { until, fiber: Effect.runForkWith(attempt.context)(Effect.andThen(sleep, expire)) }
}

/** Makes the function that bounds effects in time. An effect that exceeds its limit is interrupted first. */
export const makeLimit = () => {
  const timers = new WeakMap<Clock.Clock, Timer>()
  return <A, E, R>(self: Effect.Effect<A, E, R>, limit: Duration.Duration, orElse: () => E): Effect.Effect<A, E, R> =>
    Effect.contextWith((context) =>
      Effect.clockWith((clock) => {
        const attempt = Effect.runForkWith(context)(self)
        return (
          attempt.pollUnsafe() ??
          Effect.callback<A, E>((resume) => {
            const timer = timers.get(clock) ?? { deadlines: new Set(), waiting: undefined }
            timers.set(clock, timer)
            const deadline: Deadline = {
              at: clock.currentTimeMillisUnsafe() + Duration.toMillis(limit),
              expire: () =>
                resume(
                  Effect.andThen(
                    Fiber.interrupt(attempt),
                    Effect.suspend(() => Effect.fail(orElse()))
                  )
                )
            }
            const done = () => {
              if (timer.deadlines.delete(deadline) && timer.deadlines.size === 0) stop(timer)
            }
            timer.deadlines.add(deadline)
            if (timer.waiting === undefined || deadline.at < timer.waiting.until) {
              stop(timer)
              wait(timer, clock, attempt, deadline.at)
            }
            attempt.addObserver((exit) => {
              done()
              resume(exit)
            })
            return Effect.suspend(() => {
              done()
              return Fiber.interrupt(attempt)
            })
          })
        )
      })
    )
}

/**
 * Time limits of attempts. `Effect.timeout` starts and stops a fiber with a timer for each effect, which is a fifth of the
 * cost of a request. Here one timer serves all running attempts.
 *
 * @internal
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

interface Deadline {
  /** The time of the clock, in milliseconds. */
  readonly at: number
  readonly expire: () => void
}

/** The deadlines of one clock, and the fiber that waits for the first one. */
interface Timer {
  readonly deadlines: Set<Deadline>
  /** The time at which the fiber wakes up. Infinity if no fiber waits. */
  until: number
  fiber?: Fiber.Fiber<void>
}

const stop = (timer: Timer): void => {
  timer.fiber?.interruptUnsafe()
  timer.until = Infinity
}

/** Starts the fiber that waits for the first deadline. Its clock is that of `attempt`. */
const wait = (timer: Timer, clock: Clock.Clock, attempt: Fiber.Fiber<unknown, unknown>, until: number): void => {
  const expire = Effect.sync(() => {
    timer.until = Infinity
    const now = clock.currentTimeMillisUnsafe()
    for (const deadline of timer.deadlines) {
      if (deadline.at <= now) {
        timer.deadlines.delete(deadline)
        deadline.expire()
      }
    }
    if (timer.deadlines.size > 0) {
      const first = [...timer.deadlines].reduce((least, { at }) => Math.min(least, at), Infinity)
      wait(timer, clock, attempt, first)
    }
  })
  const sleep = clock.sleep(Duration.millis(until - clock.currentTimeMillisUnsafe()))
  timer.until = until
  timer.fiber = Effect.runForkWith(attempt.context)(Effect.andThen(sleep, expire))
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
            const timer: Timer = timers.get(clock) ?? { deadlines: new Set(), until: Infinity }
            timers.set(clock, timer)
            const deadline: Deadline = {
              at: clock.currentTimeMillisUnsafe() + Duration.toMillis(limit),
              expire: () => resume(Effect.flatMap(Fiber.interrupt(attempt), () => Effect.fail(orElse())))
            }
            const done = () => {
              if (timer.deadlines.delete(deadline) && timer.deadlines.size === 0) stop(timer)
            }
            timer.deadlines.add(deadline)
            if (deadline.at < timer.until) {
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

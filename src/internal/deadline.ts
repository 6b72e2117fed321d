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
  /** When the fiber wakes up. Infinity where none waits. */
  until: number
  fiber?: Fiber.Fiber<void>
}

const stop = (timer: Timer): void => {
  timer.fiber?.interruptUnsafe()
  timer.until = Infinity
}

/** Waits for the first deadline, in the fiber of an attempt that its clock is taken from. */
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

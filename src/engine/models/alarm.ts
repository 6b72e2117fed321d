/**
 * One timer, of which only the nearest time counts.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** One timer. */
export interface Alarm {
  /** Rings in so many milliseconds, unless it rings sooner anyway. */
  readonly set: (millis: number, now: number) => void
  readonly stop: () => void
}

/** A timer that is not set. It calls back each time that it rings, and is then not set. */
export const make = (ring: () => void): Effect.Effect<Alarm> =>
  Effect.map(Effect.context<never>(), (services) => {
    const runFork = Effect.runForkWith(services)
    let timer: { readonly fiber: Fiber.Fiber<void>; readonly at: number } | undefined
    const stop = () => {
      timer?.fiber.interruptUnsafe()
      timer = undefined
    }
    const rings = Effect.sync(() => {
      timer = undefined
      ring()
    })
    return {
      set: (millis, now) => {
        if (timer !== undefined && timer.at <= now + millis) return
        stop()
        timer = {
          fiber: runFork(Effect.andThen(Effect.sleep(Duration.millis(millis)), rings)),
          at: now + millis
        }
      },
      stop
    }
  })

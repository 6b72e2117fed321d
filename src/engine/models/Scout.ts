/**
 * One request that finds something out before others are sent.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/**
 * The longest time that others wait for the first request. A refusal comes at once,
 * an answer may take minutes: one that takes longer than this is most likely no
 * refusal.
 */
export const longestWait = Duration.seconds(1)

/** Sends one request ahead of the others. */
export interface Scout {
  /** Runs an effect as the first, or once the first has ended, or after {@link longestWait}. */
  readonly ahead: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Makes a scout. */
export const make = (): Scout => {
  let under: Latch.Latch | undefined
  return {
    ahead: (effect) =>
      Effect.suspend(() => {
        if (under !== undefined) {
          return Effect.andThen(Effect.timeoutOption(under.await, longestWait), effect)
        }
        const own = Latch.makeUnsafe(false)
        under = own
        return Effect.ensuring(
          effect,
          Effect.sync(() => {
            under = undefined
            Latch.openUnsafe(own)
          })
        )
      })
  }
}

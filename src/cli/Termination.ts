/**
 * A request to end the process: SIGTERM, or SIGHUP when its terminal closes.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * Waits for a request to end. While no command waits, the request interrupts the command as Ctrl-C does.
 */
export const Termination = Context.Reference<Effect.Effect<void>>("effect-evals/cli/Termination", {
  defaultValue: () => Effect.never
})

/**
 * Runs an effect at each SIGHUP, in place of the end of the process. It goes on until it is interrupted.
 */
export const Hangup = Context.Reference<(work: Effect.Effect<void>) => Effect.Effect<never>>(
  "effect-evals/cli/Hangup",
  { defaultValue: () => () => Effect.never }
)

/**
 * Runs an effect that has no end. A request to end interrupts it. The result is a success after its resources are
 * released.
 */
export const untilTermination = <E, R>(self: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    const termination = yield* Termination
    const fiber = yield* Effect.forkChild(self)
    const ended = yield* Effect.raceFirst(Fiber.await(fiber), Effect.as(termination, undefined))
    if (ended !== undefined) return yield* ended
    yield* Fiber.interrupt(fiber)
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) return yield* exit
  })

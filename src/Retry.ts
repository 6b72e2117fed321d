/**
 * When a request is sent again: schedules over {@link EvalsError}.
 *
 * The default is two retries, after 0.5 s and 1 s less up to a quarter, and
 * whatever `retry-after` asks for. It can be replaced for a client (option
 * `retry`), for one effect ({@link withPolicy}), or for one call (option
 * `retry`); {@link none} switches it off.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { EvalsError } from "./EvalsError.ts"

/**
 * When a request that failed is sent again. The schedule decides about errors
 * that it is shown; whether a repetition is safe is decided before: a request
 * that creates something is shown only where nothing can have been created, or
 * where the host recognises the repetition by its `Idempotency-Key`. A schedule of
 * your own is shown every other error, a 400 too: let it look at `isRetryable` and
 * `retryAfter` of the error, or begin with {@link transient}.
 */
export type Policy = Schedule.Schedule<unknown, EvalsError>

/** Never send again. */
export const none: Policy = Schedule.recurs(0)

/**
 * Sends again what may succeed then: statuses 408, 409, 429 and 5xx, lost
 * connections and timeouts; `x-should-retry` outweighs the list. The waits double
 * from `base` up to `cap`, each shortened at random by up to a quarter;
 * `retry-after-ms` and `retry-after` are obeyed instead, up to `maxRetryAfter`
 * (an error that asks for more is not retried: it carries `retryAfter`).
 *
 * The figures and rules are openai-node's, but for the long waits, which it
 * ignores.
 *
 * **Example** (More patience for one program)
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { type EvalId, listRuns, Retry } from "effect-evals"
 *
 * export const runs = (evalId: EvalId) =>
 *   Stream.runCollect(listRuns(evalId)).pipe(
 *     Retry.withPolicy(Retry.transient({ times: 8, maxRetryAfter: "1 hour" }))
 *   )
 * ```
 */
export const transient = (
  options: {
    /** How often at most, after the first attempt. Default 2. */
    readonly times?: number | undefined
    /** The first wait. Default 0.5 s. */
    readonly base?: Duration.Input | undefined
    /** The longest wait of our own choosing. Default 8 s. */
    readonly cap?: Duration.Input | undefined
    /** The longest wait that the host may ask for. Default 5 minutes. */
    readonly maxRetryAfter?: Duration.Input | undefined
  } = {}
): Policy => {
  const maxRetryAfter = Duration.fromInputUnsafe(options.maxRetryAfter ?? "5 minutes")
  return Schedule.min([
    Schedule.exponential(options.base ?? "500 millis"),
    Schedule.spaced(options.cap ?? "8 seconds")
  ]).pipe(
    Schedule.upTo({ times: options.times ?? 2 }),
    Schedule.setInputType<EvalsError>(),
    Schedule.while(
      ({ input }) =>
        input.isRetryable &&
        (input.retryAfter === undefined || Duration.isLessThanOrEqualTo(input.retryAfter, maxRetryAfter))
    ),
    Schedule.modifyDelay(({ duration, input }) =>
      input.retryAfter === undefined
        ? Effect.map(Random.next, (random) => Duration.times(duration, 1 - random / 4))
        : Effect.succeed(input.retryAfter)
    )
  )
}

/** The policy of the effect that runs; undefined leaves it to the client. */
export const CurrentPolicy = Context.Reference<Policy | undefined>("effect-evals/Retry/CurrentPolicy", {
  defaultValue: () => undefined
})

/**
 * Uses a policy for every request of an effect.
 *
 * **Example** (No repetition)
 *
 * ```ts
 * import { type EvalId, retrieveEval, Retry } from "effect-evals"
 *
 * export const once = (evalId: EvalId) => retrieveEval(evalId).pipe(Retry.withPolicy(Retry.none))
 * ```
 */
export const withPolicy: {
  (policy: Policy): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: Policy): Effect.Effect<A, E, R>
} = dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, policy: Policy): Effect.Effect<A, E, R> =>
  Effect.provideService(self, CurrentPolicy, policy)
)

/**
 * Retry policies: schedules that decide when a failed request is sent again.
 *
 * The default is {@link transient}. A policy of a call (option `retry`) comes before that of an effect or stream
 * ({@link withPolicy}), and this one before that of the client (option `retry`). {@link none} turns retries off.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { EvalsError } from "./EvalsError.ts"
import { setter, type Setter } from "./internal/policy.ts"

/**
 * A schedule that decides when, and how often, a request is retried. Its input is the error of the last attempt. Any
 * schedule of Effect's is safe, because three rules hold whatever it decides:
 *
 * - An error is retried only if its `isRetryable` is true. Status 400 and 404, for example, are not retried.
 * - A creation is retried only if the error shows that nothing was created, or if the host recognises the repeated
 *   request by its `Idempotency-Key` (option `idempotentCreates` of the client).
 * - The wait is never shorter than `retry-after` of the host.
 *
 * {@link Relaxed} replaces the first and the third rule.
 *
 * @category policies
 * @since 0.1.0
 */
export type Policy = Schedule.Schedule<unknown, EvalsError>

/**
 * A policy with other rules than those of {@link Policy}. Option `retry` and {@link withPolicy} accept it in place of
 * a policy.
 *
 * **Example** (A run that its host does not return in the first seconds after its creation)
 *
 * ```ts
 * import { type EvalId, retrieveRun, Retry, type RunId } from "effect-evals"
 *
 * export const run = (evalId: EvalId, runId: RunId) =>
 *   retrieveRun(evalId, runId, {
 *     retry: {
 *       policy: Retry.transient({ times: 5 }),
 *       retryable: (error) => error.isRetryable || error.status === 404
 *     }
 *   })
 * ```
 *
 * **Example** (Short waits, whatever the host asks for)
 *
 * ```ts
 * import { Effect, Schedule } from "effect"
 * import { Retry } from "effect-evals"
 *
 * export const impatient = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
 *   Retry.withPolicy(effect, {
 *     policy: Schedule.upTo(Schedule.spaced("200 millis"), { times: 20 }),
 *     ignoreRetryAfter: true
 *   })
 * ```
 *
 * @category options
 * @since 0.1.0
 */
export interface Relaxed<in In = EvalsError> {
  readonly policy: Schedule.Schedule<unknown, In>
  /** Returns whether an error is retried. Default: its `isRetryable`. */
  readonly retryable?: ((error: EvalsError) => boolean) | undefined
  /** Whether the wait may be shorter than `retry-after` of the host. Default false. */
  readonly ignoreRetryAfter?: boolean | undefined
}

/**
 * The policy without retries.
 *
 * @category policies
 * @since 0.1.0
 */
export const none: Policy = Schedule.recurs(0)

/**
 * Makes an exponential backoff with jitter. Without options it is the default policy of a client.
 *
 * - It retries status 408, 409, 429, 500 and above, lost connections and timeouts. The header `x-should-retry` outweighs
 *   this list.
 * - The wait doubles from `base` up to `cap`. Jitter shortens each wait by up to a quarter.
 * - If the host sends `retry-after-ms` or `retry-after`, the wait is exactly that long. An error whose wait is longer
 *   than `maxRetryAfter` is not retried.
 *
 * The client applies the first rule. An `Effect.retry` of your own needs `while: (error) => error.isRetryable`.
 *
 * The rules and defaults are those of openai-node, with one exception: openai-node ignores a long `retry-after`.
 *
 * **Example** (Eight retries, and waits of up to an hour)
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
 *
 * @category policies
 * @since 0.1.0
 */
export const transient = (
  options: {
    /** The greatest number of retries. Default 2. */
    readonly times?: number | undefined
    /** The first wait. Default 0.5 s. */
    readonly base?: Duration.Input | undefined
    /** The longest wait of the backoff. Default 8 s. */
    readonly cap?: Duration.Input | undefined
    /** The longest `retry-after` that is waited for. Default 5 minutes. */
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
      ({ input }) => input.retryAfter === undefined || Duration.isLessThanOrEqualTo(input.retryAfter, maxRetryAfter)
    ),
    Schedule.modifyDelay(({ duration, input }) =>
      input.retryAfter === undefined
        ? Effect.map(Random.next, (random) => Duration.times(duration, 1 - random / 4))
        : Effect.succeed(input.retryAfter)
    )
  )
}

/**
 * The retry policy of the running effect. Undefined: the policy of the client.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentPolicy = Context.Reference<Policy | Relaxed | undefined>("effect-evals/Retry/CurrentPolicy", {
  defaultValue: () => undefined
})

/**
 * Sets the retry policy for all requests of an effect or a stream.
 *
 * **Example** (No retries)
 *
 * ```ts
 * import { type EvalId, retrieveEval, Retry } from "effect-evals"
 *
 * export const once = (evalId: EvalId) => retrieveEval(evalId).pipe(Retry.withPolicy(Retry.none))
 * ```
 *
 * **Example** (Eight retries for each page of a list)
 *
 * ```ts
 * import { type EvalId, listRuns, Retry } from "effect-evals"
 *
 * export const runs = (evalId: EvalId) => listRuns(evalId).pipe(Retry.withPolicy(Retry.transient({ times: 8 })))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPolicy: Setter<Policy | Relaxed> = /* @__PURE__ */ setter(CurrentPolicy)

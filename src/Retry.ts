/**
 * When a request is sent again: schedules over {@link EvalsError}.
 *
 * The default is two retries, after 0.5 s and 1 s less up to a quarter, and
 * whatever `retry-after` asks for. It can be replaced for a client (option
 * `retry`), for one effect or stream ({@link withPolicy}), or for one call (option
 * `retry`); {@link none} switches it off.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { EvalsError } from "./EvalsError.ts"
import { setter, type Setter } from "./internal/policy.ts"

/**
 * A schedule that decides when a request is sent again, and how often. It may be any
 * schedule of Effect's, since these rules are kept beneath it:
 *
 * - Only an error whose `isRetryable` is true is retried: no 400, no 404.
 * - A request that creates something is repeated only where nothing can have been
 *   created, or where the host recognises the repetition by its `Idempotency-Key`
 *   (option `idempotentCreates` of the client).
 * - The wait is at least as long as the host asks for with `retry-after`.
 *
 * {@link Relaxed} sets the first and the third aside.
 *
 * @category policies
 * @since 0.1.0
 */
export type Policy = Schedule.Schedule<unknown, EvalsError>

/**
 * A policy and the rules that do not hold beneath it. It is taken wherever a policy
 * is: as option `retry`, and by {@link withPolicy}.
 *
 * **Example** (An object that its host shows some seconds after its creation)
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
 * **Example** (A limit that the program knows better than the host)
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
  /** Which errors are retried. Default: those whose `isRetryable` is true. */
  readonly retryable?: ((error: EvalsError) => boolean) | undefined
  /** Whether the policy alone decides how long to wait, also where the host asks for more. Default false. */
  readonly ignoreRetryAfter?: boolean | undefined
}

/**
 * Never send again.
 *
 * @category policies
 * @since 0.1.0
 */
export const none: Policy = Schedule.recurs(0)

/**
 * The default policy. Retryable are statuses 408, 409, 429 and 5xx, lost connections
 * and timeouts; `x-should-retry` outweighs the list. The waits double from `base` up
 * to `cap`, each shortened at random by up to a quarter; `retry-after-ms` and
 * `retry-after` are obeyed instead, up to `maxRetryAfter` (an error that asks for
 * more is not retried: it carries `retryAfter`).
 *
 * Outside a client's requests it is a bare schedule: an `Effect.retry` of your own
 * needs `while: (error) => error.isRetryable` beside it.
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
 *
 * @category policies
 * @since 0.1.0
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
 * The policy of the effect that runs; undefined leaves it to the client.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentPolicy = Context.Reference<Policy | Relaxed | undefined>("effect-evals/Retry/CurrentPolicy", {
  defaultValue: () => undefined
})

/**
 * Uses a policy for every request of an effect or a stream.
 *
 * **Example** (No repetition)
 *
 * ```ts
 * import { type EvalId, retrieveEval, Retry } from "effect-evals"
 *
 * export const once = (evalId: EvalId) => retrieveEval(evalId).pipe(Retry.withPolicy(Retry.none))
 * ```
 *
 * **Example** (A list whose pages are asked for patiently)
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

/**
 * Polling schedules: they decide when the host is asked for an awaited or watched run again.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Schedule from "effect/Schedule"
import type { EvalsError } from "./EvalsError.ts"
import { setter, type Setter } from "./internal/policy.ts"
import type * as Retry from "./Retry.ts"
import type { Run } from "./schema/Run.ts"

/**
 * The input of a polling schedule after each request: the run, or the transient error of the request.
 *
 * @category policies
 * @since 0.1.0
 */
export type Observation = Run | EvalsError

/**
 * A schedule that decides when the next request is sent. The end of the schedule ends the wait for the run. Any
 * schedule of Effect's is safe, because two rules hold whatever it decides:
 *
 * - An error whose `isRetryable` is false ends the wait with that error.
 * - After an error with `retry-after`, that wait (at most an hour) is added before the schedule's own.
 *
 * {@link Relaxed} replaces these rules.
 *
 * @category policies
 * @since 0.1.0
 */
export type Policy = Schedule.Schedule<unknown, Observation>

/**
 * A polling schedule with other rules than those of {@link Policy}. Option `schedule` and {@link withPolicy} accept it
 * in place of a schedule.
 *
 * **Example** (A run that its host does not return in the first seconds after its creation)
 *
 * ```ts
 * import { awaitRun, type EvalId, Polling, type RunId } from "effect-evals"
 *
 * export const completed = (evalId: EvalId, runId: RunId) =>
 *   awaitRun(evalId, runId, {
 *     schedule: { policy: Polling.growing(), retryable: (error) => error.isRetryable || error.status === 404 }
 *   })
 * ```
 *
 * @category options
 * @since 0.1.0
 */
export type Relaxed = Retry.Relaxed<Observation>

/**
 * Makes a schedule whose waits grow by half each time, from `base` up to `cap`. Jitter varies each wait by up to a
 * fifth, so that many programs do not send their requests at the same moment.
 *
 * **Example** (Longer waits)
 *
 * ```ts
 * import { awaitRun, type EvalId, Polling, type RunId } from "effect-evals"
 *
 * export const patient = (evalId: EvalId, runId: RunId) =>
 *   awaitRun(evalId, runId).pipe(Polling.withPolicy(Polling.growing({ base: "10 seconds", cap: "2 minutes" })))
 * ```
 *
 * @category policies
 * @since 0.1.0
 */
export const growing = (
  options: {
    /** The first wait. Default 1 s. */
    readonly base?: Duration.Input | undefined
    /** The longest wait. Default 15 s. */
    readonly cap?: Duration.Input | undefined
  } = {}
): Policy =>
  Schedule.min([
    Schedule.exponential(options.base ?? "1 second", 1.5),
    Schedule.spaced(options.cap ?? "15 seconds")
  ]).pipe(Schedule.jittered)

/**
 * The polling schedule of the running effect. Default {@link growing}, which suits runs of some minutes.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentPolicy = Context.Reference<Policy | Relaxed>("effect-evals/Polling/CurrentPolicy", {
  defaultValue: () => growing()
})

/**
 * Sets the polling schedule for an effect or a stream.
 *
 * **Example** (Every five seconds)
 *
 * ```ts
 * import { Schedule } from "effect"
 * import { awaitRun, type EvalId, Polling, type RunId } from "effect-evals"
 *
 * export const steady = (evalId: EvalId, runId: RunId) =>
 *   awaitRun(evalId, runId).pipe(Polling.withPolicy(Schedule.spaced("5 seconds")))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPolicy: Setter<Policy | Relaxed> = /* @__PURE__ */ setter(CurrentPolicy)

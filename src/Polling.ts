/**
 * How often a run is asked for its status while it is awaited or watched.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Schedule from "effect/Schedule"
import type { EvalsError } from "./EvalsError.ts"
import { setter, type Setter } from "./internal/policy.ts"
import type * as Retry from "./Retry.ts"
import type { Run } from "./schema/Run.ts"

/**
 * The input of a polling schedule after each request: the run, or the transient
 * error that came instead of it.
 *
 * @category policies
 * @since 0.1.0
 */
export type Observation = Run | EvalsError

/**
 * A schedule that decides when to ask again. A schedule that ends, ends the wait. It
 * may be any schedule of Effect's, since two rules are kept beneath it: an error whose
 * `isRetryable` is false ends the wait, and where an error asks for a wait with
 * `retry-after`, that wait (of an hour at most) comes before the schedule's own.
 * {@link Relaxed} sets them aside.
 *
 * @category policies
 * @since 0.1.0
 */
export type Policy = Schedule.Schedule<unknown, Observation>

/**
 * A polling schedule and the rules that do not hold beneath it. It is taken wherever
 * a polling schedule is.
 *
 * **Example** (A run that its host shows some seconds after its creation)
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
 * Waits that grow by a half from `base` up to `cap`, each varied by a fifth so
 * that many waiters do not ask at once.
 *
 * **Example** (A patient poller)
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
 * The schedule that waiting uses: {@link growing}, fit for runs that take minutes.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentPolicy = Context.Reference<Policy | Relaxed>("effect-evals/Polling/CurrentPolicy", {
  defaultValue: () => growing()
})

/**
 * Uses a polling schedule for an effect or a stream.
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

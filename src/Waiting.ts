/**
 * Operations that wait for runs: until a run ends, or for each of its changes.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EvalsClient, type Service } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/runs.ts"
import { withSpan } from "./internal/span.ts"
import { callOf, watch } from "./internal/watch.ts"
import type * as Polling from "./Polling.ts"
import { RunCanceled, RunFailed, RunTimedOut } from "./RunError.ts"
import type { EvalId, RunId } from "./schema/Ids.ts"
import type * as Run from "./schema/Run.ts"

/**
 * Options of {@link watchRun}. `headers` and `retry` apply to each request.
 *
 * @category options
 * @since 0.1.0
 */
export interface WatchOptions extends Pick<CallOptions, "headers" | "retry"> {
  /** The polling schedule for a host without events of runs. Default {@link Polling.CurrentPolicy}. */
  readonly schedule?: Polling.Policy | Polling.Relaxed | undefined
  /** Further options of each request, such as `timeout`. The options `headers` and `retry` above outweigh its own. */
  readonly request?: CallOptions | undefined
}

/**
 * Options of {@link awaitRun} and {@link executeRun}.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions extends WatchOptions {
  /** The time limit of the whole wait. A bare number is milliseconds. Default 24 hours. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * The arguments of an operation on a run: the run, or the ids of its eval and of the run, and then options.
 *
 * @category options
 * @since 0.1.0
 */
export type RunArguments<Options> =
  | readonly [run: Pick<Run.Run, "id" | "eval_id">, options?: Options | undefined]
  | readonly [evalId: EvalId, runId: RunId, options?: Options | undefined]

const areIds = <Options>(
  args: RunArguments<Options>
): args is readonly [evalId: EvalId, runId: RunId, options?: Options | undefined] => typeof args[0] === "string"

const named = <Options>(args: RunArguments<Options>): readonly [EvalId, RunId, Options | undefined] =>
  areIds(args) ? [args[0], args[1], args[2]] : [args[0].eval_id, args[0].id, args[1]]

/** The time limit of the cancellation by an interrupted `executeRun`. */
export const cancelTimeout: Duration.Input = "30 seconds"

const defaultTimeout: Duration.Input = "24 hours"

/**
 * Watches a run: emits the run once, and then after each change. The arguments are the run, or the ids of its eval and
 * of the run.
 *
 * The stream ends with the first run whose status is `completed`, `failed` or `canceled`, or with the schedule. A
 * transient error does not end it. Any other error fails the stream.
 *
 * A host that announces server-sent events of its runs sends the changes by itself; this project's engine does. Any
 * other host is polled by the schedule. A host is also polled once its events have failed, or were silent for 45 s.
 *
 * **Example** (Progress on the console)
 *
 * ```ts
 * import { Console, Stream } from "effect"
 * import { type Run, watchRun } from "effect-evals"
 *
 * export const progress = (run: Run.Run) =>
 *   watchRun(run).pipe(
 *     Stream.runForEach((seen) => Console.log(seen.status, seen.result_counts.total))
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const watchRun = (...args: RunArguments<WatchOptions>): Stream.Stream<Run.Run, EvalsError, EvalsClient> => {
  const [evalId, runId, options] = named(args)
  return Stream.unwrap(EvalsClient.useSync((client) => watch(client, evalId, runId, options))).pipe(
    Stream.withSpan("EvalsClient.watchRun", { attributes: { evalId, runId }, captureStackTrace: false })
  )
}

const settle = Effect.fnUntraced(function* (
  client: Service,
  evalId: EvalId,
  runId: RunId,
  options: AwaitOptions = {}
): Effect.fn.Return<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut> {
  let last: Run.Run | undefined
  yield* watch(client, evalId, runId, options).pipe(
    Stream.runForEach((run) =>
      Effect.sync(() => {
        last = run
      })
    ),
    Effect.timeoutOrElse({ duration: options.timeout ?? defaultTimeout, orElse: () => Effect.void })
  )
  switch (last?.status) {
    case "completed":
      return last
    case "failed":
      return yield* new RunFailed({ run: last })
    case "canceled":
      return yield* new RunCanceled({ run: last })
    default:
      return yield* new RunTimedOut({ evalId, runId, ...(last === undefined ? {} : { run: last }) })
  }
})

/**
 * Waits until a run has ended, and returns the completed run. The arguments are the run, or the ids of its eval and of
 * the run.
 *
 * Fails with `RunFailed` or `RunCanceled` if the run ends so. Fails with `RunTimedOut` if the time limit or the schedule
 * ends before the run does. These errors hold the run. A transient error of a request does not end the wait: the first
 * of several in a row is logged as a warning. Any other error of a request fails with `EvalsError`. Interruption does
 * not cancel the run.
 *
 * **Example** (At most an hour)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { awaitRun, createRun, type EvalId, type Run } from "effect-evals"
 *
 * export const completed = (evalId: EvalId, params: Run.CreateParams) =>
 *   Effect.flatMap(createRun(evalId, params), (run) => awaitRun(run, { timeout: "1 hour" }))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const awaitRun = (
  ...args: RunArguments<AwaitOptions>
): Effect.Effect<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut, EvalsClient> => {
  const [evalId, runId, options] = named(args)
  return EvalsClient.use((client) => settle(client, evalId, runId, options)).pipe(
    withSpan("EvalsClient.awaitRun", { attributes: { evalId, runId } })
  )
}

const giveUp = (client: Service, evalId: EvalId, runId: RunId, request: CallOptions | undefined): Effect.Effect<void> =>
  client.send(Request.cancelRun(evalId, runId), request).pipe(
    Effect.timeout(cancelTimeout),
    Effect.catch((error) =>
      Effect.logWarning(`executeRun was interrupted and could not cancel ${runId}, which goes on: ${error.message}`)
    ),
    Effect.asVoid
  )

/**
 * Creates a run and waits for it, with the errors of {@link awaitRun}.
 *
 * Interruption cancels the run, and waits up to 30 seconds for the answer of the host. If the creation is not finished,
 * interruption first waits for its attempt (option `request.timeout`, by default 2 minutes), because the id of the run
 * is in the answer.
 *
 * Any error other than `RunFailed` and `RunCanceled` does not cancel the run. A warning with the id of the run is logged.
 *
 * **Example** (A run that is canceled with its program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, executeRun } from "effect-evals"
 *
 * export const passed = (evalId: EvalId) =>
 *   executeRun(evalId, {
 *     data_source: { type: "jsonl", source: { type: "file_id", id: "file-WhUVHwoc8MuWtoYZn9myXa" } }
 *   }).pipe(Effect.map((run) => run.result_counts.passed))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const executeRun = (
  evalId: EvalId,
  params: Run.CreateParams,
  options: AwaitOptions = {}
): Effect.Effect<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut, EvalsClient> =>
  EvalsClient.use((client) => {
    let created: Run.Run | undefined
    const remember = (run: Run.Run) => {
      created = run
    }
    const call = callOf(options)
    return Request.create(client, evalId, params, call).pipe(
      Effect.provideService(Request.OnCreated, remember),
      Effect.tap((run) => {
        remember(run)
        return Effect.annotateCurrentSpan("runId", run.id)
      }),
      Effect.flatMap((run) => settle(client, evalId, run.id, options)),
      Effect.tapError((error) =>
        created === undefined || error._tag === "RunFailed" || error._tag === "RunCanceled"
          ? Effect.void
          : Effect.logWarning(`executeRun ended before ${created.id} of ${evalId} did; the run goes on`)
      ),
      Effect.onInterrupt(() => (created === undefined ? Effect.void : giveUp(client, evalId, created.id, call)))
    )
  }).pipe(withSpan("EvalsClient.executeRun", { attributes: { evalId } }))

/**
 * Waiting for runs: until they end, or change by change.
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
 * How a run is watched. `headers` and `retry` hold for each request.
 *
 * @category options
 * @since 0.1.0
 */
export interface WatchOptions extends Pick<CallOptions, "headers" | "retry"> {
  /** When to ask again, where the host does not tell by itself. Default {@link Polling.CurrentPolicy}. */
  readonly schedule?: Polling.Policy | Polling.Relaxed | undefined
  /** Further options of each request: the time limit of an attempt. `headers` and `retry` outweigh those in it. */
  readonly request?: CallOptions | undefined
}

/**
 * How a run is awaited.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions extends WatchOptions {
  /** How long to wait in all. Default 24 hours. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * The arguments that name a run: the run itself, or the ids of its eval and of the run. Options follow.
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

/** Bounds the cancellation that an interrupted `executeRun` waits for. */
export const cancelTimeout: Duration.Input = "30 seconds"

const defaultTimeout: Duration.Input = "24 hours"

/**
 * The run at each change, first as it stands. It takes the run, or the ids of its
 * eval and of the run. The stream ends after `completed`, `failed` or `canceled`, or
 * with the schedule; a transient error does not end it. A host that says so with its
 * answers (this project's engine does) tells the changes by itself. Any other host is
 * asked by the schedule, and so is one whose events fail or send nothing for 45 s.
 *
 * **Example** (A line of progress)
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
 * Waits until a run has ended and gives the completed run. It takes the run, or the
 * ids of its eval and of the run. A run that ends otherwise is an error that carries
 * it: `RunFailed`, `RunCanceled`; a wait that ends first is `RunTimedOut`. A transient
 * error while polling does not end the wait (the log says once that it is there), and
 * interruption leaves the run alone.
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
 * Creates a run and waits for it, as {@link awaitRun} does. Interrupting the
 * fiber cancels the run and waits for the host's answer, at most 30 seconds. A
 * creation that is under way is waited for first, as long as its attempt may take
 * (option `request.timeout`, 2 minutes by default): else a run might go on that
 * nobody knows. An error other than `RunFailed` and `RunCanceled` leaves the run
 * going; a warning names it.
 *
 * **Example** (A run that ends with its program)
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

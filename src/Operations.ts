/**
 * The operations of a client as one value, for services that are built on it.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Evals from "./Evals.ts"
import type { EvalsError } from "./EvalsError.ts"
import * as Files from "./Files.ts"
import * as Graders from "./Graders.ts"
import { EvalsClient, type Service } from "./EvalsClient.ts"
import type { CallOptions } from "./Options.ts"
import * as OutputItems from "./OutputItems.ts"
import type { Requests } from "./Requests.ts"
import type { RunCanceled, RunFailed, RunTimedOut } from "./RunError.ts"
import * as Runs from "./Runs.ts"
import type * as Eval from "./schema/Eval.ts"
import type * as EvalsFile from "./schema/EvalsFile.ts"
import type { EvalId, RunId } from "./schema/Ids.ts"
import type * as OutputItem from "./schema/OutputItem.ts"
import type { Page } from "./schema/Page.ts"
import type * as Run from "./schema/Run.ts"
import * as Waiting from "./Waiting.ts"

type Answer<A> = Effect.Effect<A, EvalsError>
type Answers<A> = Stream.Stream<A, EvalsError>
type Waited = Effect.Effect<Run.Run, EvalsError | RunFailed | RunCanceled | RunTimedOut>

/**
 * All operations, bound to one client. They have the names and parameters of the package's functions, but no requirement.
 *
 * @category services
 * @since 0.1.0
 */
export interface Operations extends Requests {
  readonly listEvalsPage: (params?: Eval.ListParams, options?: CallOptions) => Answer<Page<Eval.Eval>>
  readonly listEvals: (params?: Eval.ListParams, options?: CallOptions) => Answers<Eval.Eval>
  readonly listRunsPage: (evalId: EvalId, params?: Run.ListParams, options?: CallOptions) => Answer<Page<Run.Run>>
  readonly listRuns: (evalId: EvalId, params?: Run.ListParams, options?: CallOptions) => Answers<Run.Run>
  readonly awaitRun: (...args: Waiting.RunArguments<Waiting.AwaitOptions>) => Waited
  readonly executeRun: (evalId: EvalId, params: Run.CreateParams, options?: Waiting.AwaitOptions) => Waited
  readonly watchRun: (...args: Waiting.RunArguments<Waiting.WatchOptions>) => Answers<Run.Run>
  readonly listOutputItemsPage: (
    evalId: EvalId,
    runId: RunId,
    params?: OutputItem.ListParams,
    options?: CallOptions
  ) => Answer<Page<OutputItem.OutputItem>>
  readonly listOutputItems: (
    evalId: EvalId,
    runId: RunId,
    params?: OutputItem.ListParams,
    options?: CallOptions
  ) => Answers<OutputItem.OutputItem>
  readonly listFilesPage: (params?: EvalsFile.ListParams, options?: CallOptions) => Answer<Page<EvalsFile.EvalsFile>>
  readonly listFiles: (params?: EvalsFile.ListParams, options?: CallOptions) => Answers<EvalsFile.EvalsFile>
}

const bind = (client: Service): Operations => {
  const effect =
    <Args extends ReadonlyArray<unknown>, A, E>(operation: (...args: Args) => Effect.Effect<A, E, EvalsClient>) =>
    (...args: Args): Effect.Effect<A, E> =>
      Effect.provideService(operation(...args), EvalsClient, client)
  const stream =
    <Args extends ReadonlyArray<unknown>, A, E>(operation: (...args: Args) => Stream.Stream<A, E, EvalsClient>) =>
    (...args: Args): Stream.Stream<A, E> =>
      Stream.provideService(operation(...args), EvalsClient, client)
  return {
    createEval: effect(Evals.createEval),
    retrieveEval: effect(Evals.retrieveEval),
    updateEval: effect(Evals.updateEval),
    deleteEval: effect(Evals.deleteEval),
    listEvalsPage: effect(Evals.listEvalsPage),
    listEvals: stream(Evals.listEvals),
    createRun: effect(Runs.createRun),
    retrieveRun: effect(Runs.retrieveRun),
    cancelRun: effect(Runs.cancelRun),
    deleteRun: effect(Runs.deleteRun),
    listRunsPage: effect(Runs.listRunsPage),
    listRuns: stream(Runs.listRuns),
    awaitRun: effect(Waiting.awaitRun),
    executeRun: effect(Waiting.executeRun),
    watchRun: stream(Waiting.watchRun),
    retrieveOutputItem: effect(OutputItems.retrieveOutputItem),
    listOutputItemsPage: effect(OutputItems.listOutputItemsPage),
    listOutputItems: stream(OutputItems.listOutputItems),
    uploadFile: effect(Files.uploadFile),
    retrieveFile: effect(Files.retrieveFile),
    deleteFile: effect(Files.deleteFile),
    listFilesPage: effect(Files.listFilesPage),
    listFiles: stream(Files.listFiles),
    downloadFile: stream(Files.downloadFile),
    runGrader: effect(Graders.runGrader),
    validateGrader: effect(Graders.validateGrader)
  }
}

/**
 * Returns all operations, bound to the client of the context. A bundle that uses this value contains all operations. A
 * bundle that imports operations by name contains only those.
 *
 * **Example** (A service of an application)
 *
 * ```ts
 * import { Context, Effect, Layer } from "effect"
 * import { EvalsClient, type EvalId, type EvalsError } from "effect-evals"
 *
 * export class Evaluations extends Context.Service<
 *   Evaluations,
 *   { readonly count: (evalId: EvalId) => Effect.Effect<number, EvalsError.EvalsError> }
 * >()("app/Evaluations") {
 *   static readonly layer = Layer.effect(
 *     Evaluations,
 *     Effect.gen(function* () {
 *       const evals = yield* EvalsClient.operations
 *       return { count: (evalId) => Effect.map(evals.listRunsPage(evalId), (page) => page.data.length) }
 *     })
 *   )
 * }
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const operations: Effect.Effect<Operations, never, EvalsClient> = EvalsClient.useSync(bind)

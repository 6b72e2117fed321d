/**
 * Every request of the API by the name of its operation.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import type * as Eval from "./schema/Eval.ts"
import type * as EvalsFile from "./schema/EvalsFile.ts"
import type * as Grader from "./schema/Grader.ts"
import type { EvalId, FileId, OutputItemId, RunId } from "./schema/Ids.ts"
import type * as OutputItem from "./schema/OutputItem.ts"
import type { Page } from "./schema/Page.ts"
import type * as Run from "./schema/Run.ts"
import type { Upload } from "./Upload.ts"

/**
 * An upload: the file, and its purpose.
 *
 * @category models
 * @since 0.1.0
 */
export interface UploadParams {
  readonly file: Upload
  readonly purpose: EvalsFile.Purpose
  readonly expires_after?: typeof EvalsFile.ExpiresAfter.Type | null
}

type Answer<A> = Effect.Effect<A, EvalsError>

/**
 * The requests of the API, as an implementation of them has them: a test double,
 * or a host of another kind. Whole lists and waiting are built on these.
 *
 * @category services
 * @since 0.1.0
 */
export interface Requests {
  readonly createEval: (params: Eval.CreateParams, options?: CallOptions) => Answer<Eval.Eval>
  readonly retrieveEval: (evalId: EvalId, options?: CallOptions) => Answer<Eval.Eval>
  readonly updateEval: (evalId: EvalId, params: Eval.UpdateParams, options?: CallOptions) => Answer<Eval.Eval>
  readonly deleteEval: (evalId: EvalId, options?: CallOptions) => Answer<Eval.Deleted>
  readonly listEvalsPage: (params: Eval.ListParams, options?: CallOptions) => Answer<Page<Eval.Eval>>
  readonly createRun: (evalId: EvalId, params: Run.CreateParams, options?: CallOptions) => Answer<Run.Run>
  readonly retrieveRun: (evalId: EvalId, runId: RunId, options?: CallOptions) => Answer<Run.Run>
  readonly cancelRun: (evalId: EvalId, runId: RunId, options?: CallOptions) => Answer<Run.Run>
  readonly deleteRun: (evalId: EvalId, runId: RunId, options?: CallOptions) => Answer<Run.Deleted>
  readonly listRunsPage: (evalId: EvalId, params: Run.ListParams, options?: CallOptions) => Answer<Page<Run.Run>>
  readonly retrieveOutputItem: (
    evalId: EvalId,
    runId: RunId,
    itemId: OutputItemId,
    options?: CallOptions
  ) => Answer<OutputItem.OutputItem>
  readonly listOutputItemsPage: (
    evalId: EvalId,
    runId: RunId,
    params: OutputItem.ListParams,
    options?: CallOptions
  ) => Answer<Page<OutputItem.OutputItem>>
  readonly uploadFile: (params: UploadParams, options?: CallOptions) => Answer<EvalsFile.EvalsFile>
  readonly retrieveFile: (fileId: FileId, options?: CallOptions) => Answer<EvalsFile.EvalsFile>
  readonly deleteFile: (fileId: FileId, options?: CallOptions) => Answer<EvalsFile.Deleted>
  readonly listFilesPage: (params: EvalsFile.ListParams, options?: CallOptions) => Answer<Page<EvalsFile.EvalsFile>>
  readonly downloadFile: (fileId: FileId, options?: CallOptions) => Stream.Stream<Uint8Array, EvalsError>
  readonly runGrader: (params: Grader.RunParams, options?: CallOptions) => Answer<Grader.RunResponse>
  readonly validateGrader: (params: Grader.ValidateParams, options?: CallOptions) => Answer<Grader.ValidateResponse>
}

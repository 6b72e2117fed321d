/**
 * Operations on runs.
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/runs.ts"
import * as Pagination from "./Pagination.ts"
import type { EvalId, RunId } from "./schema/Ids.ts"
import type { Page } from "./schema/Page.ts"
import type * as Run from "./schema/Run.ts"

/**
 * Starts a run of an eval over a data source. `POST /evals/{eval_id}/runs`.
 *
 * Interruption waits for the end of a started attempt, so that `Effect.acquireRelease` and `executeRun` know the created
 * run. If nothing receives the run, a warning with its id is logged.
 *
 * **Example** (Rows that are complete)
 *
 * ```ts
 * import { createRun, type EvalId } from "effect-evals"
 *
 * export const run = (evalId: EvalId) =>
 *   createRun(evalId, {
 *     name: "release 12",
 *     data_source: {
 *       type: "jsonl",
 *       source: {
 *         type: "file_content",
 *         content: [{ item: { label: "Hardware" }, sample: { output_text: "Hardware" } }]
 *       }
 *     }
 *   })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const createRun = (
  evalId: EvalId,
  params: Run.CreateParams,
  options?: CallOptions
): Effect.Effect<Run.Run, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => Request.create(client, evalId, params, options))

/**
 * Reads a run. `GET /evals/{eval_id}/runs/{run_id}`.
 *
 * **Example** (The progress of a run)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, retrieveRun, type RunId } from "effect-evals"
 *
 * export const status = (evalId: EvalId, runId: RunId) =>
 *   Effect.map(retrieveRun(evalId, runId), (run) => run.status)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveRun = (
  evalId: EvalId,
  runId: RunId,
  options?: CallOptions
): Effect.Effect<Run.Run, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.retrieveRun(evalId, runId), options))

/**
 * Cancels a run that has not ended. `POST /evals/{eval_id}/runs/{run_id}/cancel`, on Azure and Foundry without `/cancel`.
 *
 * **Example** (Giving up)
 *
 * ```ts
 * import { cancelRun, type EvalId, type RunId } from "effect-evals"
 *
 * export const stop = (evalId: EvalId, runId: RunId) => cancelRun(evalId, runId)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const cancelRun = (
  evalId: EvalId,
  runId: RunId,
  options?: CallOptions
): Effect.Effect<Run.Run, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.cancelRun(evalId, runId), options))

/**
 * Deletes a run. `DELETE /evals/{eval_id}/runs/{run_id}`.
 *
 * **Example** (Cleaning up)
 *
 * ```ts
 * import { deleteRun, type EvalId, type RunId } from "effect-evals"
 *
 * export const remove = (evalId: EvalId, runId: RunId) => deleteRun(evalId, runId)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const deleteRun = (
  evalId: EvalId,
  runId: RunId,
  options?: CallOptions
): Effect.Effect<Run.Deleted, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.deleteRun(evalId, runId), options))

/**
 * Retrieves one page of runs, for programs that keep the cursor. `GET /evals/{eval_id}/runs`.
 *
 * **Example** (The next ten)
 *
 * ```ts
 * import { type EvalId, listRunsPage, type RunId } from "effect-evals"
 *
 * export const next = (evalId: EvalId, after: RunId) => listRunsPage(evalId, { after, limit: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listRunsPage = (
  evalId: EvalId,
  params: Run.ListParams = {},
  options?: CallOptions
): Effect.Effect<Page<Run.Run>, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.listRunsPage(evalId, params), options))

/**
 * Streams all runs of an eval. The next page is fetched while a page is consumed. `limit` is the size of a page.
 * `Stream.take` bounds the stream.
 *
 * **Example** (Runs that failed)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { type EvalId, listRuns } from "effect-evals"
 *
 * export const failed = (evalId: EvalId) => Stream.runCollect(listRuns(evalId, { status: "failed" }))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listRuns = (
  evalId: EvalId,
  params: Run.ListParams = {},
  options?: CallOptions
): Stream.Stream<Run.Run, EvalsError, EvalsClient> =>
  Stream.unwrap(
    EvalsClient.useSync((client) =>
      Pagination.items(
        (cursor) =>
          client.send({ ...Request.listRunsPage(evalId, { ...params, ...cursor }), name: "listRuns" }, options),
        params
      )
    )
  )

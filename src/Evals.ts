/**
 * Operations on evals.
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/evals.ts"
import { sendUntorn } from "./internal/requests/untorn.ts"
import * as Pagination from "./Pagination.ts"
import type * as Eval from "./schema/Eval.ts"
import type { EvalId } from "./schema/Ids.ts"
import type { Page } from "./schema/Page.ts"

/**
 * Creates an eval: the shape of its rows, and the criteria that judge them. `POST /evals`.
 *
 * Interruption waits for the end of a started attempt, so that the id of a created eval is known.
 *
 * **Example** (Comparing labels)
 *
 * ```ts
 * import { createEval } from "effect-evals"
 *
 * export const tickets = createEval({
 *   name: "support tickets",
 *   data_source_config: {
 *     type: "custom",
 *     item_schema: { type: "object", properties: { label: { type: "string" } }, required: ["label"] },
 *     include_sample_schema: true
 *   },
 *   testing_criteria: [
 *     {
 *       type: "string_check",
 *       name: "label",
 *       input: "{{ sample.output_text }}",
 *       reference: "{{ item.label }}",
 *       operation: "eq"
 *     }
 *   ]
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const createEval = (
  params: Eval.CreateParams,
  options?: CallOptions
): Effect.Effect<Eval.Eval, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => sendUntorn(client, Request.createEval(params), options, undefined))

/**
 * Reads an eval. `GET /evals/{eval_id}`.
 *
 * **Example** (Its criteria)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, retrieveEval } from "effect-evals"
 *
 * export const criteria = (evalId: EvalId) =>
 *   Effect.map(retrieveEval(evalId), (found) => found.testing_criteria.map((grader) => grader.type))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveEval = (
  evalId: EvalId,
  options?: CallOptions
): Effect.Effect<Eval.Eval, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.retrieveEval(evalId), options))

/**
 * Changes the name or the metadata of an eval. Other fields cannot change. `POST /evals/{eval_id}`.
 *
 * **Example** (A new name)
 *
 * ```ts
 * import { type EvalId, updateEval } from "effect-evals"
 *
 * export const rename = (evalId: EvalId) => updateEval(evalId, { name: "support tickets, 2026" })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const updateEval = (
  evalId: EvalId,
  params: Eval.UpdateParams,
  options?: CallOptions
): Effect.Effect<Eval.Eval, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.updateEval(evalId, params), options))

/**
 * Deletes an eval. `DELETE /evals/{eval_id}`.
 *
 * A retry after a lost answer may fail with `NotFoundError`: the first attempt has then deleted the eval.
 *
 * **Example** (Deleting an eval that may be gone)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { deleteEval, type EvalId } from "effect-evals"
 *
 * export const remove = (evalId: EvalId) =>
 *   deleteEval(evalId).pipe(
 *     Effect.asVoid,
 *     Effect.catchReason("EvalsError", "NotFoundError", () => Effect.void)
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const deleteEval = (
  evalId: EvalId,
  options?: CallOptions
): Effect.Effect<Eval.Deleted, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.deleteEval(evalId), options))

/**
 * Retrieves one page of evals, for programs that keep the cursor. `GET /evals`.
 *
 * **Example** (The newest)
 *
 * ```ts
 * import { listEvalsPage } from "effect-evals"
 *
 * export const newest = listEvalsPage({ order: "desc", limit: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listEvalsPage = (
  params: Eval.ListParams = {},
  options?: CallOptions
): Effect.Effect<Page<Eval.Eval>, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.listEvalsPage(params), options))

/**
 * Streams all evals. `limit` is the size of a page. `Stream.take` bounds the stream.
 *
 * **Example** (Names of evals)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { listEvals } from "effect-evals"
 *
 * export const names = listEvals().pipe(
 *   Stream.map((found) => found.name),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listEvals = (
  params: Eval.ListParams = {},
  options?: CallOptions
): Stream.Stream<Eval.Eval, EvalsError, EvalsClient> =>
  Stream.unwrap(
    EvalsClient.useSync((client) =>
      Pagination.items(
        (cursor) => client.send({ ...Request.listEvalsPage({ ...params, ...cursor }), name: "listEvals" }, options),
        params
      )
    )
  )

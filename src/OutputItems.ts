/**
 * Operations on output items: the rows of a run with their results.
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/outputItems.ts"
import * as Pagination from "./Pagination.ts"
import type { EvalId, OutputItemId, RunId } from "./schema/Ids.ts"
import type * as OutputItem from "./schema/OutputItem.ts"
import type { Page } from "./schema/Page.ts"

/**
 * Reads one output item.
 * `GET /evals/{eval_id}/runs/{run_id}/output_items/{output_item_id}`.
 *
 * **Example** (The results of the criteria)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, type OutputItemId, retrieveOutputItem, type RunId } from "effect-evals"
 *
 * export const scores = (evalId: EvalId, runId: RunId, itemId: OutputItemId) =>
 *   Effect.map(retrieveOutputItem(evalId, runId, itemId), (item) =>
 *     item.results.map((result) => [result.name, result.score])
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveOutputItem = (
  evalId: EvalId,
  runId: RunId,
  itemId: OutputItemId,
  options?: CallOptions
): Effect.Effect<OutputItem.OutputItem, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.retrieveOutputItem(evalId, runId, itemId), options))

/**
 * Retrieves one page of output items, for programs that keep the cursor.
 * `GET /evals/{eval_id}/runs/{run_id}/output_items`.
 *
 * **Example** (The first failures)
 *
 * ```ts
 * import { type EvalId, listOutputItemsPage, type RunId } from "effect-evals"
 *
 * export const failures = (evalId: EvalId, runId: RunId) =>
 *   listOutputItemsPage(evalId, runId, { status: "fail", limit: 10 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listOutputItemsPage = (
  evalId: EvalId,
  runId: RunId,
  params: OutputItem.ListParams = {},
  options?: CallOptions
): Effect.Effect<Page<OutputItem.OutputItem>, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.listOutputItemsPage(evalId, runId, params), options))

/**
 * Streams all output items of a run. The next page is fetched while a page is consumed. `limit` is the size of a page.
 * `Stream.take` bounds the stream.
 *
 * The hosted service documents no order, and may list items late. Compare their number with `result_counts.total`, and sort
 * them by `datasource_item_id`.
 *
 * **Example** (Answers that failed)
 *
 * ```ts
 * import { Console, Stream } from "effect"
 * import { type EvalId, listOutputItems, type RunId } from "effect-evals"
 *
 * export const show = (evalId: EvalId, runId: RunId) =>
 *   listOutputItems(evalId, runId, { status: "fail", limit: 100 }).pipe(
 *     Stream.runForEach((item) => Console.log(item.datasource_item_id, item.sample?.output))
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listOutputItems = (
  evalId: EvalId,
  runId: RunId,
  params: OutputItem.ListParams = {},
  options?: CallOptions
): Stream.Stream<OutputItem.OutputItem, EvalsError, EvalsClient> =>
  Stream.unwrap(
    EvalsClient.useSync((client) =>
      Pagination.items(
        (cursor) =>
          client.send(
            { ...Request.listOutputItemsPage(evalId, runId, { ...params, ...cursor }), name: "listOutputItems" },
            options
          ),
        params
      )
    )
  )

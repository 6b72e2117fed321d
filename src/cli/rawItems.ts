/**
 * Output items with the text that they were served as, and explanations of their
 * results.
 */
import { explainResults } from "../engine/graders/explainResults.ts"
import * as Pagination from "../Pagination.ts"
import * as Raw from "../Raw.ts"
import type { Explanation } from "../schema/Explanation.ts"
import { guard } from "../schema/guard.ts"
import { type EvalId, OutputItemId, type RunId } from "../schema/Ids.ts"
import * as OutputItem from "../schema/OutputItem.ts"

const pageSize = 100

/** Lists the items of a run. */
export const rawItems = (evalId: EvalId, run: RunId, params: OutputItem.ListParams) =>
  Pagination.items(
    ({ after }: Pagination.Cursor<string>) =>
      Raw.listOutputItemsPage(evalId, run, {
        limit: pageSize,
        ...params,
        ...(after === undefined ? {} : { after: OutputItemId.make(after) })
      }),
    {}
  )

/** Whether a value is an item as the API promises it. */
export const isItem = guard(OutputItem.OutputItem)

const decoder = new TextDecoder()

/** Explains the results of an item that failed, in their order; of any other item there is nothing to explain. */
export const explained = (
  criteria: ReadonlyArray<unknown>,
  item: OutputItem.OutputItem,
  bytes: Uint8Array
): ReadonlyArray<Explanation> => (item.status === "fail" ? explainResults(criteria, decoder.decode(bytes)) : [])

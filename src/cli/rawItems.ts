/**
 * Output items with their served text, and the explanations of their results.
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

/** Returns whether a value is an output item. */
export const isItem = guard(OutputItem.OutputItem)

const decoder = new TextDecoder()

/** Explains the results of a failed item, in their order. Other items have no explanations. */
export const explained = (
  criteria: ReadonlyArray<unknown>,
  item: OutputItem.OutputItem,
  bytes: Uint8Array
): ReadonlyArray<Explanation> => (item.status === "fail" ? explainResults(criteria, decoder.decode(bytes)) : [])

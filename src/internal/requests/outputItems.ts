/** @internal */
import type { EvalId, OutputItemId, RunId } from "../../schema/Ids.ts"
import * as OutputItem from "../../schema/OutputItem.ts"
import { Page } from "../../schema/Page.ts"
import { decoder, encoder } from "../codec.ts"
import { type Operation, query } from "../operation.ts"
import { path } from "../path.ts"

const decodeItem = decoder(OutputItem.OutputItem)
const decodePage = decoder(Page(OutputItem.OutputItem))
const encodeList = encoder(OutputItem.ListParams)

export const retrieveOutputItem = (
  evalId: EvalId,
  runId: RunId,
  itemId: OutputItemId
): Operation<OutputItem.OutputItem> => ({
  name: "retrieveOutputItem",
  method: "GET",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}/output_items/${{ itemId }}`,
  repeat: "safe",
  decode: decodeItem,
  via: ({ retrieveOutputItem }, options) => retrieveOutputItem?.(evalId, runId, itemId, options)
})

export const listOutputItemsPage = (
  evalId: EvalId,
  runId: RunId,
  params: OutputItem.ListParams
): Operation<Page<OutputItem.OutputItem>> => ({
  name: "listOutputItemsPage",
  method: "GET",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}/output_items`,
  query: query(encodeList, params),
  repeat: "safe",
  decode: decodePage,
  via: ({ listOutputItemsPage }, options) => listOutputItemsPage?.(evalId, runId, params, options)
})

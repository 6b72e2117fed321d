/** @internal */
import * as Eval from "../../schema/Eval.ts"
import type { EvalId } from "../../schema/Ids.ts"
import { Page } from "../../schema/Page.ts"
import { decoder, encoder } from "../codec.ts"
import { jsonBody, type Operation, query } from "../operation.ts"
import { path } from "../path.ts"

const decodeEval = decoder(Eval.Eval)
const decodePage = decoder(Page(Eval.Eval))
const decodeDeleted = decoder(Eval.Deleted)
const encodeCreate = encoder(Eval.CreateParams)
const encodeUpdate = encoder(Eval.UpdateParams)
const encodeList = encoder(Eval.ListParams)

export const createEval = (params: Eval.CreateParams): Operation<Eval.Eval> => ({
  name: "createEval",
  method: "POST",
  path: path`/evals`,
  body: jsonBody(encodeCreate, params),
  repeat: "creates",
  untorn: true,
  decode: decodeEval,
  via: ({ createEval }, options) => createEval?.(params, options)
})

export const retrieveEval = (evalId: EvalId): Operation<Eval.Eval> => ({
  name: "retrieveEval",
  method: "GET",
  path: path`/evals/${{ evalId }}`,
  repeat: "safe",
  decode: decodeEval,
  via: ({ retrieveEval }, options) => retrieveEval?.(evalId, options)
})

export const updateEval = (evalId: EvalId, params: Eval.UpdateParams): Operation<Eval.Eval> => ({
  name: "updateEval",
  method: "POST",
  path: path`/evals/${{ evalId }}`,
  body: jsonBody(encodeUpdate, params),
  repeat: "safe",
  decode: decodeEval,
  via: ({ updateEval }, options) => updateEval?.(evalId, params, options)
})

export const deleteEval = (evalId: EvalId): Operation<Eval.Deleted> => ({
  name: "deleteEval",
  method: "DELETE",
  path: path`/evals/${{ evalId }}`,
  repeat: "safe",
  decode: decodeDeleted,
  via: ({ deleteEval }, options) => deleteEval?.(evalId, options)
})

export const listEvalsPage = (params: Eval.ListParams): Operation<Page<Eval.Eval>> => ({
  name: "listEvalsPage",
  method: "GET",
  path: path`/evals`,
  query: query(encodeList, params),
  repeat: "safe",
  decode: decodePage,
  via: ({ listEvalsPage }, options) => listEvalsPage?.(params, options)
})

/** @internal */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Service } from "../../EvalsClient.ts"
import type { EvalsError } from "../../EvalsError.ts"
import type { CallOptions } from "../../Options.ts"
import type { EvalId, RunId } from "../../schema/Ids.ts"
import { Page } from "../../schema/Page.ts"
import * as Run from "../../schema/Run.ts"
import { decoder, encoder } from "../codec.ts"
import { jsonBody, type Operation, query } from "../operation.ts"
import { path } from "../path.ts"
import { sendUntorn } from "./untorn.ts"

const decodeRun = decoder(Run.Run)
const decodePage = decoder(Page(Run.Run))
const decodeDeleted = decoder(Run.Deleted)
const encodeCreate = encoder(Run.CreateParams)
const encodeList = encoder(Run.ListParams)

export const createRun = (evalId: EvalId, params: Run.CreateParams): Operation<Run.Run> => ({
  name: "createRun",
  method: "POST",
  path: path`/evals/${{ evalId }}/runs`,
  body: jsonBody(encodeCreate, params),
  repeat: "creates",
  untorn: true,
  decode: decodeRun,
  via: ({ createRun }, options) => createRun?.(evalId, params, options)
})

export const retrieveRun = (evalId: EvalId, runId: RunId): Operation<Run.Run> => ({
  name: "retrieveRun",
  method: "GET",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}`,
  repeat: "safe",
  decode: decodeRun,
  via: ({ retrieveRun }, options) => retrieveRun?.(evalId, runId, options)
})

export const cancelRun = (evalId: EvalId, runId: RunId): Operation<Run.Run> => ({
  name: "cancelRun",
  method: "POST",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}/cancel`,
  azurePath: path`/evals/${{ evalId }}/runs/${{ runId }}`,
  repeat: "safe",
  decode: decodeRun,
  via: ({ cancelRun }, options) => cancelRun?.(evalId, runId, options)
})

export const deleteRun = (evalId: EvalId, runId: RunId): Operation<Run.Deleted> => ({
  name: "deleteRun",
  method: "DELETE",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}`,
  repeat: "safe",
  decode: decodeDeleted,
  via: ({ deleteRun }, options) => deleteRun?.(evalId, runId, options)
})

export const listRunsPage = (evalId: EvalId, params: Run.ListParams): Operation<Page<Run.Run>> => ({
  name: "listRunsPage",
  method: "GET",
  path: path`/evals/${{ evalId }}/runs`,
  query: query(encodeList, params),
  repeat: "safe",
  decode: decodePage,
  via: ({ listRunsPage }, options) => listRunsPage?.(evalId, params, options)
})

/**
 * The callback with a created run. It is called as soon as the answer is decoded, also if the fiber is interrupted
 * and does not receive the run.
 */
export const OnCreated = Context.Reference<((run: Run.Run) => void) | undefined>("effect-evals/OnRunCreated", {
  defaultValue: () => undefined
})

/** Creates a run, and calls {@link OnCreated} with it. */
export const create = (
  client: Service,
  evalId: EvalId,
  params: Run.CreateParams,
  options: CallOptions | undefined
): Effect.Effect<Run.Run, EvalsError> =>
  Effect.flatMap(OnCreated, (onCreated) => sendUntorn(client, createRun(evalId, params), options, onCreated))

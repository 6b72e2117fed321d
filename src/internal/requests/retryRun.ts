/** @internal */
import type { EvalId, RunId } from "../../schema/Ids.ts"
import * as Run from "../../schema/Run.ts"
import { decoder } from "../codec.ts"
import type { Operation } from "../operation.ts"
import { path } from "../path.ts"

const decodeRun = decoder(Run.Run)

/**
 * Continues a run that has ended: an extension of the server. A second attempt after a lost answer is refused with 409, and
 * changes nothing.
 */
export const retryRun = (evalId: EvalId, runId: RunId): Operation<Run.Run> => ({
  name: "retryRun",
  method: "POST",
  path: path`/evals/${{ evalId }}/runs/${{ runId }}/retry`,
  repeat: "safe",
  decode: decodeRun,
  via: () => undefined
})

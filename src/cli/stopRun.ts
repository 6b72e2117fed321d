/**
 * The end of a run whose command is interrupted.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { count } from "../report/format.ts"
import { cancelRun } from "../Runs.ts"
import type * as Run from "../schema/Run.ts"
import { cancelTimeout } from "../Waiting.ts"
import * as Summary from "./summary.ts"
import type * as Target from "./target.ts"

/** Cancels the run that an interrupted command executes, and says where it is found. */
export const stopRun = (run: Run.Run, target: Target.Target) =>
  cancelRun(run.eval_id, run.id).pipe(
    Effect.timeout(cancelTimeout),
    Effect.matchEffect({
      onFailure: (error) =>
        Console.error(`interrupted; ${run.id} could not be canceled and continues: ${error.message}`),
      onSuccess: (canceled) =>
        Console.error(
          `interrupted; ${run.id} is ${canceled.status}, with ${count(canceled.result_counts.total)} items judged\n` +
            `look at it: effect-evals show ${run.id}${Summary.itemFlags(target, run)}`
        )
    })
  )

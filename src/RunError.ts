/**
 * Errors of waiting for a run that does not complete. Each error has the last known state of the run.
 */
import * as Schema from "effect/Schema"
import { EvalId, RunId } from "./schema/Ids.ts"
import { Run } from "./schema/Run.ts"

/**
 * The run ended with status `failed`. `run.error` is the reason.
 *
 * **Example** (Reporting why)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { awaitRun, type EvalId, type RunId } from "effect-evals"
 *
 * export const outcome = (evalId: EvalId, runId: RunId) =>
 *   awaitRun(evalId, runId).pipe(
 *     Effect.map((run) => `${run.result_counts.passed} passed`),
 *     Effect.catchTag("RunFailed", (failed) => Effect.succeed(`failed: ${failed.run.error?.message}`))
 *   )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class RunFailed extends Schema.TaggedError<RunFailed>("effect-evals/RunFailed")("RunFailed", { run: Run }) {
  override get message(): string {
    const { error, id } = this.run
    const code = error?.code ?? undefined
    return `run ${id} failed: ${error?.message ?? "the host gave no reason"}${code === undefined ? "" : ` (${code})`}`
  }
}

/**
 * The run was canceled.
 *
 * @category errors
 * @since 0.1.0
 */
export class RunCanceled extends Schema.TaggedError<RunCanceled>("effect-evals/RunCanceled")("RunCanceled", {
  run: Run
}) {
  override get message(): string {
    return `run ${this.run.id} was canceled`
  }
}

/**
 * The wait ended before the run did. The run goes on. `run` is its last known state, and absent if there is none.
 *
 * @category errors
 * @since 0.1.0
 */
export class RunTimedOut extends Schema.TaggedError<RunTimedOut>("effect-evals/RunTimedOut")("RunTimedOut", {
  evalId: EvalId,
  runId: RunId,
  run: Schema.optionalKey(Run)
}) {
  override get message(): string {
    const last = this.run === undefined ? "it was never seen" : `its last status is ${this.run.status}`
    return `run ${this.runId} did not end in time; ${last} (await it again, or cancel it)`
  }
}

/**
 * Unfinished runs of a file that no process executes.
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { isActive } from "../engine/runs/Lifecycle.ts"
import type { RunId } from "../schema/Ids.ts"
import * as Lock from "../store/Lock.ts"
import * as Runs from "../store/Runs.ts"

/** Says why an unfinished run does not progress, and which command resumes it. Undefined if it has ended, or a process may be executing it. */
export const stalledReason = (
  filename: string,
  flags: string,
  project: number,
  runId: RunId
): Effect.Effect<string | undefined, never, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const run = yield* Runs.findById(project, runId)
    if (run === undefined || !isActive(run.status)) return undefined
    if (run.origin !== "engine") {
      return `${runId} was saved while it was ${run.status}: it keeps this status here`
    }
    return (yield* Lock.isHeld(filename))
      ? undefined
      : `no process executes ${runId}, which is ${run.status}: effect-evals resume ${runId}${flags} executes the rest`
    // a note beside the output of the command: an error here must not replace that output
  }).pipe(Effect.orElseSucceed(() => undefined))

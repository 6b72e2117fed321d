/**
 * Runs of a file that stand still: whoever worked on them has ended, and nobody has
 * gone on with them.
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { isActive } from "../engine/runs/Lifecycle.ts"
import type { RunId } from "../schema/Ids.ts"
import * as Lock from "../store/Lock.ts"
import * as Runs from "../store/Runs.ts"

/** Why a run stands still, and what goes on with it; undefined where it has ended, or somebody may be working on it. */
export const idle = (
  filename: string,
  flags: string,
  project: number,
  runId: RunId
): Effect.Effect<string | undefined, never, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const run = yield* Runs.findById(project, runId)
    if (run === undefined || !isActive(run.status)) return undefined
    if (run.origin !== "engine") {
      return `${runId} was saved while it was ${run.status}: here it stays so, however it ended at its host`
    }
    return (yield* Lock.isHeld(filename))
      ? undefined
      : `nobody works on ${runId}, which is ${run.status}: effect-evals resume ${runId}${flags} goes on with it`
    // it is said beside what was asked for, and does not keep that from being done
  }).pipe(Effect.orElseSucceed(() => undefined))

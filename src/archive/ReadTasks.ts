/**
 * Reads the objects of an archive independently: one that fails does not stop the others.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type { Kind } from "../store/Objects.ts"
import { unixSeconds } from "./SavedPages.ts"
import * as Setbacks from "./Setbacks.ts"
import * as State from "./State.ts"

/** The services that reading needs. */
export type Needs = EvalsClient | SqlClient.SqlClient

/** Runs tasks. Each task reads one object or list. */
export interface ReadTasks extends Pick<Setbacks.Setbacks<SqlError, Needs>, "isSetAside" | "outlook" | "retrying"> {
  /**
   * Runs a task. A failure that may pass sets the task aside for {@link retryAll}. Any failure is stored as a problem,
   * until the task succeeds. A task that runs again continues where it failed.
   */
  readonly run: (
    kind: Kind,
    id: string,
    work: Effect.Effect<void, EvalsError | SqlError, Needs>
  ) => Effect.Effect<void, SqlError, Needs>
  /** Retries the tasks that were set aside, until each succeeds or is given up. Returns whether there were any. */
  readonly retryAll: Effect.Effect<boolean, SqlError, Needs>
}

/** Makes the tasks of a project. `onSetback` runs after each failure. */
export const make = (options: {
  readonly project: number
  readonly concurrency: number
  readonly onSetback: Effect.Effect<void>
}): ReadTasks => {
  const { concurrency, onSetback, project } = options
  const setbacks = Setbacks.make<SqlError, Needs>()
  const run: ReadTasks["run"] = (kind, id, work) =>
    work.pipe(
      Effect.andThen(
        Effect.suspend(() => {
          setbacks.mended(kind, id)
          return State.clearProblem(project, kind, id)
        })
      ),
      Effect.catchTag("EvalsError", (error) =>
        Effect.gen(function* () {
          const verdict = yield* setbacks.failed({ kind, id, work }, error)
          const message = verdict._tag === "GivenUp" ? verdict.message : error.message
          // stored before the retry too: an archive that is stopped still reports the problem
          yield* State.setProblem(project, { kind, id, message }, yield* unixSeconds)
          yield* onSetback
        })
      )
    )
  return {
    run,
    isSetAside: setbacks.isSetAside,
    outlook: setbacks.outlook,
    retrying: setbacks.retrying,
    retryAll: setbacks.tryAgain(({ id, kind, work }) => run(kind, id, work), concurrency)
  }
}

/**
 * The states of a run while it is executed.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Runs from "../../store/Runs.ts"
import { Changes } from "../runs/Changes.ts"
import { isActive } from "../runs/Lifecycle.ts"
import { stateOf } from "./servedRun.ts"

/** The shortest time between two reports of a run's progress, in milliseconds. Its end is reported at once. */
export const progressMillis = 100

/**
 * The run at each change, as JSON without its rows. The stream ends with the last state, or when the run is deleted.
 */
export const statesOf = (
  project: number,
  runId: string
): Stream.Stream<string, SqlError, SqlClient.SqlClient | Changes> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const changed = yield* (yield* Changes).subscribe(runId)
      let told = -Infinity
      let ended = false
      let first = true
      const look: Effect.Effect<ReadonlyArray<string>, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
        const run = yield* Runs.findById(project, runId)
        ended = run === undefined || !isActive(run.status) || run.origin === "archive"
        if (run === undefined) return []
        const now = yield* Clock.currentTimeMillis
        const wait = told + progressMillis - now
        if (!ended && wait > 0) {
          yield* Effect.raceFirst(Effect.sleep(wait), Queue.take(changed))
          return yield* look
        }
        told = now
        first = false
        return [yield* stateOf(project, run)]
      })
      return Stream.paginate(undefined, () =>
        Effect.map(
          first ? look : Effect.andThen(Queue.take(changed), look),
          (texts) => [texts, ended ? Option.none<undefined>() : Option.some(undefined)] as const
        )
      )
    })
  )

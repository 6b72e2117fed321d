/**
 * Removes expired files in the background. An upload starts this, does not wait for it, and does not fail with it.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import * as Files from "../../store/Files.ts"
import * as Removals from "../../store/Removals.ts"
import { Sweeper } from "./Sweeper.ts"

/** The number of files that one transaction removes. */
const slice = 100

/**
 * Makes a function that starts the removal of the files that have expired at a time, in Unix seconds. The removal goes
 * on until the scope ends.
 */
export const make: Effect.Effect<
  (now: number) => Effect.Effect<void>,
  never,
  SqlClient.SqlClient | Sweeper | Scope.Scope
> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const sweeper = yield* Sweeper
  // a later time includes the earlier ones
  const asked = yield* Queue.sliding<number>(1)
  const some = Effect.fnUntraced(function* (now: number) {
    const removals = yield* sql.withTransaction(
      // in a transaction, so that a run that begins meanwhile finds either the whole file or none
      Effect.flatMap(Files.expired(now, slice), (found) =>
        Effect.forEach(found, ({ id, project }) => Removals.removeFile(project, id), { concurrency: 1 })
      )
    )
    yield* sweeper.sweep(removals)
    yield* Effect.yieldNow
    return removals.length
  })
  const all = (now: number) =>
    Effect.catch(Effect.repeat(some(now), { while: (removed) => removed === slice }), (error) =>
      // nobody can read expired files, and the next upload tries again
      Effect.logWarning(`expired files could not be removed yet: ${error.message}`)
    )
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(asked), all)))
  return (now) => Effect.asVoid(Queue.offer(asked, now))
})

/**
 * Removes files whose time is over, in the background: whoever uploads another one
 * neither waits for that nor hears of its failures.
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

/** How many files one transaction removes. */
const slice = 100

/** Removes soon what has expired by a time, in Unix seconds; it goes on until its scope ends. */
export const make: Effect.Effect<
  (now: number) => Effect.Effect<void>,
  never,
  SqlClient.SqlClient | Sweeper | Scope.Scope
> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const sweeper = yield* Sweeper
  // the last one stands for those before it
  const asked = yield* Queue.sliding<number>(1)
  const some = Effect.fnUntraced(function* (now: number) {
    const removals = yield* sql.withTransaction(
      // a run that begins meanwhile finds the file whole, or not at all
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
      // they are there for nobody, and the next upload tries again
      Effect.logWarning(`files whose time is over could not be removed yet: ${error.message}`)
    )
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(asked), all)))
  return (now) => Effect.asVoid(Queue.offer(asked, now))
})

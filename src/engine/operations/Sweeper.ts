/** Deletes the remaining data of removed runs and files in the background. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import * as Removals from "../../store/Removals.ts"

/** Deletes the remaining data of removed runs and files in the background. */
export interface Service {
  /** Queues data for deletion. It is deleted in this order. */
  readonly sweep: (removals: ReadonlyArray<Removals.Removal>) => Effect.Effect<void>
}

/** Deletes the remaining data of removed runs and files in the background. */
export class Sweeper extends Context.Service<Sweeper, Service>()("effect-evals/engine/Sweeper") {}

/** The time until a failed deletion is tried again. */
const pause = "30 seconds"

/** Deletes data in the background. It begins with the data that an earlier process left. */
export const layer: Layer.Layer<Sweeper, never, SqlClient.SqlClient> = Layer.effect(
  Sweeper,
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Removals.Removal>()
    const scope = yield* Effect.scope
    const one = (removal: Removals.Removal) =>
      Effect.catch(Removals.sweep(removal), (error) =>
        // it stays among the removals and is tried again, without delaying the others
        Effect.logWarning(`the remaining data of ${removal.id} could not be deleted yet: ${error.message}`).pipe(
          Effect.andThen(
            Effect.forkIn(Effect.delay(Effect.retry(Removals.sweep(removal), Schedule.spaced(pause)), pause), scope)
          )
        )
      )
    const left = Effect.catch(Removals.pending, (error) =>
      Effect.as(Effect.logWarning(`the list of data to be deleted could not be read: ${error.message}`), [])
    )
    // read before anything is written: the data of an unfinished upload is among the removals too
    const earlier = yield* left
    yield* Effect.forkScoped(
      Effect.andThen(
        Effect.forEach(earlier, one, { discard: true }),
        Effect.forever(Effect.flatMap(Queue.take(queue), one))
      )
    )
    return Sweeper.of({ sweep: (removals) => Effect.asVoid(Queue.offerAll(queue, removals)) })
  })
)

/**
 * Deletes the data that this process removes, and returns after the deletion. It leaves the data of other processes:
 * these may be writing it.
 */
export const layerOwn: Layer.Layer<Sweeper, never, SqlClient.SqlClient> = Layer.effect(
  Sweeper,
  Effect.map(SqlClient.SqlClient, (sql) =>
    Sweeper.of({
      sweep: (removals) =>
        Effect.forEach(removals, Removals.sweep, { discard: true }).pipe(
          Effect.provideService(SqlClient.SqlClient, sql),
          Effect.catch((error) => Effect.logWarning(`not all deleted data could be removed yet: ${error.message}`))
        )
    })
  )
)

/**
 * Notifies the watchers of a run of its changes.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"

/** Notifies the watchers of a run of its changes. */
export interface Service {
  /** Notifies the watchers of a run that it has changed or was deleted. */
  readonly notify: (runId: string) => Effect.Effect<void>
  /**
   * Subscribes to the changes of a run until the scope ends. Changes that arrive before the last one is taken are merged into
   * one.
   */
  readonly subscribe: (runId: string) => Effect.Effect<Queue.Dequeue<void>, never, Scope.Scope>
}

/** Notifies the watchers of a run of its changes. */
export class Changes extends Context.Service<Changes, Service>()("effect-evals/engine/Changes") {}

const make = () => {
  const watchers = new Map<string, Set<Queue.Queue<void>>>()
  const subscribe = (runId: string): Effect.Effect<Queue.Queue<void>, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.map(Queue.sliding<void>(1), (queue) => {
        const those = watchers.get(runId) ?? new Set()
        watchers.set(runId, those.add(queue))
        return queue
      }),
      (queue) =>
        Effect.sync(() => {
          const those = watchers.get(runId)
          those?.delete(queue)
          if (those?.size === 0) watchers.delete(runId)
        })
    )
  const notify: Service["notify"] = (runId) =>
    Effect.sync(() => {
      for (const queue of watchers.get(runId) ?? []) Queue.offerUnsafe(queue, undefined)
    })
  const notifyAll = Effect.sync(() => {
    for (const those of watchers.values()) for (const queue of those) Queue.offerUnsafe(queue, undefined)
  })
  return { notify, notifyAll, subscribe, watched: () => watchers.size > 0 }
}

/** Notifies of changes that this process makes. */
export const layer: Layer.Layer<Changes> = Layer.sync(Changes, () => {
  const { notify, subscribe } = make()
  return Changes.of({ notify, subscribe })
})

/** The interval at which the database is polled for changes of other processes, in milliseconds. */
export const lookMillis = 500

// the number changes whenever another connection writes
const versionOf = (sql: SqlClient.SqlClient): Effect.Effect<number | undefined> =>
  sql<{ readonly data_version: number }>`PRAGMA data_version`.pipe(
    Effect.map(([found]) => found?.data_version),
    // a failed poll notifies all watchers: they read the run, and report the error
    Effect.orElseSucceed(() => undefined)
  )

/**
 * Notifies of changes of this process and of other processes that share the database file. The latter send no
 * notification, so one poll for all watchers looks for their changes.
 */
export const layerShared: Layer.Layer<Changes, never, SqlClient.SqlClient> = Layer.effect(
  Changes,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { notify, notifyAll, subscribe, watched } = make()
    let version: number | undefined
    const look = Effect.gen(function* () {
      if (!watched()) return
      const now = yield* versionOf(sql)
      if (now === undefined || now !== version) yield* notifyAll
      version = now
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookMillis)))
    return Changes.of({ notify, subscribe })
  })
)

/**
 * Tells who watches a run that it has changed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"

/** Tells who watches a run that it has changed. */
export interface Service {
  /** Says that a run has changed, or is gone. */
  readonly notify: (runId: string) => Effect.Effect<void>
  /**
   * Is told of a run's changes until the scope ends. Changes that come faster than
   * they are taken are one.
   */
  readonly subscribe: (runId: string) => Effect.Effect<Queue.Dequeue<void>, never, Scope.Scope>
}

/** Tells who watches a run that it has changed. */
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

/** The watchers of this process. */
export const layer: Layer.Layer<Changes> = Layer.sync(Changes, () => {
  const { notify, subscribe } = make()
  return Changes.of({ notify, subscribe })
})

/** How often it is looked whether another process has changed a run, in milliseconds. */
export const lookMillis = 500

// another number whenever another connection has written since
const versionOf = (sql: SqlClient.SqlClient): Effect.Effect<number | undefined> =>
  sql<{ readonly data_version: number }>`PRAGMA data_version`.pipe(
    Effect.map(([found]) => found?.data_version),
    // whoever is told then looks, and sees what is wrong
    Effect.orElseSucceed(() => undefined)
  )

/**
 * The watchers of a file that other processes may change too, which tell nobody
 * here: so it is looked now and then, once for all of them, whether one did.
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

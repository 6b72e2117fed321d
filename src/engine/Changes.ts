/**
 * Tells who watches a run that it has changed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

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

/** The watchers of this process. */
export const layer: Layer.Layer<Changes> = Layer.sync(Changes, () => {
  const watchers = new Map<string, Set<Queue.Queue<void>>>()
  return Changes.of({
    notify: (runId) =>
      Effect.sync(() => {
        for (const queue of watchers.get(runId) ?? []) Queue.offerUnsafe(queue, undefined)
      }),
    subscribe: (runId) =>
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
  })
})

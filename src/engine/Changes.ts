/**
 * Tells who watches a run that it has changed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
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
  return { notify, subscribe }
}

/** The watchers of this process. */
export const layer: Layer.Layer<Changes> = Layer.sync(Changes, () => Changes.of(make()))

/** How often it is looked whether another process has changed a run, in milliseconds. */
export const lookMillis = 500

/** The watchers of a file that other processes may change too, which tell nobody here: so it is looked now and then. */
export const layerShared: Layer.Layer<Changes> = Layer.sync(Changes, () => {
  const { notify, subscribe } = make()
  return Changes.of({
    notify,
    subscribe: (runId) =>
      Effect.tap(subscribe(runId), (queue) =>
        Effect.forkScoped(Effect.repeat(Queue.offer(queue, undefined), Schedule.spaced(lookMillis)))
      )
  })
})

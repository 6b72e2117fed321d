/**
 * The way in which each model of an endpoint is asked for structured answers: said
 * by the entry, or found out by the first judge and remembered.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import type { Structured } from "./Entry.ts"
import type { Reason } from "./ModelError.ts"

/** From the safest way to the one that every model takes. */
const ways: ReadonlyArray<Structured> = ["json_schema", "json_object", "prompt"]

/** The words of hosts that refuse a format. */
const aboutFormat = /response_format|json_schema|json_object|text\.format|structured output|output format|grammar/i

/** Whether an endpoint refuses the format of a request, and not the rest of it. */
const refusesFormat = (reason: Reason): boolean =>
  reason._tag === "BadRequest" &&
  [reason.param, reason.code, reason.message].some((text) => text !== undefined && aboutFormat.test(text))

/** The knowledge about the formats of an endpoint. */
export interface Formats {
  /** Asks in the way that the model understands. */
  readonly ask: <A>(model: string, ask: (way: Structured) => Effect.Effect<A, Reason>) => Effect.Effect<A, Reason>
}

/** Makes the knowledge about the formats of an entry. */
export const make = (said: Structured | undefined): Formats => {
  const known = new Map<string, Structured>()
  const mutexes = new Map<string, Semaphore.Semaphore>()
  const mutexOf = (model: string): Semaphore.Semaphore => {
    const mutex = mutexes.get(model) ?? Semaphore.makeUnsafe(1)
    mutexes.set(model, mutex)
    return mutex
  }
  return {
    ask: (model, ask) => {
      const from = (index: number): ReturnType<typeof ask> => {
        const way = ways[index] ?? "prompt"
        return Effect.catch(
          Effect.tap(ask(way), () => Effect.sync(() => known.set(model, way))),
          (reason) => (refusesFormat(reason) && index < ways.length - 1 ? from(index + 1) : Effect.fail(reason))
        )
      }
      const way = said ?? known.get(model)
      if (way !== undefined) return ask(way)
      // one judge finds out, and the others of its model wait for it
      const found = mutexOf(model).withPermits(1)(
        Effect.suspend((): Effect.Effect<Result.Result<Effect.Success<ReturnType<typeof ask>>, Structured>, Reason> => {
          const way = known.get(model)
          return way === undefined ? Effect.map(from(0), Result.succeed) : Effect.succeed(Result.fail(way))
        })
      )
      return Effect.flatMap(found, (one) => (Result.isFailure(one) ? ask(one.failure) : Effect.succeed(one.success)))
    }
  }
}

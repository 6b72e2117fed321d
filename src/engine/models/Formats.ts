/**
 * The way in which each model of an endpoint is asked for structured answers: said
 * by the entry, or found out by the first judge and remembered.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Structured } from "./Entry.ts"
import type { Reason } from "./ModelError.ts"
import * as Scout from "./Scout.ts"

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

/** The way of one model. */
interface Way {
  /** The index of the first way that is not known to be refused. */
  index: number
  /** Whether the model has answered in this way. */
  isSettled: boolean
  readonly scout: Scout.Scout
}

/** Makes the knowledge about the formats of an entry. */
export const make = (said: Structured | undefined): Formats => {
  const known = new Map<string, Way>()
  const wayOf = (model: string): Way => {
    const way = known.get(model) ?? { index: 0, isSettled: false, scout: Scout.make() }
    known.set(model, way)
    return way
  }
  return {
    ask: (model, ask) => {
      if (said !== undefined) return ask(said)
      const way = wayOf(model)
      const attempt: ReturnType<typeof ask> = Effect.suspend(() => {
        const { index } = way
        const asked = ask(ways[index] ?? "prompt")
        if (way.isSettled) return asked
        return Effect.matchEffect(asked, {
          onFailure: (reason) => {
            if (way.isSettled || reason._tag !== "BadRequest") return Effect.fail(reason)
            if (refusesFormat(reason) && index < ways.length - 1) {
              way.index = Math.max(way.index, index + 1)
              return attempt
            }
            // the request itself is wrong, and has found nothing out
            way.index = 0
            return Effect.fail(reason)
          },
          onSuccess: (answer) => {
            way.index = index
            way.isSettled = true
            return Effect.succeed(answer)
          }
        })
      })
      return way.isSettled ? attempt : way.scout.ahead(attempt)
    }
  }
}

/**
 * The services that a layer keeps for the calls to come.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/**
 * Gives the services of the context, without its span. A layer is built within a
 * span of the application, say; later calls have spans of their own, which the one
 * of the layer must not replace.
 */
export const services = <R>(): Effect.Effect<Context.Context<Exclude<R, Tracer.ParentSpan>>, never, R> =>
  Effect.map(Effect.context<R>(), Context.omit(Tracer.ParentSpan))

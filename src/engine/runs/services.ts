/**
 * The services that a layer keeps for later calls.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"

/**
 * Returns the services of the context, without its span. A layer may be built inside a span of the application. Later
 * calls have their own spans, which the span of the layer must not replace.
 */
export const services = <R>(): Effect.Effect<Context.Context<Exclude<R, Tracer.ParentSpan>>, never, R> =>
  Effect.map(Effect.context<R>(), Context.omit(Tracer.ParentSpan))

/**
 * Keeps secrets out of the spans of a transport: its own failures may quote the
 * headers that it was given, and a host's headers may repeat them.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import type { Scrub } from "./errors.ts"

const guarded = (span: Tracer.Span, scrub: Scrub): Tracer.Span => {
  const end = span.end.bind(span)
  const attribute = span.attribute.bind(span)
  span.end = (time, exit) => {
    if (Exit.isSuccess(exit)) return end(time, exit)
    const said = Cause.pretty(exit.cause)
    const clean = scrub(said)
    return end(time, clean === said ? exit : Exit.fail(new Error(clean)))
  }
  span.attribute = (key, value) =>
    attribute(key, typeof value === "string" && key.startsWith("http.response.header.") ? scrub(value) : value)
  return span
}

/** A tracer whose spans hold no secrets; the same one for the same tracer. */
export const scrubbedTracer = (scrub: Scrub): ((tracer: Tracer.Tracer) => Tracer.Tracer) => {
  const made = new WeakMap<Tracer.Tracer, Tracer.Tracer>()
  return (tracer) => {
    const known = made.get(tracer)
    if (known !== undefined) return known
    const scrubbed = Tracer.make({
      context: tracer.context,
      span: (options) => guarded(tracer.span(options), scrub)
    })
    made.set(tracer, scrubbed)
    return scrubbed
  }
}

/** Runs an effect whose spans hold no secrets. */
export const withScrubbedSpans =
  (scrub: Scrub) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(self, Tracer.Tracer, scrubbedTracer(scrub))

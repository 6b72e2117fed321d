/**
 * Spans of operations.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"

/**
 * Runs an effect in a span if the application has a tracer. Nobody sees the spans of Effect's default tracer: the effect
 * then runs without one. The span does not end with the value of the effect. A tracer keeps the value that a span ends
 * with, and a run or a page may be large or confidential.
 */
export const withSpan =
  (name: string, options: Tracer.SpanOptions) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Exclude<R, Tracer.ParentSpan>> =>
    Effect.flatMap(Effect.tracer, (tracer) =>
      tracer === Tracer.nativeTracer
        ? self
        : Effect.acquireUseRelease(
            Effect.makeSpan(name, options),
            (span) => Effect.withParentSpan(self, span, { captureStackTrace: false }),
            (span, exit) => Effect.map(Clock.currentTimeNanos, (now) => span.end(now, Exit.asVoid(exit)))
          )
    )

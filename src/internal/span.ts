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
 * Runs an effect within a span, where the application has a tracer: nobody sees a
 * span of Effect's own. The span ends without the value of the effect: a tracer
 * keeps what a span ends with, and a run or a page may be large, or hold what no log
 * may show.
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

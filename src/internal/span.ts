/**
 * Spans of operations.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"

/**
 * Runs an effect within a span. The span ends without the value of the effect: a
 * tracer keeps what a span ends with, and a run or a page may be large, or hold
 * what no log may show.
 */
export const withSpan =
  (name: string, options: Tracer.SpanOptions) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>> =>
    Effect.acquireUseRelease(
      Effect.makeSpan(name, options),
      (span) => Effect.withParentSpan(self, span, { captureStackTrace: false }),
      (span, exit) => Effect.map(Clock.currentTimeNanos, (now) => span.end(now, Exit.asVoid(exit)))
    )

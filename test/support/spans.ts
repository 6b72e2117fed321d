/** Spans as a tree of lines, for tests that pin a whole trace. */
import { Effect, Option, Tracer } from "effect"

/** Collects the spans of an effect, in the order in which they start. */
export const withSpans = <A, E, R>(effect: Effect.Effect<A, E, R>, into: Array<Tracer.NativeSpan>) =>
  Effect.provideService(
    effect,
    Tracer.Tracer,
    Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        into.push(span)
        return span
      }
    })
  )

const idOf = (span: Tracer.AnySpan): string => `${span.traceId}/${span.spanId}`

/**
 * The spans as lines, each below its parent: its name, its kind, the names of the
 * spans that it has a link to, and whether it is still open. Roots are sorted, since
 * they belong to several fibers.
 */
export const tree = (spans: ReadonlyArray<Tracer.NativeSpan>): ReadonlyArray<string> => {
  const nameOf = (span: Tracer.AnySpan) => spans.find((other) => idOf(other) === idOf(span))?.name ?? "a span elsewhere"
  const below = (parent: string | undefined, indent: string): ReadonlyArray<string> =>
    spans
      .filter((span) => Option.getOrUndefined(Option.map(span.parent, idOf)) === parent)
      .map((span) => {
        const links = span.links.map((link) => ` -> ${nameOf(link.span)}`).join("")
        const open = span.status._tag === "Ended" ? "" : " (open)"
        return [`${indent}${span.name} [${span.kind}]${links}${open}`, ...below(idOf(span), `${indent}  `)].join("\n")
      })
  return below(undefined, "").toSorted().join("\n").split("\n")
}

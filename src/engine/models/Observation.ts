/**
 * Metrics and spans of requests to models, with the names that OpenTelemetry gives their attributes. Neither has a key,
 * nor a word of a request or of an answer.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Result from "effect/Result"
import type { SaidUsage } from "../rows/sampleFields.ts"
import type { Reason } from "./ModelError.ts"

/**
 * The requests to models that have a span: `errors` are those that were not answered as they should.
 *
 * @category options
 * @since 0.1.0
 */
export type Trace = "none" | "errors" | "all"

/** The setting of the engine. */
export const Trace = Context.Reference<Trace>("effect-evals/engine/models/Trace", { defaultValue: () => "errors" })

/** The kind of a request, as OpenTelemetry names it. */
export type Operation = "chat" | "embeddings"

/** The things that an answer says about itself. */
export interface About {
  readonly model: string
  readonly finishReason?: string | undefined
}

/** A request that is observed. */
export interface Observed<A> {
  readonly endpoint: string
  readonly group: string
  readonly model: string
  readonly operation: Operation
  readonly usageOf: (answer: A) => SaidUsage
  readonly about?: ((answer: A) => About) | undefined
}

const requests = Metric.counter("effect_evals_model_requests", {
  description: "Requests to models that have ended, by model, endpoint and outcome",
  incremental: true
})

const limited = Metric.counter("effect_evals_model_rate_limited", {
  description: "Requests to models that were refused because of limits (429), by model and endpoint",
  incremental: true
})

const tokens = Metric.counter("effect_evals_model_tokens", {
  description: "Tokens of answers of models, by model, endpoint and kind: prompt, completion, or cached prompt",
  incremental: true
})

const latency = Metric.histogram("effect_evals_model_latency_seconds", {
  description: "Time from a request to a model to its end, by model and endpoint",
  boundaries: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 600]
})

const kinds = [
  ["prompt", "prompt_tokens"],
  ["completion", "completion_tokens"],
  ["cached", "cached_tokens"]
] as const

const outcomeOf = (result: Result.Result<unknown, Reason>): string =>
  Result.isSuccess(result) ? "ok" : result.failure._tag

const count = <A>({ endpoint, model, usageOf }: Observed<A>, result: Result.Result<A, Reason>, nanos: bigint) =>
  Effect.contextWith((context: Context.Context<never>) => {
    const by = { model, endpoint }
    Metric.withAttributes(requests, { ...by, outcome: outcomeOf(result) }).updateUnsafe(1, context)
    Metric.withAttributes(latency, by).updateUnsafe(Number(nanos) / 1e9, context)
    if (Result.isSuccess(result)) {
      const usage = usageOf(result.success)
      for (const [kind, name] of kinds) {
        const said = usage[name]
        if (said !== undefined) Metric.withAttributes(tokens, { ...by, kind }).updateUnsafe(said, context)
      }
    } else if (result.failure._tag === "RateLimited") {
      Metric.withAttributes(limited, by).updateUnsafe(1, context)
    }
    return Effect.void
  })

const addressOf = (endpoint: string): { readonly [name: string]: string | number } => {
  if (!URL.canParse(endpoint)) return {}
  const { hostname, port, protocol } = new URL(endpoint)
  return {
    "gen_ai.provider.name": "openai",
    "server.address": hostname,
    "server.port": port === "" ? (protocol === "http:" ? 80 : 443) : Number(port)
  }
}

const defined = (attributes: { readonly [name: string]: unknown }): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(attributes).filter(([, value]) => value !== undefined)

const attributesOf = <A>(
  { about, endpoint, group, model, operation, usageOf }: Observed<A>,
  result: Result.Result<A, Reason>
) => {
  const request = {
    "gen_ai.operation.name": operation,
    "gen_ai.request.model": model,
    ...addressOf(endpoint),
    "evals.group": group
  }
  if (Result.isFailure(result)) {
    const { failure } = result
    const status = "status" in failure ? failure.status : undefined
    return defined({ ...request, "error.type": failure._tag, "http.response.status_code": status })
  }
  const said = about?.(result.success)
  const usage = usageOf(result.success)
  return defined({
    ...request,
    "gen_ai.response.model": said?.model,
    "gen_ai.response.finish_reasons": said?.finishReason === undefined ? undefined : [said.finishReason],
    "gen_ai.usage.input_tokens": usage.prompt_tokens,
    "gen_ai.usage.output_tokens": usage.completion_tokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens
  })
}

/** Makes the span of a request that has ended. No span is below it, so it can be made afterwards, where it is wanted. */
const span = <A>(request: Observed<A>, result: Result.Result<A, Reason>, startTime: bigint, endTime: bigint) =>
  Effect.gen(function* () {
    if (!(yield* References.TracerEnabled)) return
    const tracer = yield* Effect.tracer
    const made = tracer.span({
      name: `${request.operation} ${request.model}`,
      parent: yield* Effect.option(Effect.currentParentSpan),
      annotations: Context.empty(),
      links: [],
      startTime,
      kind: "client",
      root: false,
      sampled: true
    })
    for (const [name, value] of attributesOf(request, result)) made.attribute(name, value)
    made.end(
      endTime,
      Result.isSuccess(result) ? Exit.void : Exit.fail(new Error(`${result.failure._tag}: ${result.failure.message}`))
    )
  })

/** Observes one request to an endpoint. */
export const observed = <A>(
  request: Observed<A>,
  asked: Effect.Effect<Result.Result<A, Reason>>
): Effect.Effect<Result.Result<A, Reason>> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const trace = yield* Trace
    const began = clock.monotonicTimeNanosUnsafe()
    const startTime = clock.currentTimeNanosUnsafe()
    const result = yield* asked
    const nanos = clock.monotonicTimeNanosUnsafe() - began
    yield* count(request, result, nanos)
    if (trace === "all" || (trace === "errors" && Result.isFailure(result))) {
      yield* span(request, result, startTime, startTime + nanos)
    }
    return result
  })

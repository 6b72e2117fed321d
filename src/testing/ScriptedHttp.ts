/**
 * An `HttpClient` without a network. It records requests and answers them from a script.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/**
 * A sent request.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecordedRequest {
  readonly method: string
  /** The path and the query, such as `/v1/evals?limit=2`. */
  readonly path: string
  /** The parameters of the query. */
  readonly query: { readonly [name: string]: string }
  readonly headers: { readonly [name: string]: string }
  /** The body as text. Empty without a body. A form is written as lines `name=value`. */
  readonly body: string
  /** The time of the request, in milliseconds of the test's clock. */
  readonly time: number
}

/**
 * An answer. A string is sent as it is, other bodies are sent as JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: unknown
  /** The delay of the answer, on the test's clock. */
  readonly delay?: Duration.Input
}

/**
 * A failed connection, with the error code of the system, such as `ECONNREFUSED` or `ECONNRESET`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failure {
  readonly failure: string
  readonly delay?: Duration.Input
}

/**
 * The reply to one request: an answer or a failed connection.
 *
 * @category models
 * @since 0.1.0
 */
export type Reply = Answer | Failure

/**
 * The replies: a list in order, whose last reply serves all further requests, or a function of the request and its number
 * from 0.
 *
 * @category models
 * @since 0.1.0
 */
export type Script = ReadonlyArray<Reply> | ((request: RecordedRequest, index: number) => Reply)

/**
 * The record of the sent requests.
 *
 * **Example** (The requests of a program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalId, EvalsClient, retrieveEval } from "effect-evals"
 * import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
 *
 * export const test = Effect.gen(function* () {
 *   yield* retrieveEval(EvalId.make("eval_1"))
 *   const [request] = yield* ScriptedHttp.requests
 *   return request?.path
 * }).pipe(
 *   Effect.provide(EvalsClient.layer({ baseUrl: "http://host/v1" })),
 *   Effect.provide(ScriptedHttp.layer([{ body: WireBuilder.evaluation() }]))
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class ScriptedHttp extends Context.Service<
  ScriptedHttp,
  { readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>> }
>()("effect-evals/testing/ScriptedHttp") {}

/**
 * Returns the requests that were sent so far.
 *
 * @category testing
 * @since 0.1.0
 */
export const requests: Effect.Effect<ReadonlyArray<RecordedRequest>, never, ScriptedHttp> = ScriptedHttp.use(
  (scripted) => scripted.requests
)

const bodyText = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<string, unknown> => {
  const { body } = request
  switch (body._tag) {
    case "Uint8Array":
      return Effect.succeed(new TextDecoder().decode(body.body))
    case "Stream":
      return Stream.mkString(Stream.decodeText(body.stream))
    case "FormData":
      return Effect.map(
        Effect.promise(() =>
          Promise.all(
            [...body.formData].map(async ([name, value]) =>
              typeof value === "string" ? `${name}=${value}` : `${name}=${value.name} ${await value.text()}`
            )
          )
        ),
        (lines) => lines.join("\n")
      )
    default:
      return Effect.succeed("")
  }
}

// the error of a transport for a failed connection
class TransportFailure extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

// read without promises: the test's clock then waits for each step
const toResponse = ({ body, headers, status }: Answer): HttpServerResponse.HttpServerResponse => {
  const options = { status: status ?? 200, ...(headers === undefined ? {} : { headers }) }
  if (body instanceof Uint8Array) return HttpServerResponse.uint8Array(body, options)
  if (typeof body === "string" || body === undefined) return HttpServerResponse.text(body ?? "", options)
  return HttpServerResponse.text(JSON.stringify(body), {
    ...options,
    headers: { "content-type": "application/json", ...headers }
  })
}

/**
 * Provides an `HttpClient` that answers from a script, and its record of requests.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (script: Script): Layer.Layer<HttpClient.HttpClient | ScriptedHttp> =>
  Layer.effectContext(
    Effect.sync(() => {
      const recorded: Array<RecordedRequest> = []
      const reply = (request: RecordedRequest, index: number): Reply =>
        typeof script === "function"
          ? script(request, index)
          : (script[Math.min(index, script.length - 1)] ?? { status: 500, body: "the script is empty" })

      const client = HttpClient.make((request, url) => {
        const failed = (cause: unknown) =>
          new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
        return Effect.gen(function* () {
          const body = yield* Effect.mapError(bodyText(request), failed)
          const sent: RecordedRequest = {
            method: request.method,
            path: `${url.pathname}${url.search}`,
            query: Object.fromEntries(url.searchParams),
            headers: { ...request.headers },
            body,
            time: yield* Effect.clockWith((clock) => clock.currentTimeMillis)
          }
          const index = recorded.push(sent) - 1
          const answer = reply(sent, index)
          if (answer.delay !== undefined) yield* Effect.sleep(answer.delay)
          if ("failure" in answer) return yield* failed(new TransportFailure(answer.failure))
          return HttpServerResponse.toClientResponse(toResponse(answer), { request })
        })
      })
      return Context.make(HttpClient.HttpClient, client).pipe(
        Context.add(ScriptedHttp, { requests: Effect.sync(() => [...recorded]) })
      )
    })
  )

/**
 * The application without a socket: as an `HttpClient`, and as a `fetch`.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { App } from "./Server.ts"

/**
 * The address of an application that has none: clients want one. Nothing is ever
 * sent there.
 */
export const address = "http://effect-evals.invalid/v1"

const drain = async (reader: ReadableStreamDefaultReader<unknown>): Promise<void> => {
  const { done } = await reader.read()
  return done ? undefined : drain(reader)
}

/**
 * A body that is read to its end where nobody wants the rest: Node's own of a form
 * fails when it is canceled, where nobody sees it, and takes the process along.
 */
const uncanceled = (body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> => {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const read = await reader.read()
        if (read.done) controller.close()
        else controller.enqueue(read.value)
      },
      cancel: () => {
        drain(reader).catch(() => undefined)
      }
    },
    { highWaterMark: 0 }
  )
}

/** Writes a form as it goes over a wire, so that its names are escaped and read as a server does. */
const written = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
  if (request.body._tag !== "FormData") return request
  const { body, headers } = new Response(request.body.formData)
  if (body === null) return request
  return HttpClientRequest.setBody(
    request,
    HttpBody.stream(
      Stream.fromReadableStream({ evaluate: () => uncanceled(body), onError: (cause) => cause }),
      headers.get("content-type") ?? undefined
    )
  )
}

/** An `HttpClient` whose requests an application of this process answers. */
export const httpClient = (app: App): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    app.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(written(request))),
      Effect.scoped,
      Effect.map((response) => HttpServerResponse.toClientResponse(response, { request }))
    )
  )

const isForm = (request: Request, given: unknown): boolean =>
  (given === undefined || given === null || given instanceof FormData) &&
  request.headers.get("content-type")?.startsWith("multipart/form-data") === true

/**
 * A `fetch` whose requests an application of this process answers, whatever their
 * address. They are answered with the services of the context: its clock, its
 * logger.
 */
export const fetch = (app: App, context: Context.Context<never> = Context.empty()): typeof globalThis.fetch => {
  const handler = HttpEffect.toWebHandlerWith<never, HttpServerRequest.HttpServerRequest | Scope.Scope>(context)(app)
  return (input, init) => {
    const request = new Request(input, init)
    return handler(
      request.body !== null && isForm(request, init?.body)
        ? new Request(request, { method: request.method, body: uncanceled(request.body), duplex: "half" })
        : request
    )
  }
}

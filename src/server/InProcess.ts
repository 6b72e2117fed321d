/** The application without a socket, as an `HttpClient` or as a `fetch`. */
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

/** The base URL of an application without a socket. Clients need one; no request is sent to it. */
export const address = "http://effect-evals.invalid/v1"

const drain = async (reader: ReadableStreamDefaultReader<unknown>): Promise<void> => {
  const { done } = await reader.read()
  return done ? undefined : drain(reader)
}

/**
 * Wraps a body so that a canceled reader still reads it to the end. The stream of a `FormData` body fails in Node when
 * it is canceled. That error cannot be caught and ends the process.
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

/** Encodes a form as it is sent over the network, so that names are escaped and parsed in the same way. */
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

/**
 * Lets the process do its other work before a request is answered. A program that asks for a run again and again, without
 * a pause, would otherwise keep the workers of this run from being heard.
 */
const afterOthers = (app: App): App => Effect.andThen(Effect.yieldNow, app)

/** Makes an `HttpClient` that sends all requests to an application in this process. */
export const httpClient = (app: App): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    afterOthers(app).pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(written(request))),
      Effect.scoped,
      Effect.map((response) => HttpServerResponse.toClientResponse(response, { request }))
    )
  )

const isForm = (request: Request, given: unknown): boolean =>
  (given === undefined || given === null || given instanceof FormData) &&
  request.headers.get("content-type")?.startsWith("multipart/form-data") === true

/**
 * Makes a `fetch` that sends all requests to an application in this process, whatever their URL. The application uses
 * the services of `context`, such as the clock and the logger.
 */
export const fetch = (app: App, context: Context.Context<never> = Context.empty()): typeof globalThis.fetch => {
  const handler = HttpEffect.toWebHandlerWith<never, HttpServerRequest.HttpServerRequest | Scope.Scope>(context)(
    afterOthers(app)
  )
  return (input, init) => {
    const request = new Request(input, init)
    return handler(
      request.body !== null && isForm(request, init?.body)
        ? new Request(request, { method: request.method, body: uncanceled(request.body), duplex: "half" })
        : request
    )
  }
}

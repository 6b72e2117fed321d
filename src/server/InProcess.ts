/**
 * The application without a socket: as an `HttpClient`, and as a `fetch`.
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { App } from "./Server.ts"

/**
 * The address of an application that has none: clients want one. Nothing is ever
 * sent there.
 */
export const address = "http://effect-evals.invalid/v1"

/** An `HttpClient` whose requests an application of this process answers. */
export const httpClient = (app: App): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    app.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
      Effect.scoped,
      Effect.map((response) => HttpServerResponse.toClientResponse(response, { request }))
    )
  )

/** A `fetch` whose requests an application of this process answers, whatever their address. */
export const fetch = (app: App): typeof globalThis.fetch => {
  const handler = HttpEffect.toWebHandler(app)
  return (input, init) => handler(new Request(input, init))
}

/**
 * Gives an `HttpClient` the address, the key and the headers of a client.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { flow, identity } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Options } from "../Options.ts"
import { applyHeaders, make as makeSecrets, type Secrets } from "./secrets.ts"

/** A client ready to send, or why it cannot. */
export interface Prepared {
  readonly client: HttpClient.HttpClient
  readonly secrets: Secrets
  /** Names the host in errors: an address without path, query and credentials. */
  readonly origin: string
  readonly invalid: string | undefined
}

const invalidReason = (baseUrl: string, url: Result.Result<URL, unknown>): string | undefined => {
  const form = "write it like https://api.openai.com/v1"
  if (Result.isFailure(url)) return `option baseUrl is no URL: ${JSON.stringify(baseUrl)}; ${form}`
  if (!/^https?:$/.test(url.success.protocol)) return `option baseUrl has the scheme ${url.success.protocol} ; ${form}`
  return url.success.username !== "" || url.success.password !== ""
    ? "option baseUrl holds a user name or password; give them as a Redacted authorization header instead"
    : undefined
}

const isRelative = (url: string): boolean => !/^[a-z][a-z\d+.-]*:/i.test(url) && !url.startsWith("//")

const authorize = (
  options: Options
): ((request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest) => {
  const { apiKey, azure } = options
  if (apiKey === undefined) return identity
  return azure !== undefined && azure.auth !== "bearer"
    ? HttpClientRequest.setHeader("api-key", Redacted.value(apiKey))
    : HttpClientRequest.bearerToken(apiKey)
}

/** Gives an `HttpClient` the address, the key and the headers of a client. */
export const prepare = (transport: HttpClient.HttpClient, options: Options): Prepared => {
  const baseUrl = options.baseUrl ?? "https://api.openai.com/v1"
  const parsed = Result.try({ try: () => new URL(baseUrl), catch: identity })
  const url = Result.isSuccess(parsed) ? parsed.success : new URL("http://invalid")
  const params = [...url.searchParams]
  const secrets = makeSecrets({
    apiKey: options.apiKey,
    headers: options.headers,
    query: params.map(([, value]) => value)
  })
  const address = url.origin + url.pathname.replace(/\/+$/, "")
  const apiVersion = options.azure?.apiVersion
  const authorized = authorize(options)
  const headers = {
    ...(options.organization === undefined ? {} : { "openai-organization": options.organization }),
    ...(options.project === undefined ? {} : { "openai-project": options.project }),
    ...options.headers
  }

  const addressed = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
    if (!isRelative(request.url)) return request
    let built = HttpClientRequest.setUrl(request, `${address}${request.url.startsWith("/") ? "" : "/"}${request.url}`)
    // a query of the address may be a credential: it is kept out of spans
    for (const [key, value] of params) built = HttpClientRequest.appendUrlParam(built, key, Redacted.make(value))
    if (apiVersion !== undefined) built = HttpClientRequest.setUrlParam(built, "api-version", apiVersion)
    const own = applyHeaders(authorized(HttpClientRequest.acceptJson(built)), headers)
    // what the request itself says goes before what the client says
    return HttpClientRequest.setHeaders(own, request.headers)
  }

  const client = transport.pipe(
    HttpClient.mapRequest(addressed),
    HttpClient.transformResponse(
      flow(
        // trace headers are nothing to a third party
        Effect.provideService(HttpClient.TracerPropagationEnabled, false),
        Effect.updateService(Headers.CurrentRedactedNames, (names) => [...names, ...secrets.names])
      )
    )
  )
  return {
    client: options.transformClient === undefined ? client : options.transformClient(client),
    secrets,
    origin: url.origin,
    invalid: invalidReason(baseUrl, parsed)
  }
}

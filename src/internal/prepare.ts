/**
 * Gives an `HttpClient` the address, the key and the headers of a client.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
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

// what may be a password or a key in it is left out
const shown = (baseUrl: string): string => JSON.stringify(baseUrl.replace(/[?#].*$/s, "?…").replace(/[^/]*@/g, "…@"))

const invalidReason = (baseUrl: string, url: Result.Result<URL, unknown>): string | undefined => {
  const form = "write it like https://api.openai.com/v1"
  if (Result.isFailure(url)) return `option baseUrl is no URL: ${shown(baseUrl)}; ${form}`
  if (!/^https?:$/.test(url.success.protocol)) return `option baseUrl has the scheme ${url.success.protocol} ; ${form}`
  return url.success.username !== "" || url.success.password !== ""
    ? "option baseUrl holds a user name or password; give them as a Redacted authorization header instead"
    : undefined
}

// no key is sent to an address that nobody meant
const refusing = (description: string): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    Effect.fail(
      new HttpClientError.HttpClientError({ reason: new HttpClientError.InvalidUrlError({ request, description }) })
    )
  )

// what RFC 9110 allows, and both transports send
const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

const always = () => true

const isRelative = (url: string): boolean => !/^[a-z][a-z\d+.-]*:/i.test(url) && !url.startsWith("//")

const authorize = (
  options: Options
): ((request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest) => {
  const { apiKey, azure } = options
  if (apiKey === undefined) return identity
  // a key that was read from a file often ends in a line break
  const key = Redacted.value(apiKey).trim()
  return azure !== undefined && azure.auth !== "bearer"
    ? HttpClientRequest.setHeader("api-key", key)
    : HttpClientRequest.bearerToken(key)
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

  const own = applyHeaders(authorized(HttpClientRequest.acceptJson(HttpClientRequest.empty)), headers).headers

  const addressed = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
    if (!isRelative(request.url)) return request
    let built = HttpClientRequest.setUrl(request, `${address}${request.url.startsWith("/") ? "" : "/"}${request.url}`)
    // a query of the address may be a credential: it is kept out of spans
    for (const [key, value] of params) built = HttpClientRequest.appendUrlParam(built, key, Redacted.make(value))
    if (apiVersion !== undefined) built = HttpClientRequest.setUrlParam(built, "api-version", apiVersion)
    // what the request itself says goes before what the client says
    return HttpClientRequest.updateHeaders(built, (asked) => Headers.setAll(own, asked))
  }

  const client = transport.pipe(
    HttpClient.mapRequest(addressed),
    HttpClient.transformResponse(
      Effect.updateContext((context: Context.Context<never>) =>
        context.pipe(
          // A span of the transport costs half as much as the request, would send trace headers to a third
          // party, and shows what the transport or the host repeats of a key. The operation has a span.
          Context.add(HttpClient.TracerDisabledWhen, always),
          Context.add(Headers.CurrentRedactedNames, [
            ...Context.get(context, Headers.CurrentRedactedNames),
            ...secrets.names
          ])
        )
      )
    )
  )
  const unsendable = Object.entries(own).find(([, value]) => !isHeaderValue(value))
  const invalid =
    invalidReason(baseUrl, parsed) ??
    (unsendable === undefined
      ? undefined
      : `the header ${unsendable[0]} has a character that no header can carry; check the key and the headers for line breaks and for letters beyond Latin-1`)
  const chosen = invalid === undefined ? client : refusing(invalid)
  return {
    client: options.transformClient === undefined ? chosen : options.transformClient(chosen),
    secrets,
    origin: url.origin,
    invalid
  }
}

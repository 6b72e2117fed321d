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
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import type { Options } from "../Options.ts"
import { OptionsError } from "../OptionsError.ts"
import { packageName, packageVersion } from "../schema/packageVersion.ts"
import { decode } from "./contentEncoding.ts"
import { applyHeaders, make as makeSecrets, plain, type Secrets } from "./secrets.ts"

/** A client ready to send. */
export interface Prepared {
  readonly client: HttpClient.HttpClient
  readonly secrets: Secrets
  /** Names the host in errors: an address without path, query and credentials. */
  readonly origin: string
  /** Whether a key is sent, by whatever header. */
  readonly keyed: boolean
}

const defaultBaseUrl = "https://api.openai.com/v1"

// parts of the address that may be a password or a key are left out
const shown = (baseUrl: string): string => JSON.stringify(baseUrl.replace(/[?#].*$/s, "?…").replace(/[^/]*@/g, "…@"))

const parsed = (baseUrl: string): URL | undefined => (URL.canParse(baseUrl) ? new URL(baseUrl) : undefined)

const wrongAddress = (baseUrl: string): OptionsError | undefined => {
  const wrong = (detail: string, advice = "write it like https://api.openai.com/v1") =>
    new OptionsError({ option: "baseUrl", detail, advice })
  const url = parsed(baseUrl)
  if (url === undefined) return wrong(`is no URL: ${shown(baseUrl)}`)
  if (!/^https?:$/.test(url.protocol)) return wrong(`has the scheme ${url.protocol}`)
  return url.username !== "" || url.password !== ""
    ? wrong("holds a user name or password", "give them as a Redacted authorization header")
    : undefined
}

// the characters that RFC 9110 allows, and both transports send
const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

// a token of RFC 9110
const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name)

// a key that was read from a file often ends in a line break
const keyOf = (apiKey: Redacted.Redacted): string => Redacted.value(apiKey).trim()

/** Returns an error for the first option with which no request can be sent. */
export const check = (options: Options): OptionsError | undefined => {
  const address = wrongAddress(options.baseUrl ?? defaultBaseUrl)
  if (address !== undefined) return address
  const headers = Object.entries(options.headers ?? {})
  const misnamed = headers.find(([name]) => !isHeaderName(name))?.[0]
  if (misnamed !== undefined) {
    return new OptionsError({
      option: `headers.${misnamed}`,
      detail: "cannot be the name of a header",
      advice: "use ASCII letters, digits and hyphens"
    })
  }
  const values: ReadonlyArray<readonly [option: string, value: string | undefined]> = [
    ["apiKey", options.apiKey === undefined ? undefined : keyOf(options.apiKey)],
    ["organization", options.organization],
    ["project", options.project],
    ...headers.map(([name, value]) => [`headers.${name}`, plain(value)] as const)
  ]
  const option = values.find(([, value]) => value !== undefined && !isHeaderValue(value))?.[0]
  return option === undefined
    ? undefined
    : new OptionsError({
        option,
        detail: "has a character that no header can carry",
        advice: "check it for line breaks and letters beyond Latin-1"
      })
}

const always = () => true

const isRelative = (url: string): boolean => !/^[a-z][a-z\d+.-]*:/i.test(url) && !url.startsWith("//")

const authorize = (
  options: Options
): ((request: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest) => {
  const { apiKey, azure } = options
  if (apiKey === undefined) return identity
  const key = keyOf(apiKey)
  return azure !== undefined && azure.auth !== "bearer"
    ? HttpClientRequest.setHeader("api-key", key)
    : HttpClientRequest.bearerToken(key)
}

// a browser sends its own name: it drops another one, or sends a preflight request for it
const isBrowser = (): boolean => globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true

const named = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest =>
  isBrowser() ? request : HttpClientRequest.setHeader(request, "user-agent", `${packageName}/${packageVersion}`)

/** Gives an `HttpClient` the address, the key and the headers of a client. {@link check} must accept the options. */
export const prepare = (transport: HttpClient.HttpClient, options: Options): Prepared => {
  const url = new URL(options.baseUrl ?? defaultBaseUrl)
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

  const own = applyHeaders(authorized(named(HttpClientRequest.acceptJson(HttpClientRequest.empty))), headers).headers

  const addressed = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
    if (!isRelative(request.url)) return request
    let built = HttpClientRequest.setUrl(request, `${address}${request.url.startsWith("/") ? "" : "/"}${request.url}`)
    // a query of the address may be a credential: it is kept out of spans
    for (const [key, value] of params) built = HttpClientRequest.appendUrlParam(built, key, Redacted.make(value))
    if (apiVersion !== undefined) built = HttpClientRequest.setUrlParam(built, "api-version", apiVersion)
    // headers of the request outweigh those of the client
    return HttpClientRequest.updateHeaders(built, (asked) =>
      Object.keys(asked).length === 0 ? own : Headers.setAll(own, asked)
    )
  }

  let given: Context.Context<never> | undefined
  let made: Context.Context<never> = Context.empty()
  // A span of the transport costs half as much as the request, would send trace headers to a third
  // party, and shows what the transport or the host repeats of a key. The operation has a span.
  const untraced = (context: Context.Context<never>): Context.Context<never> => {
    // most requests of a program share their context
    if (context !== given) {
      given = context
      made = context.pipe(
        Context.add(HttpClient.TracerDisabledWhen, always),
        Context.add(Headers.CurrentRedactedNames, [
          ...Context.get(context, Headers.CurrentRedactedNames),
          ...secrets.names
        ])
      )
    }
    return made
  }

  const client = transport.pipe(
    HttpClient.mapRequest(addressed),
    HttpClient.transformResponse(Effect.map(decode)),
    HttpClient.transformResponse(Effect.updateContext(untraced))
  )
  return {
    client: options.transformClient === undefined ? client : options.transformClient(client),
    secrets,
    origin: url.origin,
    keyed: "authorization" in own || "api-key" in own
  }
}

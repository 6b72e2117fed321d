/**
 * Removal of keys and secret headers from errors, spans and logs.
 *
 * @internal
 */
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import type { HeaderValues } from "../Options.ts"
import { type Scrub, scrubber } from "../schema/secretText.ts"

/** The secrets of a client. */
export interface Secrets {
  /** Names of headers with secret values. */
  readonly names: ReadonlyArray<string>
  /** Returns the function that removes the secrets of the client, and of the headers of a call, from a text. */
  readonly scrub: (headers: HeaderValues | undefined) => Scrub
}

/** Returns the value of a header as text. */
export const plain = (value: string | Redacted.Redacted): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

const secretValues = (headers: HeaderValues | undefined): ReadonlyArray<string> =>
  Object.values(headers ?? {}).flatMap((value) => {
    if (!Redacted.isRedacted(value)) return []
    const whole = Redacted.value(value)
    // a host may repeat only the second word of `Basic dXNlcjpwYXNz`
    const credential = /^\s*[\w-]+ +(\S+)\s*$/.exec(whole)?.[1]
    return credential === undefined ? [whole] : [whole, credential]
  })

/** Returns the names of headers with secret values. */
export const secretNames = (headers: HeaderValues | undefined): ReadonlyArray<string> =>
  Object.entries(headers ?? {}).flatMap(([name, value]) => (Redacted.isRedacted(value) ? [name] : []))

/** Sets headers on a request, secret values as plain text. {@link make} collects the names of secret headers. */
export const applyHeaders = (
  request: HttpClientRequest.HttpClientRequest,
  headers: HeaderValues
): HttpClientRequest.HttpClientRequest =>
  Object.entries(headers).reduce(
    (self, [name, value]) => HttpClientRequest.setHeader(self, name, plain(value)),
    request
  )

/** Collects the secrets of a client: its key, its secret headers, and the query of its base URL. */
export const make = (options: {
  readonly apiKey: Redacted.Redacted | undefined
  readonly headers: HeaderValues | undefined
  readonly query: ReadonlyArray<string>
}): Secrets => {
  const own = [
    ...(options.apiKey === undefined ? [] : [Redacted.value(options.apiKey)]),
    ...secretValues(options.headers),
    ...options.query
  ]
  const client = scrubber(own)
  return {
    names: [
      "authorization",
      "api-key",
      "cookie",
      "openai-organization",
      "openai-project",
      ...secretNames(options.headers)
    ],
    scrub: (headers) => (headers === undefined ? client : scrubber([...own, ...secretValues(headers)]))
  }
}

/**
 * Keeps keys and secret headers out of errors, spans and logs.
 *
 * @internal
 */
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import type { HeaderValues } from "../Options.ts"
import type { Scrub } from "./errors.ts"

/** The secrets of a client. */
export interface Secrets {
  /** Names of the headers whose values are secret. */
  readonly names: ReadonlyArray<string>
  /** Removes the client's secrets, and those of a call, from a text. */
  readonly scrub: (headers: HeaderValues | undefined) => Scrub
}

const plain = (value: string | Redacted.Redacted): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

const secretValues = (headers: HeaderValues | undefined): ReadonlyArray<string> =>
  Object.values(headers ?? {}).flatMap((value) => (Redacted.isRedacted(value) ? [Redacted.value(value)] : []))

/** The names of the headers whose values are secret. */
export const secretNames = (headers: HeaderValues | undefined): ReadonlyArray<string> =>
  Object.entries(headers ?? {}).flatMap(([name, value]) => (Redacted.isRedacted(value) ? [name] : []))

/** Sets headers; the names of secret ones are remembered by {@link make}. */
export const applyHeaders = (
  request: HttpClientRequest.HttpClientRequest,
  headers: HeaderValues
): HttpClientRequest.HttpClientRequest =>
  Object.entries(headers).reduce(
    (self, [name, value]) => HttpClientRequest.setHeader(self, name, plain(value)),
    request
  )

// shorter texts would be found everywhere
const shortest = 6

const replace = (values: ReadonlyArray<string>): Scrub => {
  const long = values.filter((value) => value.length >= shortest)
  return (text) => long.reduce((self, value) => self.replaceAll(value, "<redacted>"), text)
}

/** The secrets among a client's key, headers and query. */
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
  const client = replace(own)
  return {
    names: [
      "authorization",
      "api-key",
      "cookie",
      "openai-organization",
      "openai-project",
      ...secretNames(options.headers)
    ],
    scrub: (headers) => (headers === undefined ? client : replace([...own, ...secretValues(headers)]))
  }
}

/**
 * Removal of keys and secret headers from errors, spans and logs.
 *
 * @internal
 */
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import type { HeaderValues } from "../Options.ts"
import type { Scrub } from "./errors.ts"

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

// shortest secret that is removed: shorter texts occur by chance
const shortest = 6

const entities: { readonly [char: string]: string } = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0")

/** Returns the pattern of a character: plain, or escaped as in JSON, in a URL, or in HTML. */
const forms = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  const entity = entities[char]
  const units = Array.from({ length: char.length }, (_, index) => `\\\\u${hex(char.charCodeAt(index), 4)}`)
  const bytes = [...new TextEncoder().encode(char)].map((byte) => `%(?:25)?${hex(byte, 2)}`)
  return `(?:${[
    char.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
    units.join(""),
    bytes.join(""),
    `&#0*${code};`,
    `&#x0*${hex(code, 0)};`,
    ...(entity === undefined ? [] : [`&${entity};`]),
    ...(char === " " ? ["\\+"] : [])
  ].join("|")})`
}

/** Returns the pattern of a secret, however it is escaped: a host that repeats a secret often escapes it. */
const pattern = (secret: string): RegExp => new RegExp([...secret].map(forms).join("\\\\{0,3}"), "gi")

const replace = (values: ReadonlyArray<string>): Scrub => {
  const long = values.map((value) => value.trim()).filter((value) => value.length >= shortest)
  // an escaped secret is never shorter than the plain one
  const least = Math.min(...long.map((value) => [...value].length))
  // compiled for the first text that is long enough; longest first, since a secret may contain another one
  let patterns: ReadonlyArray<RegExp> | undefined
  return (text) => {
    if (text.length < least) return text
    patterns ??= long.toSorted((a, b) => b.length - a.length).map(pattern)
    return patterns.reduce((self, secret) => self.replace(secret, "<redacted>"), text)
  }
}

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

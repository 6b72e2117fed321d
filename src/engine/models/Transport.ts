/**
 * One request to an endpoint and its answer as text: address, key, headers, time
 * limit, and the bound on the answer's length.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { packageName, packageVersion } from "../../schema/packageVersion.ts"
import { type Scrub, scrubber } from "../../schema/secretText.ts"
import { isObject } from "../rows/JsonText.ts"
import type { HttpEntry } from "./Entry.ts"
import { type Reason, TimedOut, Unreachable, Unreadable } from "./ModelError.ts"
import { pageText, readError } from "./readError.ts"

/** The time that one call may take: a model that reasons may think for minutes before it sends a byte. */
export const timeLimit = Duration.minutes(10)

/** The most bytes of an answer. */
export const mostBytes = 16 * 1024 * 1024

/** The most characters that are kept of an answer that cannot be read. */
const keptBody = 2048

/** An answer with status 200 to 299. */
export interface Answered {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** Removes the secrets of the request from a text. */
  readonly scrub: Scrub
}

/** Sees the head of each answer, whatever its status. */
export type Observe = (status: number, headers: Headers.Headers) => Effect.Effect<void>

/** One endpoint. */
export interface Transport {
  /** The address without credentials and query. */
  readonly endpoint: string
  /** Whether the address is this machine's own. */
  readonly isLoopback: boolean
  /** Sends a body, the text of an object of JSON, once. */
  readonly post: (
    path: string,
    body: string,
    key: Redacted.Redacted | undefined,
    observe: Observe
  ) => Effect.Effect<Answered, Reason>
}

const plain = (value: string | Redacted.Redacted): string =>
  Redacted.isRedacted(value) ? Redacted.value(value) : value

/** Returns the key as it is sent: one that was read from a file often ends in a line break. */
export const keyText = (key: Redacted.Redacted): string => Redacted.value(key).trim()

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

const always = () => true

/** Collects the messages of an error's causes, outermost first, and the first code among them. */
const causes = (cause: unknown, depth = 0): { readonly code?: string; readonly messages: ReadonlyArray<string> } => {
  if (depth > 5 || !isObject(cause)) return { messages: [] }
  const { code, errors, message } = cause
  const inner = causes(cause["cause"] ?? (Array.isArray(errors) ? errors[0] : undefined), depth + 1)
  const first = typeof code === "string" ? code : inner.code
  return {
    ...(first === undefined ? {} : { code: first }),
    messages: [...(typeof message === "string" && message !== "" ? [message] : []), ...inner.messages]
  }
}

const unreachable = (endpoint: string, { reason }: HttpClientError, scrub: Scrub): Unreachable => {
  const { code, messages } = causes(reason.cause)
  const said = scrub([...new Set(messages)].join(": "))
  const what = reason._tag === "DecodeError" ? "the answer broke off" : `cannot reach ${endpoint}`
  return new Unreachable({
    message: `${what}${said === "" ? "" : `: ${said}`}`,
    ...(code === undefined ? {} : { code })
  })
}

/** The text of an answer, or undefined where it is longer than {@link mostBytes}. */
const textOf = (
  response: HttpClientResponse.HttpClientResponse,
  headers: Headers.Headers
): Effect.Effect<string | undefined, HttpClientError> => {
  const isCoded = headers["content-encoding"] !== undefined
  const length = isCoded ? Number.NaN : Number(headers["content-length"] ?? Number.NaN)
  // the transport holds a host to the length that it says
  const whole: Effect.Effect<string | undefined, HttpClientError> =
    length <= mostBytes
      ? response.text
      : Effect.suspend(() => {
          const decoder = new TextDecoder()
          let bytes = 0
          let text = ""
          return response.stream.pipe(
            Stream.takeWhile((chunk) => (bytes += chunk.length) <= mostBytes),
            Stream.runForEach((chunk) => {
              text += decoder.decode(chunk, { stream: true })
              return Effect.void
            }),
            Effect.map(() => (bytes > mostBytes ? undefined : text + decoder.decode()))
          )
        })
  return Effect.catch(whole, (error) =>
    error.reason._tag === "EmptyBodyError" ? Effect.succeed("") : Effect.fail(error)
  )
}

/** The values of an entry that may be secrets, but for its key. */
const secretsOf = ({ headers = {}, query = {} }: HttpEntry<unknown>, url: URL): ReadonlyArray<string> => [
  ...Object.entries(headers).flatMap(([, value]) => {
    const whole = plain(value)
    // a host may repeat only the second word of `Basic dXNlcjpwYXNz`
    const credential = /^\s*[\w-]+ +(\S+)\s*$/.exec(whole)?.[1]
    return credential === undefined ? [whole] : [whole, credential]
  }),
  // the version of an API is no secret, and endpoints name it in their errors
  ...[...url.searchParams, ...Object.entries(query)].flatMap(([name, value]) => (name === "api-version" ? [] : [value]))
]

/** Hosts mask a refused key in their errors and leave some of its characters: those go too. */
const masked = /\b[\w-]*\*{3,}[\w*-]*/g

/** Removes secrets from headers of which an error repeats some: an id of the request, the address of a redirect. */
const scrubbed = (headers: Headers.Headers, scrub: Scrub): Headers.Headers =>
  Headers.fromInput(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, scrub(value)])))

/** Makes the transport of an entry whose address and headers have been checked. */
export const make = (entry: HttpEntry<unknown>, client: HttpClient.HttpClient): Transport => {
  const url = new URL(entry.baseUrl)
  const address = url.origin + url.pathname.replace(/\/+$/, "")
  const query: ReadonlyArray<readonly [string, string]> = [...url.searchParams, ...Object.entries(entry.query ?? {})]
  const isApiKey = entry.auth === "api-key"
  const own = Object.entries(entry.headers ?? {}).map(([name, value]) => [name, plain(value)] as const)
  const headers = Headers.fromInput({
    accept: "application/json",
    "user-agent": `${packageName}/${packageVersion}`,
    ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value]))
  })
  const secrets = secretsOf(entry, url)
  let known: { readonly key: string | undefined; readonly scrub: Scrub } | undefined
  const scrubOf = (key: Redacted.Redacted | undefined): Scrub => {
    const text = key === undefined ? undefined : keyText(key)
    if (known === undefined || known.key !== text) {
      const remove = scrubber(text === undefined ? secrets : [...secrets, text])
      known = { key: text, scrub: (said) => remove(said).replace(masked, "<redacted>") }
    }
    return known.scrub
  }

  let given: Context.Context<never> | undefined
  let made: Context.Context<never> = Context.empty()
  // No spans of the transport, and so no trace headers to a third party. `fetch` would follow redirects.
  const prepared = (context: Context.Context<never>): Context.Context<never> => {
    if (context !== given) {
      given = context
      const init = Context.getOrUndefined(context, FetchHttpClient.RequestInit)
      made = context.pipe(
        Context.add(HttpClient.TracerDisabledWhen, always),
        Context.add(FetchHttpClient.RequestInit, { ...init, redirect: "manual" })
      )
    }
    return made
  }

  const request = (path: string, text: string, key: Redacted.Redacted | undefined) => {
    let built = HttpClientRequest.make("POST")(`${address}${path}`, {
      headers,
      body: HttpBody.text(text, "application/json")
    })
    for (const [name, value] of query) built = HttpClientRequest.appendUrlParam(built, name, value)
    if (key === undefined) return built
    return isApiKey
      ? HttpClientRequest.setHeader(built, "api-key", keyText(key))
      : HttpClientRequest.setHeader(built, "authorization", `Bearer ${keyText(key)}`)
  }

  const once = Effect.fnUntraced(function* (
    path: string,
    body: string,
    key: Redacted.Redacted | undefined,
    observe: Observe
  ): Effect.fn.Return<Answered, Reason> {
    const scrub = scrubOf(key)
    const lost = Effect.mapError((error: HttpClientError): Reason => unreachable(address, error, scrub))
    const response = yield* client.execute(request(path, body, key)).pipe(
      // a status that the application's own client refuses is an answer all the same
      Effect.catch((error) =>
        error.reason._tag === "StatusCodeError" ? Effect.succeed(error.reason.response) : Effect.fail(error)
      ),
      lost
    )
    const { headers, status } = response
    yield* observe(status, headers)
    const text = yield* lost(textOf(response, headers))
    if (status < 200 || status >= 300) {
      const now = yield* Clock.currentTimeMillis
      return yield* Effect.fail(readError({ status, headers: scrubbed(headers, scrub), text: scrub(text ?? ""), now }))
    }
    return text === undefined
      ? yield* new Unreadable({ message: `the answer is longer than ${mostBytes / 1024 / 1024} MiB`, status, body: "" })
      : { status, headers, text, scrub }
  })

  const late = () =>
    Effect.fail(new TimedOut({ message: `no answer within ${Duration.format(timeLimit)}`, timeout: timeLimit }))

  return {
    endpoint: address,
    isLoopback: loopback.test(url.hostname),
    post: (path, body, key, observe) =>
      once(path, body, key, observe).pipe(
        Effect.timeoutOrElse({ duration: timeLimit, orElse: late }),
        Effect.updateContext(prepared)
      )
  }
}

/** Makes the reason for an answer that was received, but is none that can be read. */
export const unreadable = ({ headers, scrub, status, text }: Answered, problem: string): Unreadable => {
  const isStream = headers["content-type"]?.startsWith("text/event-stream") === true
  const body = scrub(text.slice(0, 2 * keptBody)).slice(0, keptBody)
  const page = /^\s*</.test(text) ? `: ${pageText(body)}` : ""
  const coding = headers["content-encoding"]
  const said = isStream
    ? "it is a stream of events, which was not asked for"
    : coding !== undefined && coding !== "identity"
      ? `it is encoded as ${coding}, which was not asked for`
      : `${problem}${page}`
  return new Unreadable({ message: `the answer cannot be read: ${said}`, status, body })
}

/** Makes the reason of an error inside of an answer with status 200. */
export const errorIn = ({ headers, scrub, status, text }: Answered): Effect.Effect<Reason> =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    readError({ status, headers: scrubbed(headers, scrub), text: scrub(text), now })
  )

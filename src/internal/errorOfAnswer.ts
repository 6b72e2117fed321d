/**
 * The conversion of transport failures and of answers into `EvalsError`. No other module makes these errors from them.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as Result from "effect/Result"
import * as E from "../EvalsError.ts"
import { formatPath, type Place } from "../schema/issues.ts"
import type { Scrub } from "../schema/secretText.ts"
import { codingsOf } from "./contentEncoding.ts"
import * as Ended from "./ended.ts"

const bodyLimit = 16 * 1024

/** An answer of the host, as an error needs it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** Whether the answer shows that the service has ended. Default false. */
  readonly hasEnded?: boolean
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined

interface Said {
  readonly detail: string
  readonly code?: string
  readonly param?: string
  readonly type?: string
}

/** Reads an error object: OpenAI nests its fields in `error`, Azure does not, some gateways send a string in `error`. */
const said = (body: string): Said | undefined => {
  const parsed = parseJson(body)
  if (Result.isFailure(parsed) || !Predicate.isReadonlyObject(parsed.success)) return undefined
  const error = parsed.success["error"] ?? parsed.success
  if (typeof error === "string") return { detail: error }
  if (!Predicate.isReadonlyObject(error)) return undefined
  const [detail, code, param, type] = ["message", "code", "param", "type"].map((name) => text(error[name]))
  return detail === undefined
    ? undefined
    : {
        detail,
        ...(code === undefined ? {} : { code }),
        ...(param === undefined ? {} : { param }),
        ...(type === undefined ? {} : { type })
      }
}

/** Parses JSON. Fails with the parser's message. */
export const parseJson = (body: string): Result.Result<unknown, string> =>
  Result.try({
    try: (): unknown => JSON.parse(body),
    catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
  })

/** Returns the host's id of a request, from OpenAI's header or one of Azure's. */
export const requestIdOf = (headers: Headers.Headers): string | undefined =>
  headers["x-request-id"] ?? headers["apim-request-id"] ?? headers["x-ms-request-id"]

const retryAfterOf = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const millis = Number(headers["retry-after-ms"]?.trim() || Number.NaN)
  if (Number.isFinite(millis) && millis >= 0) return Duration.millis(millis)
  const header = headers["retry-after"]
  if (header === undefined) return undefined
  const seconds = Number(header)
  if (header.trim() !== "" && Number.isFinite(seconds)) return seconds < 0 ? undefined : Duration.seconds(seconds)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - now))
}

const shouldRetryOf = (headers: Headers.Headers): boolean | undefined => {
  const header = headers["x-should-retry"]
  return header === "true" ? true : header === "false" ? false : undefined
}

const hint = (
  status: number,
  retryAfter: Duration.Duration | undefined,
  shouldRetry: boolean | undefined,
  keyed: boolean,
  location: string | undefined
): string | undefined => {
  if (location !== undefined) return "if that address is right, set baseUrl to it"
  switch (status) {
    case 401:
      return "check the API key (option apiKey, or OPENAI_API_KEY)"
    case 403:
      return keyed
        ? "ask the project's owner for the permission; OpenAI's own host took no writes to evals after 2026-10-31"
        : undefined
    case 404:
      return `check the id${keyed ? ", and that it belongs to the project of the key" : ""}`
    case 429:
      return shouldRetry === false || retryAfter === undefined
        ? "send fewer requests, or check the quota"
        : `try again in ${Duration.format(retryAfter)}`
    default:
      return shouldRetry === false || status < 500 ? undefined : "the host failed; try again later"
  }
}

const scrubbed = (value: string | undefined, scrub: Scrub): string | undefined =>
  value === undefined ? undefined : scrub(value)

const plain = (body: string): string => {
  const words = body
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
  return words.length > 200 ? `${words.slice(0, 200)}…` : words
}

/** Returns the fields that errors for an answer have in common. */
const fieldsOf = ({ hasEnded, headers, status }: Answer, scrub: Scrub) => {
  const requestId = scrubbed(requestIdOf(headers), scrub)
  return {
    status,
    ...(requestId === undefined ? {} : { requestId }),
    ...(hasEnded === true ? { hasEnded, advice: Ended.advice } : {})
  }
}

const classes = {
  400: E.BadRequestError,
  401: E.AuthenticationError,
  403: E.PermissionDeniedError,
  404: E.NotFoundError,
  409: E.ConflictError,
  422: E.UnprocessableEntityError,
  429: E.RateLimitError
} as const

const isNamed = (status: number): status is keyof typeof classes => status in classes

/**
 * Makes the error for an answer without success. `now` is in Unix milliseconds. `keyed`: the client sends a key, and the
 * advice mentions it.
 */
export const fromAnswer = (method: string, answer: Answer, scrub: Scrub, now: number, keyed: boolean): E.EvalsError => {
  const { headers, status } = answer
  const body = scrub(answer.text)
  const words = said(body) ?? { detail: plain(body) || "no further words", body: body.slice(0, bodyLimit) }
  const retryAfter = retryAfterOf(headers, now)
  const shouldRetry = shouldRetryOf(headers)
  const location = status >= 300 && status < 400 ? scrubbed(headers["location"], scrub) : undefined
  const advice = hint(status, retryAfter, shouldRetry, keyed, location)
  const fields = {
    ...words,
    ...(location === undefined ? {} : { detail: `${words.detail}; the host redirects to ${location}` }),
    ...(advice === undefined ? {} : { advice }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
    ...fieldsOf(answer, scrub)
  }
  const Reason = isNamed(status) ? classes[status] : status >= 500 ? E.ServerError : E.StatusError
  return new E.EvalsError({ method, reason: new Reason(fields) })
}

/** Makes the error for a successful answer that cannot be decoded. */
export const undecodable = (
  method: string,
  answer: Answer,
  problem: string | ReadonlyArray<Place>,
  scrub: Scrub
): E.EvalsError => {
  const first = typeof problem === "string" ? undefined : problem[0]
  const at = first === undefined ? "" : scrub(formatPath(first.path))
  const body = scrub(answer.text)
  const codings = codingsOf(answer.headers)
  // compressed bytes are not UTF-8
  const packed = codings.length > 0 && body.includes("\ufffd")
  const notJson = (words: string): string =>
    packed ? `it is encoded as ${codings.join(", ")}, which cannot be decoded here` : `it is no JSON (${words})`
  const what =
    typeof problem === "string"
      ? // the parser quotes a part of the text, which may be a part of a secret: the scrubbed body is parsed again
        Result.match(parseJson(body), { onFailure: notJson, onSuccess: () => "it is no JSON" })
      : `${at === "" ? "the body" : at}: ${scrub(first?.message ?? "unreadable")}${
          problem.length > 1 ? `, and ${problem.length - 1} more` : ""
        }`
  return new E.EvalsError({
    method,
    reason: new E.DecodeError({
      detail: `the answer is not what the API promises: ${what}`,
      advice: packed
        ? 'set the header "accept-encoding" to "identity" (option headers)'
        : "check that baseUrl is the address of an Evals API",
      ...(typeof problem === "string" ? {} : { path: at }),
      body: body.slice(0, bodyLimit),
      ...fieldsOf(answer, scrub)
    })
  })
}

/** Makes the error for a request with faults. It is not sent. */
export const unencodable = (method: string, places: ReadonlyArray<Place>): E.EvalsError => {
  const issues = places.map((place) => ({ path: formatPath(place.path), message: place.message }))
  const lines = issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`))
  return new E.EvalsError({
    method,
    reason: new E.EncodeError({ detail: `the request is invalid and was not sent: ${lines.join("; ")}`, issues })
  })
}

/** Makes the error for a request that cannot be built, from a detail. */
export const unsendable = (method: string, detail: string): E.EvalsError =>
  new E.EvalsError({ method, reason: new E.EncodeError({ detail, issues: [] }) })

/** Makes the error for an attempt that exceeded its time limit. */
export const timedOut = (method: string, timeout: Duration.Duration): E.EvalsError =>
  new E.EvalsError({
    method,
    reason: new E.TimeoutError({
      detail: `no answer within ${Duration.format(timeout)}`,
      advice: "option timeout sets the limit",
      timeout
    })
  })

const notSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "ConnectionRefused"])

/** Collects the messages, and the first code, of a chain of causes. The causes may hold headers: none is kept. */
const causes = (cause: unknown, depth = 0): { readonly code?: string; readonly messages: ReadonlyArray<string> } => {
  if (depth > 5 || !Predicate.isReadonlyObject(cause)) return { messages: typeof cause === "string" ? [cause] : [] }
  const message = text(cause["message"])
  const listed = cause["errors"]
  const inner = causes(cause["cause"] ?? (Array.isArray(listed) ? listed[0] : undefined), depth + 1)
  const code = text(cause["code"]) ?? inner.code
  return {
    ...(code === undefined ? {} : { code }),
    messages: [...(message === undefined ? [] : [message]), ...inner.messages]
  }
}

/** Makes the error for a request without an answer, or whose answer broke off. `origin` is the host in the message. */
export const fromTransport = (
  method: string,
  error: HttpClientError.HttpClientError,
  origin: string,
  scrub: Scrub
): E.EvalsError => {
  const { reason } = error
  const { code, messages } = causes(reason.cause)
  const words = scrub([reason.description ?? "", ...messages].filter((word) => word !== "").join(": "))
  if (reason._tag === "EncodeError" || reason._tag === "InvalidUrlError") {
    return unsendable(method, `the request cannot be sent: ${words === "" ? reason._tag : words}`)
  }
  const what = reason._tag === "TransportError" ? `cannot reach ${origin}` : `the answer of ${origin} broke off`
  return new E.EvalsError({
    method,
    reason: new E.ConnectionError({
      detail: `${what}${words === "" ? "" : `: ${words}`}`,
      ...(code === undefined ? {} : { code }),
      beforeSending: reason._tag === "TransportError" && code !== undefined && notSent.has(code)
    })
  })
}

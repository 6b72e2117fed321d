/**
 * Reads what an endpoint says where it does not answer. Hosts write errors as an
 * object in `error`, as an object of their own, as a list with one of them, as a
 * text, or as a page for people, and some write them into answers with status 200.
 *
 * @internal
 */
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"
import { parseJson } from "../../schema/fields.ts"
import { isObject } from "../rows/JsonText.ts"
import { listOf, objectOf } from "../rows/SampleMessages.ts"
import * as E from "./ModelError.ts"

/** An answer without success. */
export interface Failed {
  readonly status: number
  /** The headers, with all secrets removed. */
  readonly headers: Headers.Headers
  /** The body, with all secrets removed. */
  readonly text: string
  /** Unix milliseconds. */
  readonly now: number
}

interface Said {
  readonly message: string | undefined
  readonly code: string | undefined
  readonly type: string | undefined
  readonly param: string | undefined
}

const word = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : typeof value === "number" ? String(value) : undefined

const silent: Said = { message: undefined, code: undefined, type: undefined, param: undefined }

/** The error of an answer: its own, or that of its first choice, where a gateway puts one that came late. */
const errorOf = (value: unknown): unknown => {
  const { choices, error } = objectOf(value)
  return error ?? objectOf(listOf(choices)[0])["error"]
}

/** Reads an error in a value of JSON; undefined where the value says none. */
export const saidIn = (value: unknown): Said | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : saidIn(value[0])
  if (!isObject(value)) return undefined
  const { detail } = value
  const error = errorOf(value)
  if (typeof error === "string") return { ...silent, message: word(error) }
  if (isObject(error)) {
    const { code, message, param, status, type } = error
    return { message: word(message), code: word(code), type: word(type) ?? word(status), param: word(param) }
  }
  // servers made with FastAPI
  if (detail !== undefined && detail !== null) return { ...silent, message: word(detail) ?? JSON.stringify(detail) }
  const { code, message, param, type } = value
  return word(message) === undefined || value["object"] === "response" || value["object"] === "chat.completion"
    ? undefined
    : { message: word(message), code: word(code), type: word(type), param: word(param) }
}

const longest = 1000

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

/** Returns the text of an HTML page, without its markup. */
export const pageText = (body: string): string =>
  body
    .slice(0, 64 * 1024)
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200)

const millis = (value: number): Duration.Duration | undefined =>
  Number.isFinite(value) && value >= 0 ? Duration.millis(value) : undefined

/** Returns the wait that headers ask for. */
export const retryAfterOf = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const own = headers["retry-after-ms"]
  const exact = own === undefined ? undefined : millis(Number(own.trim() || Number.NaN))
  if (exact !== undefined) return exact
  const header = headers["retry-after"]
  if (header === undefined) return undefined
  const said = Headers.parseRetryAfter(header)
  if (Result.isSuccess(said)) return Headers.retryAfterDelay(said.success, now)
  // fractions are no part of the standard, and sent all the same
  return millis(Number(header.trim() || Number.NaN) * 1000)
}

/** Returns the endpoint's id of a request. */
const requestIdOf = (headers: Headers.Headers): string | undefined =>
  headers["x-request-id"] ?? headers["apim-request-id"] ?? headers["x-ms-request-id"]

const quota = /^(?:insufficient_(?:quota|balance|credits?|funds)|billing_\w+|quota_exceeded_hard|payment_required)$/
const noModel = /^(?:model_not_found|deploymentnotfound|model_not_available|unknown_model)$/i
/** Words of a 404: whatever is not there has to do with the model. */
const aboutModel = /\b(?:models?|deployments?)\b/i
/** Words of a 400: the model itself is not there. */
const namesNoModel =
  /\bmodel\b[\s:]{0,3}(?:name )?["'`]?[\w./:@-]{0,200}["'`]?,? {0,2}(?:(?:was |is )?not (?:found|available)\b|does(?: not|n't) exist\b)|\b(?:invalid|unknown|no such) model\b/i
const flagged = /moderation|flagged|content polic/i

/**
 * The status that an error stands for where the endpoint has sent 200 with it: a
 * code that is a status, or one of OpenAI's own words.
 */
const statusOfCode = ({ code, type }: Said): number => {
  const number = Number(code)
  if (Number.isInteger(number) && number >= 400 && number < 600) return number
  switch (code ?? type) {
    case "rate_limit_exceeded":
      return 429
    case "server_error":
    case "internal_error":
    case "internal_server_error":
    case "overloaded_error":
    case "vector_store_timeout":
      return 500
    case "invalid_api_key":
    case "authentication_error":
      return 401
    default:
      return 400
  }
}

type Kind =
  | typeof E.QuotaExceeded
  | typeof E.UnknownModel
  | typeof E.KeyRefused
  | typeof E.WrongAddress
  | typeof E.BadRequest
  | typeof E.RateLimited
  | typeof E.Overloaded

const kindOf = (status: number, { code, message, param, type }: Said): Kind => {
  if (status === 402 || [code, type].some((each) => each !== undefined && quota.test(each))) return E.QuotaExceeded
  if (code !== undefined && noModel.test(code)) return E.UnknownModel
  const missing = status === 404 ? aboutModel : status === 400 ? namesNoModel : undefined
  if (message !== undefined && missing?.test(message) === true) return E.UnknownModel
  if (status === 401) return E.KeyRefused
  // a gateway that moderates says 403 of single requests
  if (status === 403) return message !== undefined && flagged.test(message) ? E.BadRequest : E.KeyRefused
  // a file or a prompt that is not there is named by its parameter
  if (status === 404) return param === undefined ? E.WrongAddress : E.BadRequest
  if (status < 400 || status === 405 || status === 501) return E.WrongAddress
  if (status === 429) return E.RateLimited
  return status >= 500 || status === 408 || status === 409 || status === 425 ? E.Overloaded : E.BadRequest
}

const adviceOf = (kind: Kind, headers: Headers.Headers): string => {
  switch (kind) {
    case E.KeyRefused:
      return " (check the key of the endpoint)"
    case E.UnknownModel:
      return " (check the model's name, or give the entry another one as model)"
    case E.QuotaExceeded:
      return " (check plan and billing of the account)"
    case E.WrongAddress: {
      const location = headers["location"]
      return location === undefined
        ? " (check baseUrl: it ends before /chat/completions or /responses)"
        : ` (redirects are not followed; it leads to ${location.replace(/[?#].*$/s, "")})`
    }
    default:
      return ""
  }
}

/** A status and what the endpoint says with it. Pages for people repeat the status, which is then not said twice. */
const statusText = (status: number, message: string | undefined): string => {
  const said = status >= 200 && status < 300 ? `an error with status ${status}` : String(status)
  if (message === undefined || message === "") return `${said} without a message`
  return message.startsWith(`${status} `) ? message : `${said}${said.includes(" ") ? ": " : " "}${message}`
}

/** Makes the reason of an answer without success, or of an error inside of an answer with status 200. */
export const readError = ({ headers, now, status, text }: Failed): E.Reason => {
  const json = parseJson(text)
  const whole = saidIn(json) ?? (json === undefined ? { ...silent, message: pageText(text) } : silent)
  const said = { ...whole, message: whole.message === undefined ? undefined : cut(whole.message) }
  const meant = status >= 200 && status < 300 ? statusOfCode(said) : status
  const kind = kindOf(meant, said)
  const retryAfter = retryAfterOf(headers, now)
  const requestId = requestIdOf(headers)
  const fields = {
    message: `${statusText(status, said.message)}${adviceOf(kind, headers)}`,
    status,
    ...(said.code === undefined ? {} : { code: said.code }),
    ...(said.type === undefined ? {} : { type: said.type }),
    ...(said.param === undefined ? {} : { param: said.param }),
    ...(requestId === undefined ? {} : { requestId })
  }
  return kind === E.RateLimited || kind === E.Overloaded
    ? new kind(retryAfter === undefined ? fields : { ...fields, retryAfter })
    : new kind(fields)
}

/** Whether a value of JSON that came with status 200 is an error and no answer. */
export const isError = (value: unknown): boolean => {
  if (Array.isArray(value)) return isError(value[0])
  const error = errorOf(value)
  return (isObject(error) && Object.keys(error).length > 0) || (typeof error === "string" && error !== "")
}

/**
 * The error with which the engine refuses a request.
 */
import * as Data from "effect/Data"

/**
 * A refused request. `status` is the HTTP status of the answer, `code` the API's code of the error, and `param` the place
 * in the request. `detail` says what is wrong, and `advice` what to do about it; `message` is composed of both.
 *
 * @category errors
 * @since 0.1.0
 */
export class Rejection extends Data.TaggedError("Rejection")<{
  readonly status: 400 | 403 | 404 | 409 | 413 | 415 | 503
  readonly code: string | null
  readonly param: string | null
  readonly detail: string
  readonly advice?: string | undefined
}> {
  override get message(): string {
    return this.advice === undefined ? this.detail : `${this.detail} ${this.advice}`
  }
}

/** Status 400: a parameter of the request is wrong. */
export const invalid = (detail: string, param: string | null = null, code: string | null = null): Rejection =>
  new Rejection({ status: 400, code, param, detail })

/** Status 403: the request is not allowed. */
export const forbidden = (detail: string): Rejection =>
  new Rejection({ status: 403, code: "permission_denied", param: null, detail })

/** Status 409: the request contradicts an earlier one. */
export const conflict = (detail: string, code: string): Rejection =>
  new Rejection({ status: 409, code, param: null, detail })

/** Status 413: the request is larger than a limit. */
export const tooLarge = (detail: string, param: string | null = null): Rejection =>
  new Rejection({ status: 413, code: "request_too_large", param, detail })

/** Status 415: the format of the request is not supported. */
export const unsupported = (detail: string): Rejection =>
  new Rejection({ status: 415, code: "unsupported_media_type", param: null, detail })

/** Status 503: the engine is unable to work at present. Any request would fail. */
export const unable = (detail: string): Rejection =>
  new Rejection({ status: 503, code: "engine_unavailable", param: null, detail })

const kinds = [
  ["evalrun_", "a run"],
  ["outputitem_", "an output item"],
  ["eval_", "an eval"],
  ["file-", "a file"]
] as const

const kindOf = (id: string): string | undefined => kinds.find(([prefix]) => id.startsWith(prefix))?.[1]

/**
 * Status 404: there is no such object. The message names the kind of an id that belongs to another object, since ids are
 * easily swapped: openai-node takes the id of the run before that of the eval.
 */
export const notFound = (kind: "eval" | "run" | "output item" | "file", id: string, within = ""): Rejection => {
  const other = kindOf(id)
  const article = kind === "eval" || kind === "output item" ? "an" : "a"
  const swapped = other !== undefined && other !== `${article} ${kind}`
  return new Rejection({
    status: 404,
    code: "not_found",
    param: null,
    detail: `There is no ${kind} ${JSON.stringify(id.slice(0, 200))}${within}.`,
    advice: swapped ? `This is the id of ${other}: were two ids swapped?` : undefined
  })
}

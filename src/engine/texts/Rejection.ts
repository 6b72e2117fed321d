/**
 * Why the engine does not do what a request asks for.
 */
import * as Data from "effect/Data"

/**
 * A request that is refused. `status` is the HTTP status that says so, `code` the
 * API's word for it, `param` the place in the request, and `message` says what is
 * wrong, where, and how to mend it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Rejection extends Data.TaggedError("Rejection")<{
  readonly status: 400 | 403 | 404 | 409 | 413 | 415 | 503
  readonly code: string | null
  readonly param: string | null
  readonly message: string
}> {}

/** The request is wrong, at a place. */
export const invalid = (message: string, param: string | null = null, code: string | null = null): Rejection =>
  new Rejection({ status: 400, code, param, message })

/** What is asked for may not be done. */
export const forbidden = (message: string): Rejection =>
  new Rejection({ status: 403, code: "permission_denied", param: null, message })

/** The request contradicts an earlier one. */
export const conflict = (message: string, code: string): Rejection =>
  new Rejection({ status: 409, code, param: null, message })

/** More than is taken. */
export const tooLarge = (message: string, param: string | null = null): Rejection =>
  new Rejection({ status: 413, code: "request_too_large", param, message })

/** The request comes in a form that is not taken. */
export const unsupported = (message: string): Rejection =>
  new Rejection({ status: 415, code: "unsupported_media_type", param: null, message })

/** The engine cannot do its part at present, whatever the request is. */
export const unable = (message: string): Rejection =>
  new Rejection({ status: 503, code: "engine_unavailable", param: null, message })

const kinds = [
  ["evalrun_", "a run"],
  ["outputitem_", "an output item"],
  ["eval_", "an eval"],
  ["file-", "a file"]
] as const

const kindOf = (id: string): string | undefined => kinds.find(([prefix]) => id.startsWith(prefix))?.[1]

/**
 * There is no such object. An id of another kind is recognised, since ids are
 * easily swapped: openai-node takes the run's before the eval's.
 */
export const notFound = (kind: "eval" | "run" | "output item" | "file", id: string, within = ""): Rejection => {
  const other = kindOf(id)
  const article = kind === "eval" || kind === "output item" ? "an" : "a"
  const hint =
    other === undefined || other === `${article} ${kind}` ? "" : ` This is the id of ${other}: were two ids swapped?`
  return new Rejection({
    status: 404,
    code: "not_found",
    param: null,
    message: `There is no ${kind} ${JSON.stringify(id.slice(0, 200))}${within}.${hint}`
  })
}

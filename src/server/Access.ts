/**
 * Access control of a server.
 */
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as Redacted from "effect/Redacted"
import { isNamed } from "./cors.ts"
import { isLoopback } from "./isLoopback.ts"
import { failure } from "./respond.ts"

/**
 * Options of access control.
 *
 * @category options
 * @since 0.1.0
 */
export interface Access {
  /** The key that each request must send, as a bearer token or in the header `api-key`. Default: no key is required. */
  readonly key?: Redacted.Redacted | undefined
  /**
   * Whether only requests from this machine are answered: the `Host` header must name this machine, and the origin of a
   * web page must be on this machine. A server without a key needs this protection against DNS rebinding.
   */
  readonly loopbackOnly?: boolean | undefined
  /**
   * Origins whose web pages may send requests (CORS), such as `https://app.example`. A `*` is refused. Default: none;
   * with `loopbackOnly`, pages of this machine.
   */
  readonly allowOrigins?: ReadonlyArray<string> | undefined
  /** Whether requests that write are refused. Default false. */
  readonly readOnly?: boolean | undefined
}

// compares in constant time: the duration does not show where the texts differ
const equal = (given: string, key: string): boolean => {
  // an empty environment variable is not a key
  if (key === "") return false
  let difference = given.length ^ key.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ key.charCodeAt(at % key.length)
  return difference === 0
}

const keyOf = (request: HttpServerRequest): string | undefined =>
  /^Bearer +(.*)$/i.exec(request.headers["authorization"] ?? "")?.[1]?.trim() ?? request.headers["api-key"]

const isLoopbackOrigin = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).host)

/** Requests that write nothing although they use `POST`. */
const harmless = /^\/v1\/fine_tuning\/alpha\/graders\/(?:run|validate)(?:\?|$)/

const writes = (request: HttpServerRequest): boolean =>
  request.method !== "GET" && request.method !== "HEAD" && !harmless.test(request.url)

/** Returns the response that refuses a request, or undefined if the request is allowed. */
export const refusal = (access: Access, request: HttpServerRequest): HttpServerResponse | undefined => {
  if (access.loopbackOnly === true) {
    const host = request.headers["host"] ?? ""
    if (!isLoopback(host)) {
      return failure(403, {
        message:
          `A server without a key accepts only requests for names of its own machine; this request is for ` +
          `${JSON.stringify(host.slice(0, 200))}. Use localhost, or start the server with a key (EVALS_SERVER_KEY).`,
        param: null,
        code: "host_not_allowed"
      })
    }
    const origin = request.headers["origin"]
    if (origin !== undefined && !isLoopbackOrigin(origin) && !isNamed(access.allowOrigins ?? [], origin)) {
      return failure(403, {
        message:
          "A server without a key refuses requests of web pages from elsewhere, unless their origin is allowed (--allow-origin).",
        param: null,
        code: "origin_not_allowed"
      })
    }
  }
  if (access.key !== undefined) {
    const given = keyOf(request)
    if (given === undefined || !equal(given, Redacted.value(access.key))) {
      return failure(
        401,
        {
          message:
            given === undefined
              ? 'The request has no key: send it as "Authorization: Bearer …".'
              : "The key of the request is not this server's.",
          param: null,
          code: "invalid_api_key"
        },
        { "www-authenticate": "Bearer" }
      )
    }
  }
  if (access.readOnly === true && writes(request)) {
    return failure(403, {
      message: "This server is read-only. Start it without --read-only to create runs.",
      param: null,
      code: "read_only"
    })
  }
  return undefined
}

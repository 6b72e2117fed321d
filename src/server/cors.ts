/**
 * CORS: web pages of allowed origins may send requests.
 *
 * @internal
 */
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import type { App } from "./Server.ts"

/** Returns why a text is not a valid origin, or undefined. */
export const wrongOrigin = (text: string): string | undefined => {
  if (text === "*") return "A star would let every page in; name each origin, like https://app.example."
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && text.replace(/\/$/, "").toLowerCase() === url.origin
    ? undefined
    : `${JSON.stringify(text)} is no origin: write scheme, host and port without a path, like https://app.example.`
}

/** Returns whether an origin is in the list of allowed origins. */
export const isNamed = (origins: ReadonlyArray<string>, origin: string): boolean =>
  origins.some((named) => wrongOrigin(named) === undefined && new URL(named).origin === origin)

/** The time for which a browser caches the response to a preflight, in seconds. Chromium allows no longer time. */
const maxAge = 7200

/**
 * Responds to preflight requests, which have no key, and lets pages of allowed origins read all responses, errors
 * included. All requested headers are allowed, since clients send many of their own.
 */
export const withCors =
  (origins: ReadonlyArray<string>) =>
  (app: App): App =>
    origins.length === 0
      ? app
      : HttpMiddleware.cors({
          allowedOrigins: (origin) => isNamed(origins, origin),
          allowedMethods: ["GET", "POST", "DELETE"],
          exposedHeaders: [
            "content-disposition",
            "evals-run-events",
            "retry-after",
            "warning",
            "www-authenticate",
            "x-request-id",
            "x-should-retry"
          ],
          maxAge
        })(app)

/**
 * CORS: the web pages of named origins may ask the server.
 *
 * @internal
 */
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import type { App } from "./Server.ts"

/** Returns why a text names no origin, or undefined. */
export const wrongOrigin = (text: string): string | undefined => {
  if (text === "*") return "A star would let every page in; name each origin, like https://app.example."
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && text.replace(/\/$/, "").toLowerCase() === url.origin
    ? undefined
    : `${JSON.stringify(text)} is no origin: write scheme, host and port without a path, like https://app.example.`
}

/** Whether an origin is among those that are named. */
export const isNamed = (origins: ReadonlyArray<string>, origin: string): boolean =>
  origins.some((named) => wrongOrigin(named) === undefined && new URL(named).origin === origin)

/** How long a browser keeps the answer to a preflight, in seconds. Chromium keeps none longer. */
const maxAge = 7200

/**
 * Answers preflights, which bring no key, and lets pages of named origins read the
 * answers, errors included. The headers that a page wants to send are allowed, since
 * clients send many of their own.
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

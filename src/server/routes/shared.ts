/**
 * Shared code of the routes.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type { SqlError } from "effect/sql/SqlError"
import type { EngineOperations } from "../../engine/operations/EngineOperations.ts"
import { invalid, type Rejection } from "../../engine/texts/Rejection.ts"
import { sha256 } from "../../store/Objects.ts"
import type { Caller } from "../../store/Projects.ts"
import type { Limits } from "../Limits.ts"
import { rejected, unavailable } from "../respond.ts"

/** The dependencies of the routes. */
export interface Setting {
  readonly engine: EngineOperations
  readonly limits: Limits
}

/** A request to a handler. */
export interface Call {
  readonly request: HttpServerRequest
  readonly caller: Caller
  /** Returns a parameter of the path. */
  readonly param: (name: string) => string
}

/** Makes a route that responds to errors of its handler. */
export const routes =
  ({ engine }: Setting) =>
  (
    method: "GET" | "POST" | "DELETE",
    path: `/${string}`,
    handler: (call: Call) => Effect.Effect<HttpServerResponse, Rejection | SqlError>
  ) =>
    HttpRouter.route(method, path, (request) =>
      Effect.flatMap(HttpRouter.params, (params) =>
        Effect.flatMap(engine.caller(request.headers["openai-project"]), (caller) =>
          handler({ request, caller, param: (name) => params[name] ?? "" })
        )
      ).pipe(
        Effect.catchTags({
          Rejection: (error) => Effect.succeed(rejected(error)),
          SqlError: unavailable
        })
      )
    )

/** The longest idempotency key, in characters. */
const longestKey = 255

/**
 * Reads how a retried request is recognised: its idempotency key, or the header in which a client says that it is a
 * retry.
 */
export const identity = (
  request: HttpServerRequest
): Effect.Effect<{ readonly key: string | undefined; readonly repeated: boolean }, Rejection> => {
  const key = request.headers["idempotency-key"]
  return key !== undefined && (key === "" || key.length > longestKey)
    ? Effect.fail(
        invalid(`Idempotency-Key: expected 1 to ${longestKey} characters, got ${key.length}`, "Idempotency-Key")
      )
    : Effect.succeed({ key, repeated: Number(request.headers["x-stainless-retry-count"] ?? "0") > 0 })
}

/** Reads the same, with the hash of the body as the content of the request. */
export const identityOf = (request: HttpServerRequest, body: Uint8Array) =>
  Effect.map(identity(request), (known) => ({ ...known, contentSha256: sha256(body) }))

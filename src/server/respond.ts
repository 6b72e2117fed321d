/**
 * Responses: stored JSON, and errors in the format of the API.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { SqlError } from "effect/sql/SqlError"
import type * as Stream from "effect/Stream"
import type { Gone } from "../engine/rows/Lines.ts"
import type { Rejection } from "../engine/texts/Rejection.ts"
import { isDiskFull } from "../store/Sqlite.ts"

type Response = HttpServerResponse.HttpServerResponse

const json = "application/json"

/** Responds with JSON. If a stream fails, the response is aborted, so that the client notices. */
export const ok = (body: string | Stream.Stream<Uint8Array, SqlError | Gone>, status = 200): Response =>
  typeof body === "string"
    ? HttpServerResponse.text(body, { status, contentType: json })
    : HttpServerResponse.stream(body, { status, contentType: json })

interface Envelope {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

const types: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error"
}

/** Responds with an error in the format of the API. */
export const failure = (
  status: number,
  error: Omit<Envelope, "type"> & { readonly type?: string | undefined },
  headers: Readonly<Record<string, string>> = {}
): Response =>
  HttpServerResponse.text(
    JSON.stringify({
      error: {
        message: error.message,
        type: error.type ?? types[status] ?? (status >= 500 ? "server_error" : "invalid_request_error"),
        param: error.param,
        code: error.code
      }
    }),
    { status, contentType: json, headers }
  )

// clients retry a 409 and a 503 by default; a retry of a refused request would be refused again
const notAgain = { "x-should-retry": "false" }

/** Responds to a refused request. */
export const rejected = ({ code, message, param, status }: Rejection): Response =>
  failure(status, { message, param, code }, status === 409 || status === 503 ? notAgain : {})

/**
 * Responds to a request that failed in the database. A full disk has its own message, since the operator can free
 * space.
 */
export const unavailable = (error: SqlError): Effect.Effect<Response> =>
  isDiskFull(error)
    ? Effect.as(
        Effect.logError("the disk of the database is full"),
        failure(
          507,
          {
            message:
              "The disk of the server's database is full. Nothing of this request was stored; " +
              "acknowledged data are safe. Free space and send the request again.",
            param: null,
            code: "disk_full"
          },
          notAgain
        )
      )
    : Effect.as(
        Effect.logError("the database failed", error),
        failure(503, {
          message: "The server's database failed; the log of the server has the reason. Send the request again.",
          param: null,
          code: "database_unavailable"
        })
      )

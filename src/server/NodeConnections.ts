/**
 * Connections of the Node server. Requests that Node rejects before the application sees them get error responses in
 * the format of the API.
 *
 * @internal
 */
import {
  createServer,
  type IncomingMessage,
  maxHeaderSize,
  type Server as HttpServer,
  type ServerResponse
} from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import { failure } from "./respond.ts"
import type { App } from "./Server.ts"

/** Time limits of a connection. */
export interface Timeouts {
  /** The time limit for the headers of a request. */
  readonly head: Duration.Duration
  /** The time limit between two chunks of a request. */
  readonly stall: Duration.Duration
}

const envelope = (message: string): string =>
  JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: null } })

/** Writes a response to a socket and closes it. */
const endWith = (socket: Duplex, status: string, message: string): void => {
  const body = envelope(message)
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\n`
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

const timedOut = "408 Request Timeout"

/** Responds to a request that cannot be parsed, whose headers are too long, or whose headers do not arrive in time. */
const answerClientError =
  ({ head }: Timeouts) =>
  (error: NodeJS.ErrnoException, socket: Duplex): void => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy()
      return
    }
    switch (error.code) {
      case "HPE_HEADER_OVERFLOW":
        return endWith(
          socket,
          "431 Request Header Fields Too Large",
          `The request's path and headers are larger than ${maxHeaderSize} bytes.`
        )
      case "ERR_HTTP_REQUEST_TIMEOUT":
        return endWith(socket, timedOut, `The headers of the request did not arrive within ${Duration.format(head)}.`)
      default:
        return endWith(socket, "400 Bad Request", `The request is not HTTP: ${error.message}.`)
    }
  }

/** The longest timer of Node, in milliseconds. */
const longestTimer = 2 ** 31 - 1

/**
 * Ends requests that stop arriving. Responses have no time limit: the rows of a large file are checked before a run is
 * created.
 */
const cutOffStalled = (server: HttpServer, { stall }: Timeouts): void => {
  server.timeout = Math.min(Duration.toMillis(stall), longestTimer)
  const message = `Nothing more of the request arrived for ${Duration.format(stall)}.`
  // the number of bytes that a connection had received at the end of its last request
  const answered = new WeakMap<Socket, number>()
  const open = new WeakMap<Socket, number>()
  const watch = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    open.set(socket, (open.get(socket) ?? 0) + 1)
    request.on("end", () => answered.set(socket, socket.bytesRead))
    request.on("timeout", () => {
      // a response that has begun can only be aborted
      if (!response.headersSent) endWith(socket, timedOut, message)
      socket.destroySoon()
    })
    // without a listener Node closes an idle connection
    response.on("timeout", () => undefined)
    response.on("close", () => open.set(socket, (open.get(socket) ?? 1) - 1))
  }
  // some clients, such as curl, send `Expect: 100-continue` for a large body; Node then emits no event "request"
  server.on("request", watch).on("checkContinue", watch)
  server.on("timeout", (socket) => {
    if ((open.get(socket) ?? 0) > 0) return
    // the headers of a request have begun to arrive
    if (socket.bytesRead > (answered.get(socket) ?? 0)) endWith(socket, timedOut, message)
    socket.destroySoon()
  })
}

/** Makes a Node server whose own error responses have the format of the API. */
export const makeServer = (timeouts: Timeouts): HttpServer => {
  const head = Math.min(Duration.toMillis(timeouts.head), longestTimer)
  const server = createServer({
    // without the default limit of five minutes: an upload may take longer while it makes progress
    requestTimeout: 0,
    headersTimeout: head,
    connectionsCheckingInterval: Math.min(head, 5000),
    // the error response of Node has no body: `withHost` refuses such requests
    requireHostHeader: false
  })
  server.on("clientError", answerClientError(timeouts))
  server.on("checkExpectation", (request, response) => {
    const expected = JSON.stringify(request.headers.expect)
    const body = envelope(`The request expects ${expected}, which this server does not know; it knows 100-continue.`)
    response
      .writeHead(417, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        connection: "close"
      })
      .end(body)
  })
  server.on("connect", (_, socket) => endWith(socket, "405 Method Not Allowed", "This server is not a proxy."))
  cutOffStalled(server, timeouts)
  return server
}

const wrongHost = (request: { readonly httpVersion: string; readonly rawHeaders: ReadonlyArray<string> }) => {
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length
  if (hosts > 1) return `The request has ${hosts} Host headers; send one.`
  return hosts === 0 && request.httpVersion === "1.1"
    ? "The request has no Host header; HTTP/1.1 needs one."
    : undefined
}

/** Refuses requests without exactly one `Host` header. Proxies may interpret them differently. */
export const withHost = (app: App): App =>
  Effect.flatMap(HttpServerRequest, (request) => {
    const message = wrongHost(NodeHttpServerRequest.toIncomingMessage(request))
    return message === undefined
      ? app
      : Effect.succeed(failure(400, { message, param: null, code: "invalid_host" }, { connection: "close" }))
  })

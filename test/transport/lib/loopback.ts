/** A real HTTP server on loopback for one test, which ends with the test's scope. */
import { Effect, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

/** One request and the means to answer it. */
export interface Exchange {
  /** The number of the request, from 0. */
  readonly index: number
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Path and query as they were sent. */
  readonly url: URL
  /** All bytes of the body; rejects when the client goes away first. */
  readonly body: () => Promise<Buffer<ArrayBuffer>>
  /** The body as a parser of multipart forms reads it. */
  readonly form: () => Promise<FormData>
  /** Reads what is left of the body and answers with JSON. */
  readonly json: (value: unknown, status?: number, headers?: { readonly [name: string]: string }) => Promise<void>
}

/** A server that listens. */
export interface Loopback {
  readonly origin: string
  /** The address that a client is given. */
  readonly baseUrl: string
  /** How many requests came so far. */
  readonly count: () => number
}

const listen = (server: Server): Effect.Effect<AddressInfo> =>
  Effect.callback((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(
        typeof address === "object" && address !== null ? Effect.succeed(address) : Effect.die("the server has no port")
      )
    })
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

const exchangeOf = (request: IncomingMessage, response: ServerResponse, index: number): Exchange => {
  const body = async () => Buffer.from(await buffer(request))
  return {
    index,
    request,
    response,
    url: new URL(request.url ?? "", "http://loopback"),
    body,
    form: async () =>
      new Response(await body(), { headers: { "content-type": request.headers["content-type"] ?? "" } }).formData(),
    json: async (value, status = 200, headers = {}) => {
      if (!request.readableEnded) await buffer(request)
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value))
    }
  }
}

/** Starts a server. A handler that fails cuts the connection, so that the client is told. */
export const serve = (
  handle: (exchange: Exchange) => Promise<void> | void
): Effect.Effect<Loopback, never, Scope.Scope> =>
  Effect.gen(function* () {
    let count = 0
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer((request, response) => {
          Promise.resolve(handle(exchangeOf(request, response, count++))).catch(() => response.destroy())
        })
      ),
      close
    )
    const { port } = yield* listen(server)
    const origin = `http://127.0.0.1:${port}`
    return { origin, baseUrl: `${origin}/v1`, count: () => count }
  })

/** A loopback address where nobody listens. */
export const nobody: Effect.Effect<string> = Effect.scoped(
  Effect.map(
    serve(() => {}),
    ({ baseUrl }) => baseUrl
  )
)

/** A promise and its resolver: what a server has seen, told to the test. */
export const signal = <A = void>() => Promise.withResolvers<A>()

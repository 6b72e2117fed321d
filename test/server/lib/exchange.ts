/** Requests as `node:http` and plain sockets send them: with headers, bodies and ends that `fetch` does not let through. */
import { Effect } from "effect"
import { type ClientRequest, type IncomingHttpHeaders, request as httpRequest, type RequestOptions } from "node:http"
import { connect } from "node:net"
import { Served } from "./served.ts"

/** An answer, with its body as text, and as JSON where it is that. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: unknown
}

/** JSON, or undefined. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends a request; `write` sends its body. */
export const exchange = (
  options: RequestOptions,
  write: (request: ClientRequest) => void = (request) => request.end()
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", reject)
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
      })
    })
    request.on("error", reject)
    write(request)
  })

/** Where the server of the context listens. */
export const port: Effect.Effect<number, never, Served> = Served.useSync(({ url }) => Number(new URL(url).port))

/** A request to the server of the context, with any headers, and its body in one piece or in several chunks. */
export const ask = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | ReadonlyArray<string>
): Effect.Effect<Answer, never, Served> =>
  Effect.flatMap(port, (listening) =>
    Effect.promise(() =>
      exchange({ port: listening, method, path: `/v1${path}`, headers }, (request) => {
        if (typeof body === "object") for (const chunk of body) request.write(chunk)
        request.end(typeof body === "string" ? body : undefined)
      })
    )
  )

/** Sends bytes to a port and gives what comes back until the connection ends. */
export const converse = (listening: number, sent: string): Promise<string> =>
  new Promise((resolve) => {
    const received: Array<Buffer> = []
    const socket = connect(listening, "127.0.0.1", () => socket.write(Buffer.from(sent, "latin1")))
    socket.on("data", (chunk) => received.push(chunk))
    // a connection that is reset has ended too
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(Buffer.concat(received).toString("latin1")))
  })

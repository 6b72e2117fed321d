/** Hosts on a socket that give few answers. */
import { Effect, type Scope } from "effect"
import { createServer } from "node:http"

/** An answer. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Starts a host, which ends with the scope and answers by the path that is asked for; the value is its port. */
export const answeringBy = (answerOf: (path: string) => Answer): Effect.Effect<number, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((request, response) => {
          const { body, headers = {}, status } = answerOf(new URL(request.url ?? "/", "http://host").pathname)
          response.writeHead(status, headers).end(body)
        })
        await new Promise<void>((resume) => {
          server.listen(0, "127.0.0.1", resume)
        })
        return server
      }),
      (server) =>
        Effect.promise(
          () =>
            new Promise<void>((resume) => {
              server.closeAllConnections()
              server.close(() => resume())
            })
        )
    ),
    (server) => {
      const address = server.address()
      return typeof address === "object" && address !== null ? address.port : 0
    }
  )

/** Starts a host that gives one answer to everything; the value is the address of its API. */
export const answering = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {}
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    answeringBy(() => ({ status, body, headers })),
    (port) => `http://127.0.0.1:${port}/v1`
  )

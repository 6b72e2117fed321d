/** A host on a socket that gives one answer to everything. */
import { Effect, type Scope } from "effect"
import { createServer } from "node:http"

/** Starts a host, which ends with the scope; the value is the address of its API. */
export const answering = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {}
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((_, response) => {
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
      return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`
    }
  )

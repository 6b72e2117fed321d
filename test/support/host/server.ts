/**
 * The host on a socket. `POST /control` takes another behaviour, `GET /stats`
 * tells what was asked.
 */
import { createServer, type Server, type ServerResponse } from "node:http"
import { setTimeout } from "node:timers/promises"
import { text as read } from "node:stream/consumers"
import { type Behaviour, type Host, make, type Reply } from "./host.ts"
import type { Shape } from "./project.ts"

const send = async (response: ServerResponse, reply: Reply): Promise<void> => {
  if (reply.delay > 0) await setTimeout(reply.delay)
  if (reply.lostAfter === 0) {
    response.destroy()
    return
  }
  response.writeHead(reply.status, { ...reply.headers })
  let left = reply.lostAfter ?? Number.POSITIVE_INFINITY
  for (const piece of reply.body) {
    const part = piece.subarray(0, left)
    left -= part.length
    const flows = response.write(part)
    if (left <= 0) {
      // what was written must leave before the connection is cut, or the client sees no beginning
      await setTimeout(1)
      response.destroy()
      return
    }
    if (!flows && !response.destroyed) {
      await new Promise<void>((resume) => {
        const goOn = () => {
          response.off("drain", goOn).off("close", goOn)
          resume()
        }
        response.once("drain", goOn).once("close", goOn)
      })
    }
    if (response.destroyed) return
  }
  response.end()
}

/** Puts a host on a socket; `projects` are told apart by the key, which is the project's name. */
export const serve = async (
  projects: { readonly [key: string]: Host },
  listening: (port: number) => void
): Promise<Server> => {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://host")
    const key = request.headers.authorization?.replace("Bearer ", "") ?? "default"
    const host = projects[key]
    if (host === undefined) {
      response
        .writeHead(401, { "content-type": "application/json" })
        .end('{"error":{"message":"Incorrect API key provided."}}')
    } else if (url.pathname === "/control") {
      const behaviour: Behaviour = JSON.parse(await read(request))
      host.behave(behaviour)
      response.end()
    } else if (url.pathname === "/stats") {
      response.end(JSON.stringify(host.stats))
    } else {
      await send(
        response,
        host.reply({ path: url.pathname.replace(/^\/v1/, ""), query: url.searchParams, now: Date.now() })
      )
    }
  })
  await new Promise<void>((resume) => {
    server.listen(0, "127.0.0.1", resume)
  })
  const address = server.address()
  if (typeof address === "object" && address !== null) listening(address.port)
  return server
}

// as a program: `node server.ts '{"default":[SHAPE, BEHAVIOUR]}'`
if (import.meta.main) {
  const projects: { readonly [key: string]: readonly [Shape, Behaviour] } = JSON.parse(process.argv[2] ?? "{}")
  const hosts = Object.fromEntries(
    Object.entries(projects).map(([key, [shape, behaviour]]) => [key, make(shape, behaviour)] as const)
  )
  await serve(hosts, (port) => {
    console.log(`listening on http://127.0.0.1:${port}/v1`)
    process.send?.(port)
  })
}

/** 20,000 requests over a socket, most of them wrong: none is answered 500, and the server goes on. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { Agent } from "node:http"
import { converse, exchange } from "./lib/exchange.ts"
import { bombard, type Found, makeIds, type Sender } from "./lib/judging.ts"
import { requests, routes } from "./lib/mutations.ts"

const rounds = 20
const perRound = 1000
const atOnce = 16

/** HTTP that is none, or lies about itself: its end is awaited, and what came back by then. */
const broken = (host: string): ReadonlyArray<string> => {
  const post = `POST /v1/evals HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`
  return [
    "hello\r\n\r\n",
    "\u0016\u0003\u0001\u0002\u0000\u0001",
    `GET /v1/evals HTTP/1.1\r\n\r\n`,
    `GET /v1/evals HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
    `GET /v1/\u00e9 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /v1/a b HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET ${"/x".repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `BREW /v1/evals HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET http://evil.example/v1/evals HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    `GET /v1/evals HTTP/1.1\r\nHost: ${host}\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    `GET /v1/evals HTTP/1.1\r\nHost: ${host}\r\nX: a\u0000b\r\n\r\n`,
    `${post}Content-Length: -1\r\n\r\n{}`,
    `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    `${post}Content-Length: 1\r\nConnection: close\r\n\r\n{}`,
    `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`,
    `${post}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${post}Expect: nonsense\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
    `${post}Content-Length: 99999999999999999999\r\n\r\n{}`
  ]
}

it.live("a server answers 20,000 requests of all kinds, never with 500, and keeps working", () =>
  Effect.gen(function* () {
    const { url } = yield* NodeServer.start({ port: 0 })
    const host = new URL(url).host
    const port = Number(new URL(url).port)
    const agent = yield* Effect.acquireRelease(
      Effect.sync(() => new Agent({ keepAlive: true, maxSockets: atOnce })),
      (made) => Effect.sync(() => made.destroy())
    )
    const send: Sender = async ({ body, chunked, headers, method, path }) => {
      // said also where Node's client sends a body without saying how long it is: what follows it would be no HTTP
      const frame =
        body === undefined
          ? {}
          : chunked
            ? { "transfer-encoding": "chunked" }
            : { "content-length": String(body.length) }
      const answer = await exchange({ port, agent, method, path, headers: { ...headers, ...frame } }, (request) => {
        if (body !== undefined && chunked) {
          request.write(body.subarray(0, body.length / 2))
          request.write(body.subarray(body.length / 2))
          request.end()
        } else request.end(body)
      })
      return { ...answer, type: answer.headers["content-type"] ?? "" }
    }
    const found: Found = { faults: [], classes: new Map(), byRoute: new Map() }
    for (let round = 0; round < rounds; round++) {
      yield* Effect.promise(async () => {
        const next = requests(round, await makeIds(send))
        await bombard(send, next, perRound, atOnce, found)
        for (const sent of broken(host)) {
          const answer = await converse(port, sent)
          if (/^HTTP\/1\.1 (?:[235]\d\d)/.test(answer)) found.faults.push(`${answer} <- ${sent.slice(0, 200)}`)
        }
        const healthy = await fetch(`${url}/evals?limit=1`)
        if (healthy.status !== 200) found.faults.push(`not healthy after ${round + 1} rounds: ${healthy.status}`)
        await healthy.text()
      })
    }
    assert.deepStrictEqual(found.faults.slice(0, 20), [])
    // the requests are not all wrong in the first thing that is looked at
    const total = [...found.classes.values()].reduce((sum, count) => sum + count, 0)
    assert.strictEqual(total, rounds * perRound)
    assert.isAbove(found.classes.get(2) ?? 0, total / 5)
    assert.isAbove(found.classes.get(4) ?? 0, total / 3)
    for (const route of routes) assert.includeMembers([...(found.byRoute.get(route) ?? [])], [2, 4], route)
  }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(EvalsEngine.layerMemory, Logger.layer([]))))
)

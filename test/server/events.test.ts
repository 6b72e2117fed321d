/** The changes of a run as a server tells them, and our client that listens (see also Waiting.events.test.ts). */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { EvalId, EvalsClient, type Run, RunId, watchRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import * as Executor from "../../src/engine/runs/Executor.ts"
import { at, definition, evaluated, laborious, over, row } from "../behaviour/lib/engine.ts"
import { ask } from "./lib/exchange.ts"
import { database, engine, until } from "./lib/parts.ts"
import { layer as served, layerClient, post, Served } from "./lib/served.ts"
import { listen, listenAt, type Told } from "./lib/told.ts"

const idOf = ({ json }: { readonly json: unknown }): string => String(at(json, "id"))

/** A run of so many rows, of an eval of its own. It takes some milliseconds for each. */
const startedOver = (rows: number) =>
  Effect.gen(function* () {
    const evalId = idOf(yield* post("/evals", definition(laborious(3000))))
    const content = Array.from({ length: rows }, (_, index) => row(true, { index }))
    const runId = idOf(yield* post(`/evals/${evalId}/runs`, over(content)))
    return { evalId, runId, path: `/evals/${evalId}/runs/${runId}` }
  })

/** A run that goes on for a second or so. */
const some = 500
const started = startedOver(some)

/** A run that no test waits for. */
const endless = startedOver(6000)

/** Our client of a server, and what it asks for. */
const counting = (url: string) => {
  const asked: Array<string> = []
  const counted = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.tapRequest((request) => Effect.sync(() => asked.push(`${request.method} ${request.url}`)))
    )
  ).pipe(Layer.provide(FetchHttpClient.layer))
  return { asked, layer: EvalsClient.layer({ baseUrl: url }).pipe(Layer.provide(counted)) }
}

/** An address that stays, in front of a server that is replaced by another. It ends with the scope. */
const relay = (to: string) =>
  Effect.gen(function* () {
    let url = to
    const sockets = new Set<Socket>()
    const joined = (socket: Socket, other: Socket) => {
      sockets.add(socket)
      // whichever ends, or fails, takes the other with it
      socket
        .on("error", () => undefined)
        .on("close", () => {
          sockets.delete(socket)
          other.destroySoon()
        })
      socket.pipe(other)
    }
    const server = createServer((socket) => {
      const other = connect(Number(new URL(url).port), "127.0.0.1")
      joined(socket, other)
      joined(other, socket)
    })
    yield* Effect.acquireRelease(
      Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
      () =>
        Effect.promise(() => {
          for (const socket of sockets) socket.destroy()
          return new Promise<void>((resolve) => server.close(() => resolve()))
        })
    )
    const address = server.address()
    const port = typeof address === "object" ? address?.port : undefined
    return {
      url: `http://127.0.0.1:${port}/v1`,
      divert: (next: string) => {
        url = next
      }
    }
  })

const ended = (told: Told) =>
  until(
    Effect.sync(() => told.end),
    (end) => end !== undefined
  )

const progressed = (told: Told) =>
  until(
    Effect.sync(() => told.runs),
    (runs) => runs.some((run) => Number(at(run, "result_counts", "total")) > 0)
  )

const statuses = (told: Told) => told.runs.map((run) => at(run, "status"))

layer(Layer.provideMerge(layerClient, served()), { excludeTestServices: true })("the events of a run", (it) => {
  it.effect("begin with the current run, continue with each change, and end with the run", () =>
    Effect.gen(function* () {
      const { path, runId } = yield* started
      const told = yield* listenAt(`${path}/events`)
      assert.strictEqual(told.status, 200)
      assert.strictEqual(told.headers.get("content-type"), "text/event-stream")
      assert.strictEqual(told.headers.get("cache-control"), "no-cache")
      assert.strictEqual(yield* ended(told), "whole")
      const totals = told.runs.map((run) => Number(at(run, "result_counts", "total")))
      assert.deepStrictEqual(
        totals,
        totals.toSorted((a, b) => a - b)
      )
      assert.isAbove(new Set(totals).size, 2)
      assert.strictEqual(totals.at(-1), some)
      assert.match(statuses(told).join(" "), /^(queued |in_progress )+completed$/)
      for (const run of told.runs) {
        assert.strictEqual(at(run, "id"), runId)
        // the rows that the request brought are not told again and again
        assert.deepStrictEqual(at(run, "data_source", "source"), { type: "file_content", content: [] })
      }
      const again = yield* listenAt(`${path}/events`)
      assert.strictEqual(yield* ended(again), "whole")
      assert.deepStrictEqual(again.runs, told.runs.slice(-1))
    })
  )

  it.effect("end when the run is canceled or deleted, or its eval is deleted", () =>
    Effect.gen(function* () {
      const canceled = yield* endless
      const first = yield* listenAt(`${canceled.path}/events`)
      yield* progressed(first)
      yield* ask("POST", `${canceled.path}/cancel`)
      assert.strictEqual(yield* ended(first), "whole")
      assert.strictEqual(statuses(first).at(-1), "canceled")
      for (const gone of ["run", "eval"] as const) {
        const { evalId, path } = yield* endless
        const told = yield* listenAt(`${path}/events`)
        yield* progressed(told)
        yield* ask("DELETE", gone === "run" ? path : `/evals/${evalId}`)
        assert.strictEqual(yield* ended(told), "whole")
        assert.deepStrictEqual([...new Set(statuses(told))].slice(-1), ["in_progress"])
      }
    })
  )

  it.effect("are sent to several listeners; a listener that disconnects does not affect the others", () =>
    Effect.gen(function* () {
      const { path } = yield* started
      const [one, two, three] = yield* Effect.all([
        listenAt(`${path}/events`),
        listenAt(`${path}/events`),
        listenAt(`${path}/events`)
      ])
      yield* progressed(one)
      two.stop()
      assert.strictEqual(yield* ended(two), "broken")
      assert.deepStrictEqual([yield* ended(one), yield* ended(three)], ["whole", "whole"])
      assert.deepStrictEqual(one.runs.at(-1), three.runs.at(-1))
      assert.strictEqual(statuses(one).at(-1), "completed")
    })
  )

  it.effect("are announced on every response with a run, and on no other", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      const runs = `/evals/${evalId}/runs`
      const path = `${runs}/${run.id}`
      const header = (answer: { readonly headers: Readonly<Record<string, unknown>> }) =>
        answer.headers["evals-run-events"]
      const body = JSON.stringify(over([row(true)]))
      const json = { "content-type": "application/json" }
      for (const answer of [
        yield* ask("POST", runs, json, body),
        yield* ask("GET", path),
        yield* ask("POST", `${path}/cancel`),
        yield* ask("POST", path)
      ]) {
        assert.strictEqual(header(answer), "text/event-stream")
      }
      for (const answer of [
        yield* ask("GET", runs),
        yield* ask("GET", `/evals/${evalId}`),
        yield* ask("GET", `${path}/output_items`),
        yield* ask("GET", `${path}/events`),
        yield* ask("GET", `${runs}/none`),
        yield* ask("POST", runs, json, "{}"),
        yield* ask("DELETE", path)
      ]) {
        assert.isUndefined(header(answer))
      }
    })
  )

  it.effect("are used by the client: it sends two requests, however long the run takes", () =>
    Effect.gen(function* () {
      const { evalId, path, runId } = yield* started
      const { url } = yield* Served
      const { asked, layer } = counting(url)
      const seen = yield* Effect.provide(Stream.runCollect(watchRun(EvalId.make(evalId), RunId.make(runId))), layer, {
        local: true
      })
      assert.deepStrictEqual(asked, [`GET ${path}`, `GET ${path}/events`])
      assert.isAbove(seen.length, 2)
      assert.strictEqual(seen.at(-1)?.status, "completed")
      assert.strictEqual(seen.at(-1)?.result_counts.total, some)
      // the rows, which no event brings, are those of the first answer
      const [first] = seen
      assert.strictEqual(at(first, "data_source", "source", "content", "length"), some)
      assert.strictEqual(seen.at(-1)?.data_source, first?.data_source)
    })
  )
})

// an executor that leaves its runs as they are
const idle = Executor.layerNone

describe("a server that stops", () => {
  it.live("ends the event streams of unfinished runs, and does not wait for them", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      // whoever was waited for would be waited for an hour
      const { url } = yield* Scope.provide(NodeServer.start({ port: 0, gracePeriod: "1 hour" }), scope)
      const created = yield* Effect.promise(async () => {
        const json = async (path: string, body: unknown): Promise<unknown> =>
          (
            await fetch(`${url}${path}`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify(body)
            })
          ).json()
        const evalId = String(at(await json("/evals", definition()), "id"))
        const runs = `/evals/${evalId}/runs`
        return `${runs}/${String(at(await json(runs, over([row(true)])), "id"))}`
      })
      const told = yield* Effect.all([1, 2, 3].map(() => listen(`${url}${created}/events`)))
      yield* Effect.all(
        told.map((one) =>
          until(
            Effect.sync(() => one.runs.length),
            (runs) => runs === 1
          )
        )
      )
      yield* Scope.close(scope, Exit.void)
      for (const one of told) {
        assert.strictEqual(yield* ended(one), "whole")
        assert.deepStrictEqual(statuses(one), ["queued"])
      }
      const refused = yield* Effect.exit(Effect.tryPromise(() => fetch(`${url}/evals`)))
      assert.isTrue(Exit.isFailure(refused))
    }).pipe(Effect.provide(engine(idle).pipe(Layer.provide(database(":memory:")))))
  )

  it.live("interrupts open requests after the grace period", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { url } = yield* Scope.provide(NodeServer.start({ port: 0, gracePeriod: "50 millis" }), scope)
      const socket = yield* Effect.sync(() => connect(Number(new URL(url).port), "127.0.0.1"))
      let told = ""
      const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()))
      socket.on("error", () => undefined)
      socket.on("data", (data) => (told += data.toString()))
      socket.write("POST /v1/evals HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
      yield* Effect.promise(() => fetch(`${url}/evals`).then((answer) => answer.text()))
      yield* Scope.close(scope, Exit.void)
      yield* Effect.promise(() => closed)
      assert.match(told, /^HTTP\/1\.1 503 [^]*\r\nx-request-id: req_[^]*"code":"server_stopping"/)
    }).pipe(Effect.provide(EvalsEngine.layerMemory))
  )

  it.live("is retried by the client, which gets the remaining events from the next server", () =>
    Effect.gen(function* () {
      const first = yield* Scope.make()
      const one = yield* Scope.provide(NodeServer.start({ port: 0 }), first)
      const { divert, url } = yield* relay(one.url)
      const { evalId, path, runId } = yield* Effect.provideService(endless, Served, one)
      const { asked, layer } = counting(url)
      const seen: Array<Run.Run> = []
      const watching = yield* watchRun(EvalId.make(evalId), RunId.make(runId), {
        schedule: Schedule.spaced("20 millis")
      }).pipe(
        Stream.runForEach((run) => Effect.sync(() => seen.push(run))),
        Effect.provide(layer, { local: true }),
        Effect.forkChild
      )
      const told = (runs: number) =>
        until(
          Effect.sync(() => seen.length),
          (length) => length >= runs
        )
      // the first was asked for
      yield* told(2)
      yield* Scope.close(first, Exit.void)
      const before = seen.length
      const next = yield* NodeServer.start({ port: 0 })
      divert(next.url)
      yield* told(before + 2)
      yield* Effect.provideService(ask("POST", `${path}/cancel`), Served, next)
      yield* Fiber.join(watching)
      assert.strictEqual(seen.at(-1)?.status, "canceled")
      assert.strictEqual(asked.at(-1), `GET ${path}/events`)
      assert.isAbove(asked.length, 3)
      assert.deepStrictEqual(asked.slice(0, 2), [`GET ${path}`, `GET ${path}/events`])
    }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory))
  )
})

/** The command behind a proxy. */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { listEvalsPage } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { createServer, type IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { fromEnvironment } from "../../src/cli/host.ts"
import { command } from "./lib/command.ts"

const page = JSON.stringify(WireBuilder.page([WireBuilder.evaluation({ name: "behind" })]))

/** A proxy that answers for hosts that do not exist, and notes what it was asked for. */
const proxy = (password?: string) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const admitted = (request: IncomingMessage) =>
      password === undefined ||
      request.headers["proxy-authorization"] === `Basic ${Buffer.from(`me:${password}`).toString("base64")}`
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer((request, response) => {
          asked.push(`${request.method} ${request.url}`)
          if (admitted(request)) response.writeHead(200, { "content-type": "application/json" }).end(page)
          else response.writeHead(407).end()
        }).on("connect", (request: IncomingMessage, socket: Duplex) => {
          asked.push(`CONNECT ${request.url}`)
          socket.end(`HTTP/1.1 ${admitted(request) ? "502 No Such Host" : "407 Who Are You"}\r\n\r\n`)
        })
      ),
      (running) =>
        Effect.callback<void>((resume) => {
          running.close(() => resume(Effect.void))
          running.closeAllConnections()
        })
    )
    yield* Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    })
    const address = server.address()
    return { asked, port: typeof address === "object" && address !== null ? address.port : 0 }
  })

/** Asks a host for a page of evals as a command does, without a process of its own. */
const list = (baseUrl: string, env: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const host = yield* fromEnvironment({ baseUrl })
    const page = yield* Effect.provide(listEvalsPage({}, { retry: false }), host.layer)
    return page.data.map(({ name }) => name).join()
  }).pipe(
    Effect.match({
      onFailure: ({ message }) => ({ failed: true, text: message }),
      onSuccess: (text) => ({ failed: false, text })
    }),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { OPENAI_API_KEY: "sk-proxied", ...env } })))
  )

const elsewhere = "http://evals.example.invalid/v1"

describe("a command behind a proxy", () => {
  it.live.each(["HTTP_PROXY", "http_proxy"])("sends its requests through %s", (name) =>
    Effect.gen(function* () {
      const { asked, port } = yield* proxy()
      assert.deepStrictEqual(yield* list(elsewhere, { [name]: `http://127.0.0.1:${port}` }), {
        failed: false,
        text: "behind"
      })
      assert.lengthOf(asked, 1)
      assert.match(asked[0] ?? "", /^GET http:\/\/evals\.example\.invalid\/v1\/evals$/)
    })
  )

  it.live("works as a process, for archive and for --base-url", () =>
    Effect.gen(function* () {
      const { asked, port } = yield* proxy()
      const env = { OPENAI_API_KEY: "sk-proxied", HTTP_PROXY: `127.0.0.1:${port}` }
      const listed = yield* command(["list", "--base-url", elsewhere], env)
      assert.deepStrictEqual([listed.code, asked.length], [0, 1])
      assert.include(listed.stdout, "behind")
      yield* command(["archive", "--db", "unused.db", "--dry-run", "--base-url", elsewhere], env)
      assert.match(asked[1] ?? "", /^GET http:\/\/evals\.example\.invalid\/v1\/evals\?/)
    })
  )

  it.live.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])("opens a tunnel through %s to a host with TLS", (name) =>
    Effect.gen(function* () {
      const { asked, port } = yield* proxy()
      const { failed, text } = yield* list("https://evals.example.invalid/v1", { [name]: `http://127.0.0.1:${port}` })
      assert.isTrue(failed)
      assert.strictEqual(asked[0], "CONNECT evals.example.invalid:443")
      assert.include(text, `${name} names the proxy http://127.0.0.1:${port}`)
    })
  )

  it.live("sends the password of the proxy to the proxy, and never prints it", () =>
    Effect.gen(function* () {
      const { port } = yield* proxy("canary")
      const admitted = yield* list(elsewhere, { HTTP_PROXY: `http://me:canary@127.0.0.1:${port}` })
      assert.isFalse(admitted.failed)
      const refused = yield* list(elsewhere, { HTTP_PROXY: `http://me:canary2@127.0.0.1:${port}` })
      assert.include(refused.text, "wants a user name and password: write HTTP_PROXY like http://USER:PASSWORD@")
      const wrong = yield* list(elsewhere, { HTTP_PROXY: "http://me:canary@" })
      assert.match(wrong.text, /HTTP_PROXY is no address of an HTTP proxy: write it like http:\/\/proxy\.example:8080/)
      for (const { text } of [admitted, refused, wrong]) assert.notInclude(text, "canary")
    })
  )
})

describe("a command that needs no proxy", () => {
  it.live.each([
    ["NO_PROXY names the host", elsewhere, { NO_PROXY: "other.example,example.invalid" }],
    ["no_proxy names the host", elsewhere, { no_proxy: ".example.invalid" }],
    ["NO_PROXY names all hosts", elsewhere, { NO_PROXY: "*" }],
    ["NODE_USE_ENV_PROXY=0 switches proxies off", elsewhere, { NODE_USE_ENV_PROXY: "0" }],
    ["the host is this machine", "http://127.0.0.1:9/v1", {}],
    ["the host is this machine by its name", "http://localhost:9/v1", {}]
  ] as const)("goes straight to the host where %s", ([, baseUrl, env]) =>
    Effect.gen(function* () {
      const { asked, port } = yield* proxy()
      const { failed } = yield* list(baseUrl, { HTTP_PROXY: `http://127.0.0.1:${port}`, ...env })
      assert.deepStrictEqual([failed, asked], [true, []])
    })
  )

  it.live("reaches this machine through a proxy if NODE_USE_ENV_PROXY is 1", () =>
    Effect.gen(function* () {
      const { asked, port } = yield* proxy()
      const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, NODE_USE_ENV_PROXY: "1" }
      const { failed } = yield* list("http://127.0.0.1:9/v1", env)
      assert.deepStrictEqual([failed, asked.length], [false, 1])
    })
  )
})

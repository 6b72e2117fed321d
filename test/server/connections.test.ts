/** Answers to requests that never reach the application: in the envelope of the API, like all others. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { connect } from "node:net"
import { at } from "../behaviour/lib/engine.ts"
import { layerMemory } from "./lib/parts.ts"
import { ask, converse, parsed, port } from "./lib/exchange.ts"
import { layerServed } from "./lib/served.ts"

/** The status, the type of the error and its message. */
const said = (answer: string) => {
  const [head = "", body = ""] = answer.split("\r\n\r\n")
  const json = parsed(body)
  return {
    status: head.split("\r\n")[0],
    type: at(json, "error", "type"),
    message: String(at(json, "error", "message"))
  }
}

const talk = (text: string) => Effect.flatMap(port, (listening) => Effect.promise(() => converse(listening, text)))

const served = Layer.provideMerge(layerServed({ stallTimeout: "400 millis", headersTimeout: "1 second" }), layerMemory)

layer(served, { excludeTestServices: true })("a server", (it) => {
  it.effect.each([
    [
      "with two Host headers",
      "Host: localhost\r\nHost: evil.example\r\n",
      "400 Bad Request",
      "The request has 2 Host headers; send one."
    ],
    [
      "with the same Host header twice",
      "Host: localhost\r\nhost: localhost\r\n",
      "400 Bad Request",
      "The request has 2 Host headers; send one."
    ],
    ["without a Host header", "", "400 Bad Request", "The request has no Host header; HTTP/1.1 needs one."],
    [
      "that expects what nobody knows",
      "Host: localhost\r\nExpect: tea\r\n",
      "417 Expectation Failed",
      'The request expects "tea", which this server does not know; it knows 100-continue.'
    ]
  ] as const)("refuses a request %s", ([, headers, status, message]) =>
    Effect.gen(function* () {
      const answer = yield* talk(`GET /v1/evals HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
      assert.deepStrictEqual(said(answer), { status: `HTTP/1.1 ${status}`, type: "invalid_request_error", message })
      assert.match(answer, /content-type: application\/json/i)
    })
  )

  it.effect("refuses to act as a proxy", () =>
    Effect.gen(function* () {
      const answer = yield* talk("CONNECT evals.example:443 HTTP/1.1\r\nHost: evals.example:443\r\n\r\n")
      assert.strictEqual(said(answer).status, "HTTP/1.1 405 Method Not Allowed")
      assert.strictEqual(said(answer).message, "This server is not a proxy.")
    })
  )

  it.effect("answers 408 if the headers of a request arrive too slowly", () =>
    Effect.gen(function* () {
      const listening = yield* port
      const answer = yield* Effect.promise(
        () =>
          new Promise<string>((resolve) => {
            let text = ""
            const socket = connect(listening, "127.0.0.1", () =>
              socket.write("GET /v1/evals HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            )
            const drip = setInterval(() => socket.write("x"), 50)
            socket.on("data", (data) => (text += data.toString()))
            socket.on("error", () => undefined)
            socket.on("close", () => {
              clearInterval(drip)
              resolve(text)
            })
          })
      )
      assert.deepStrictEqual(said(answer), {
        status: "HTTP/1.1 408 Request Timeout",
        type: "invalid_request_error",
        message: "The headers of the request did not arrive within 1s."
      })
    })
  )

  it.effect("answers 408 if headers stop arriving, and closes silently if no request has begun", () =>
    Effect.gen(function* () {
      const stopped = yield* talk("GET /v1/evals HTTP/1.1\r\nHost: loc")
      assert.strictEqual(said(stopped).status, "HTTP/1.1 408 Request Timeout")
      assert.strictEqual(said(stopped).message, "Nothing more of the request arrived for 400ms.")
      assert.strictEqual(yield* talk(""), "")
      const second = yield* talk("GET /v1/evals HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/ev")
      assert.match(second, /^HTTP\/1\.1 200 OK[^]*HTTP\/1\.1 408 Request Timeout/)
    })
  )

  it.effect("answers HTTP/1.0 without a Host header by its own rules", () =>
    Effect.gen(function* () {
      const answer = yield* talk("GET /v1/evals HTTP/1.0\r\n\r\n")
      assert.strictEqual(said(answer).status, "HTTP/1.1 403 Forbidden")
      assert.strictEqual((yield* ask("GET", "/evals")).status, 200)
    })
  )
})

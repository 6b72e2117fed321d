/** Size limits of requests, to the byte. Larger or broken requests leave no data behind. */
import { assert, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { NodeServer } from "effect-evals/server"
import { connect } from "node:net"
import { setTimeout } from "node:timers/promises"
import * as Executor from "../../src/engine/runs/Executor.ts"
import { at, definition, label, over, row } from "../behaviour/lib/engine.ts"
import { ask, exchange, port } from "./lib/exchange.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"
import { count, database, engine, layerMemory, until } from "./lib/parts.ts"
import { layerServed } from "./lib/served.ts"
import { listenAt } from "./lib/told.ts"

const mebibyte = 1024 * 1024

const served = (options: NodeServer.Options = {}) => Layer.provideMerge(layerServed(options), layerMemory)

const json = { "content-type": "application/json" }

/** JSON that is so many bytes long. */
const padded = (value: unknown, bytes: number): string => JSON.stringify(value).padEnd(bytes, " ")

const withLength = (text: string) => ({ ...json, "content-length": String(Buffer.byteLength(text)) })

const refusal = (answer: { readonly status: number; readonly json: unknown }) => [
  answer.status,
  at(answer.json, "error", "code"),
  at(answer.json, "error", "message")
]

layer(served({ limits: { body: 1000, rows: 3000, file: 2 * mebibyte } }))("a server with limits", (it) => {
  const grader = { grader: label, model_sample: "yes", item: { label: "yes" } }
  const tooLarge = (limit: string, advice: string) => [
    413,
    "request_too_large",
    `The request's body is larger than the limit of ${limit}. ${advice}`
  ]

  for (const [what, path, value, status, advice] of [
    ["the definition of an eval", "/evals", definition(), 201, "Definitions of evals may be 1000 bytes large."],
    ["a grader", "/fine_tuning/alpha/graders/run", grader, 200, "A grader with its sample may be 1000 bytes large."],
    [
      "a grader to be validated",
      "/fine_tuning/alpha/graders/validate",
      { grader: label },
      200,
      "A grader with its sample may be 1000 bytes large."
    ]
  ] as const) {
    it.effect(`accepts ${what} of exactly the limit, and not one byte more`, () =>
      Effect.gen(function* () {
        const just = padded(value, 1000)
        const more = padded(value, 1001)
        assert.strictEqual((yield* ask("POST", path, withLength(just), just)).status, status)
        assert.deepStrictEqual(
          refusal(yield* ask("POST", path, withLength(more), more)),
          tooLarge("1000 bytes", advice)
        )
        // the same without a length, in chunks
        assert.strictEqual((yield* ask("POST", path, json, [just.slice(0, 10), just.slice(10)])).status, status)
        assert.deepStrictEqual(
          refusal(yield* ask("POST", path, json, [more.slice(0, 1000), more.slice(1000)])),
          tooLarge("1000 bytes", advice)
        )
      })
    )
  }

  it.effect("accepts a change of an eval of exactly the limit", () =>
    Effect.gen(function* () {
      const made = yield* ask("POST", "/evals", json, JSON.stringify(definition()))
      const path = `/evals/${String(at(made.json, "id"))}`
      assert.strictEqual((yield* ask("POST", path, json, padded({ name: "n" }, 1000))).status, 200)
      assert.strictEqual((yield* ask("POST", path, json, padded({ name: "m" }, 1001))).status, 413)
      assert.strictEqual(at((yield* ask("GET", path)).json, "name"), "n")
    })
  )

  it.effect("accepts inline rows up to their own limit, and gives advice for larger ones", () =>
    Effect.gen(function* () {
      const made = yield* ask("POST", "/evals", json, JSON.stringify(definition()))
      const path = `/evals/${String(at(made.json, "id"))}/runs`
      const rows = over([row(true)])
      assert.strictEqual((yield* ask("POST", path, json, padded(rows, 3000))).status, 201)
      const refused = yield* ask("POST", path, json, padded(rows, 3001))
      assert.deepStrictEqual(
        refusal(refused),
        tooLarge(
          "3000 bytes",
          'Upload the rows as a file (POST /v1/files, purpose "evals", one row a line) and name it as ' +
            'data_source.source {"type": "file_id", "id": "file-…"}: files may be 2 MiB large.'
        )
      )
      assert.strictEqual((yield* ask("POST", path, json, [padded(rows, 3001), " "])).status, 413)
    })
  )

  it.effect("accepts a file of exactly the limit, and not one byte more", () =>
    Effect.gen(function* () {
      const just = yield* ask("POST", "/files", formHeaders(), upload("x".repeat(2 * mebibyte)))
      assert.deepStrictEqual([just.status, at(just.json, "bytes")], [200, 2 * mebibyte])
      for (const body of [
        upload("x".repeat(2 * mebibyte + 1)),
        upload("x".repeat(3 * mebibyte)),
        [upload("x".repeat(2 * mebibyte + 1))]
      ]) {
        assert.deepStrictEqual(refusal(yield* ask("POST", "/files", formHeaders(), body)), [
          413,
          "request_too_large",
          "file: larger than the limit of 2 MiB. Split the rows over several files."
        ])
      }
      assert.strictEqual(at((yield* ask("GET", "/files")).json, "data", "length"), 1)
    })
  )

  it.effect("does not wait for a body whose stated length is too large", () =>
    Effect.gen(function* () {
      const listening = yield* port
      const answer = yield* Effect.promise(
        () =>
          new Promise<string>((resolve) => {
            const socket = connect(listening, "127.0.0.1", () =>
              socket.write("POST /v1/evals HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n{")
            )
            socket.once("data", (data) => {
              socket.destroy()
              resolve(data.toString())
            })
          })
      )
      assert.match(answer, /^HTTP\/1\.1 413 /)
    })
  )
})

// what comes in behind the limit that a library has by itself
layer(served({ limits: { rows: 20 * mebibyte } }))("a server with wider limits", (it) => {
  it.effect("accepts bodies within them", () =>
    Effect.gen(function* () {
      const made = yield* ask("POST", "/evals", json, JSON.stringify(definition()))
      const path = `/evals/${String(at(made.json, "id"))}/runs`
      const large = over([row(true, { text: "x".repeat(12 * mebibyte) })])
      const run = yield* ask("POST", path, json, JSON.stringify(large))
      assert.strictEqual(run.status, 201)
      assert.deepStrictEqual(at(run.json, "data_source"), large.data_source)
    })
  )
})

/** An engine that leaves its runs as they are. */
const idle = Layer.provideMerge(engine(Executor.layerNone), database(":memory:"))

/** Nothing of a file is stored, nor that something is left to be removed. */
const nothing = Effect.all([count("files"), count("file_pieces"), count("removals")])
const isNothing = (counts: ReadonlyArray<number>) => counts.every((each) => each === 0)

it.live("the pieces of refused uploads are removed", () =>
  Effect.gen(function* () {
    const rows = "x".repeat(3 * mebibyte)
    const whole = upload(rows)
    for (const [body, status] of [
      [upload("x".repeat(5 * mebibyte)), 413],
      [whole.slice(0, -20), 400],
      [whole.slice(0, 2 * mebibyte), 400],
      [form([file(rows)]), 400],
      [form([field("purpose", "fun"), file(rows)]), 400],
      [form([field("purpose", "evals"), file(rows), file(rows)]), 400]
    ] as const) {
      assert.strictEqual((yield* ask("POST", "/files", formHeaders(), body)).status, status)
      assert.deepStrictEqual(yield* until(nothing, isNothing), [0, 0, 0])
    }
    const key = { ...formHeaders(), "idempotency-key": "k" }
    assert.strictEqual((yield* ask("POST", "/files", key, upload("one"))).status, 200)
    assert.strictEqual((yield* ask("POST", "/files", key, upload("two"))).status, 409)
    assert.strictEqual((yield* ask("POST", "/files", key, upload("one"))).status, 200)
    assert.deepStrictEqual(yield* until(nothing, (counts) => counts[2] === 0), [1, 1, 0])
  }).pipe(Effect.provide(served({ limits: { file: 4 * mebibyte } })))
)

it.live("the pieces of an interrupted upload are removed", () =>
  Effect.gen(function* () {
    const listening = yield* port
    const head = "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    const rows = file("x".repeat(3 * mebibyte))
    const length = `Content-Length: ${50 * mebibyte}\r\n\r\n`
    for (const partial of [
      // in the middle of the file, and behind it
      `${head}${length}${form([field("purpose", "evals"), rows]).slice(0, -20)}`,
      `${head}${length}${form([rows, field("purpose", "evals")]).slice(0, -20)}`,
      `${head}Transfer-Encoding: chunked\r\n\r\n${(4 * mebibyte).toString(16)}\r\n${form([rows]).slice(0, -20)}`
    ]) {
      const socket = yield* Effect.sync(() => connect(listening, "127.0.0.1"))
      socket.on("error", () => undefined)
      socket.write(partial)
      yield* until(count("file_pieces"), (pieces) => pieces >= 2)
      socket.destroy()
      assert.deepStrictEqual(yield* until(nothing, isNothing), [0, 0, 0])
    }
  }).pipe(Effect.provide(served()))
)

it.live(
  "a request that stops arriving is answered with 408 and leaves nothing; slow requests and quiet responses are not cut off",
  () =>
    Effect.gen(function* () {
      const listening = yield* port
      const rows = form([field("purpose", "evals"), file("x".repeat(3 * mebibyte))])
      const head = `POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n`
      for (const asked of ["", "Expect: 100-continue\r\n"]) {
        const answer = yield* Effect.promise(
          () =>
            new Promise<string>((resolve) => {
              let text = ""
              const socket = connect(listening, "127.0.0.1", () =>
                socket.write(`${head}${asked}Content-Length: ${rows.length}\r\n\r\n${rows.slice(0, -20)}`)
              )
              socket.on("data", (data) => (text += data.toString()))
              socket.on("close", () => resolve(text))
            })
        )
        const [, status, body] = /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?(.*)\r\n[^]*\r\n\r\n(.*)$/.exec(answer) ?? []
        assert.strictEqual(status, "HTTP/1.1 408 Request Timeout")
        assert.deepStrictEqual(JSON.parse(body ?? ""), {
          error: {
            message: "Nothing more of the request arrived for 1s.",
            type: "invalid_request_error",
            param: null,
            code: null
          }
        })
      }
      assert.deepStrictEqual(yield* until(nothing, isNothing), [0, 0, 0])

      // its bytes come one at a time, for longer than nothing may come
      const text = padded(definition(), 600)
      const made = yield* Effect.promise(() =>
        exchange({ port: listening, method: "POST", path: "/v1/evals", headers: withLength(text) }, async (request) => {
          for (const piece of text.match(/.{100}/gs) ?? []) {
            request.write(piece)
            await setTimeout(200)
          }
          request.end()
        })
      )
      assert.strictEqual(made.status, 201)
      // nobody works on the run, so that nothing is told of it
      const path = `/evals/${String(at(made.json, "id"))}/runs`
      const run = yield* ask("POST", path, json, JSON.stringify(over([row(true)])))
      const told = yield* listenAt(`${path}/${String(at(run.json, "id"))}/events`)
      yield* Effect.sleep("1500 millis")
      assert.deepStrictEqual([told.end, told.runs.length], [undefined, 1])
      told.stop()
    }).pipe(Effect.provide(Layer.provideMerge(layerServed({ stallTimeout: "1 second" }), idle)))
)

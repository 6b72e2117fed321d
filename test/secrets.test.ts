import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Logger, Option, Redacted, References, Schema, Stream, type Tracer } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { downloadFile, EvalId, EvalsClient, EvalsError, listRuns, retrieveEval, updateEval } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { elapse, evalId, fileId } from "./support.ts"
import { withSpans } from "./support/spans.ts"

// each has characters that JSON, a URL or HTML writes in another way; whatever the way, the word canary stays
const key = "sk-canary/key+1=&<x>"
const clientHeader = 'canary "client" header'
const callHeader = "canary-call/header"
const query = "canary query/+="

const options: EvalsClient.Options = {
  baseUrl: `http://host/v1?subscription-key=${encodeURIComponent(query)}`,
  apiKey: Redacted.make(key),
  headers: { "x-gateway-token": Redacted.make(clientHeader), "x-team": "quality" }
}

const call: EvalsClient.CallOptions = { headers: { "x-user-token": Redacted.make(callHeader) } }

const everything = `${key} ${clientHeader} ${callHeader} ${query} Bearer ${key}`
const echoed = (text: string) => `you sent ${text}, which is wrong`

const escapeHtml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

type Transport = Layer.Layer<HttpClient.HttpClient>

const answers = (reply: ScriptedHttp.Reply): Transport => ScriptedHttp.layer([reply])

/** A transport that fails in its own words, the request's headers and address among them. */
const fails = (message: string): Transport =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) => {
      const inner = new TypeError(`${message} ${JSON.stringify(request.headers)} ${url.href}`)
      const cause = new Error(`fetch failed for ${url.href}: ${message}`, { cause: inner })
      return Effect.fail(
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause, description: message })
        })
      )
    })
  )

/** A host whose answer breaks off. */
const breaksOff = (status: number): Transport =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.succeed(
        HttpClientResponse.fromWeb(
          request,
          new Response(
            new ReadableStream({ start: (controller) => controller.error(new Error(`terminated: ${everything}`)) }),
            { status }
          )
        )
      )
    )
  )

interface Situation {
  readonly name: string
  readonly transport: Transport
  readonly options?: EvalsClient.Options
  readonly program?: typeof read
}

const read = Effect.asVoid(retrieveEval(evalId, call))

const situation = (name: string, transport: Transport, rest: Partial<Situation> = {}): Situation => ({
  name,
  transport,
  ...rest
})

const situations: ReadonlyArray<Situation> = [
  situation("a success", answers({ body: WireBuilder.evaluation() })),
  ...[400, 401, 403, 404, 409, 418, 422, 429, 500, 503].map((status) =>
    situation(`status ${status}`, answers({ status, body: WireBuilder.error({ message: "no" }) }))
  ),
  ...[401, 500].flatMap((status) => [
    situation(
      `status ${status} that repeats them in each field`,
      answers({
        status,
        body: WireBuilder.error({ message: echoed(everything), type: everything, code: everything, param: everything })
      })
    ),
    situation(
      `status ${status} that repeats them with slashes escaped`,
      answers({
        status,
        body: JSON.stringify(WireBuilder.error({ message: echoed(everything), code: key })).replaceAll("/", "\\/")
      })
    ),
    situation(
      `status ${status} that repeats them as code points`,
      answers({
        status,
        body: JSON.stringify(WireBuilder.error({ message: echoed(everything) })).replaceAll("-", "\\u002d")
      })
    ),
    situation(
      `status ${status} of another form that repeats them with slashes escaped`,
      answers({ status, body: JSON.stringify({ detail: everything }).replaceAll("/", "\\/") })
    ),
    situation(`status ${status} that repeats them as text`, answers({ status, body: echoed(everything) })),
    situation(
      `status ${status} that repeats them in a page`,
      answers({ status, body: `<html><body><p>${echoed(escapeHtml(everything))}</p></body></html>` })
    ),
    situation(
      `status ${status} that repeats the address`,
      answers({ status, body: echoed(`http://host/v1/evals?${new URLSearchParams({ key: query }).toString()}`) })
    ),
    situation(
      `status ${status} that repeats them in its headers`,
      answers({
        status,
        headers: { "x-request-id": key, "x-echo": everything, "www-authenticate": `Bearer error="${key}"` }
      })
    )
  ]),
  situation(
    "a success that repeats them in its headers",
    answers({ headers: { "x-request-id": key, "x-echo": everything }, body: WireBuilder.evaluation() })
  ),
  situation("a success that is no JSON", answers({ body: `${key} is no JSON` })),
  situation("a success that is no JSON and repeats them", answers({ body: `{"a": ${everything}` })),
  situation(
    "a value of the wrong type that repeats them",
    answers({ body: { ...WireBuilder.evaluation(), created_at: everything, object: key } })
  ),
  situation(
    "a field of the wrong type with their name",
    answers({ headers: { "x-request-id": key }, body: { ...WireBuilder.evaluation(), metadata: { [key]: 1 } } })
  ),
  situation("a transport that repeats them", fails(everything)),
  situation("a name that is not found", answers({ failure: "ENOTFOUND" })),
  situation("an answer that breaks off", breaksOff(200)),
  situation("an error that breaks off", breaksOff(500)),
  situation("no answer in time", answers({ delay: "1 hour" })),
  situation("an id that cannot be sent", answers({}), { program: Effect.asVoid(retrieveEval(EvalId.make(""), call)) }),
  situation("a request that is invalid", answers({}), {
    program: Effect.asVoid(updateEval(evalId, { metadata: { long: "x".repeat(600) } }, call))
  }),
  situation("a list whose second page fails", answers({ status: 401, body: echoed(everything) }), {
    program: Stream.runDrain(listRuns(evalId, {}, call))
  }),
  situation("a key that was read with its line break", answers({ status: 401, body: echoed(key) }), {
    options: { ...options, apiKey: Redacted.make(`${key}\n`) }
  }),
  situation("a password of which the host repeats the second word", answers({ status: 401, body: "not canary3d==" }), {
    options: { ...options, headers: { authorization: Redacted.make("Basic canary3d==") } },
    program: Effect.asVoid(retrieveEval(evalId))
  }),
  situation("a download that is refused", answers({ status: 403, body: echoed(everything) }), {
    program: Stream.runDrain(downloadFile(fileId, call))
  }),
  situation("a download that breaks off", breaksOff(200), { program: Stream.runDrain(downloadFile(fileId, call)) }),
  situation("an address that is no URL", answers({}), { options: { ...options, baseUrl: `host/v1?key=${query}` } }),
  situation("an address with a password and no scheme", answers({}), {
    options: { ...options, baseUrl: `//me:canary@host/v1` }
  }),
  situation("an address with a password", answers({}), {
    options: { ...options, baseUrl: `http://canary:canary@host/v1?key=${query}` }
  }),
  situation("an address of another scheme", answers({}), { options: { ...options, baseUrl: `ftp://host/?${query}` } }),
  situation("Azure's key header", answers({ status: 401, headers: { "api-key": key }, body: echoed(everything) }), {
    options: { ...options, azure: { apiVersion: "2025-04-01-preview" } }
  })
]

const spanText = (span: Tracer.NativeSpan): string =>
  inspect(
    [
      span.name,
      span.attributes,
      span.events,
      // what an exporter writes as the event of an exception
      span.status._tag === "Ended" && Exit.isFailure(span.status.exit) ? Cause.pretty(span.status.exit.cause) : ""
    ],
    { depth: 20 }
  )

/** Every way in which a program may come to show what happened. */
const views = Effect.fnUntraced(function* ({ options: own, program, transport }: Situation) {
  const spans: Array<Tracer.NativeSpan> = []
  const log: Array<string> = []
  const keep = (line: unknown) => log.push(typeof line === "string" ? line : inspect(line, { depth: 20 }))
  const loggers = [Logger.formatSimple, Logger.formatLogFmt, Logger.formatJson, Logger.formatStructured]

  const made = yield* Effect.exit(EvalsClient.make(own ?? options).pipe(Effect.provide(transport)))
  const exit = yield* elapse(
    Effect.exit(
      EvalsClient.withResponse(program ?? read).pipe(
        Effect.provideServiceEffect(EvalsClient.EvalsClient, made),
        Effect.withSpan("outer"),
        Effect.tapCause((cause) => Effect.logError("it failed", cause))
      )
    )
  ).pipe(
    (effect) => withSpans(effect, spans),
    Effect.provide(Logger.layer(loggers.map((logger) => Logger.map(logger, keep)))),
    Effect.provideService(References.MinimumLogLevel, "All"),
    // the most that an application can ask of its traces
    Effect.provideService(HttpClient.TracerHeaderFilter, () => true)
  )

  const error = Option.getOrUndefined(Exit.findErrorOption(exit))
  return {
    failed: error !== undefined,
    spans: spans.length,
    texts: {
      ...(error === undefined
        ? {}
        : {
            "String(error)": String(error),
            "error.message": error.message,
            "error.stack": error.stack ?? "",
            "JSON.stringify(error)": JSON.stringify(error),
            "inspect(error)": inspect(error, { depth: 20, showHidden: true }),
            "the encoded error": JSON.stringify(
              yield* Schema.encodeEffect(
                Schema.toCodecJson(Schema.Union([EvalsError.EvalsError, EvalsClient.OptionsError]))
              )(error)
            )
          }),
      "Cause.pretty": Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
      "log lines": log.join("\n"),
      spans: spans.map(spanText).join("\n"),
      "inspect(client)": inspect(made, { depth: 20, showHidden: true }),
      "JSON.stringify(client)": JSON.stringify(Exit.isSuccess(made) ? made.value : made) ?? ""
    }
  }
})

describe("no key, secret header or query of the address is shown", () => {
  it.effect.each(situations)("$name", (situation) =>
    Effect.gen(function* () {
      const { failed, texts } = yield* views(situation)
      assert.strictEqual(failed, !situation.name.startsWith("a success") || situation.name.includes("no JSON"))
      const shown = Object.entries(texts).flatMap(([view, text]) => {
        const found = /.{0,60}canary.{0,20}/i.exec(text)
        return found === null ? [] : [`${view}: ${found[0]}`]
      })
      assert.deepStrictEqual(shown, [])
    })
  )

  it.effect("though the host is sent each of them", () =>
    Effect.gen(function* () {
      yield* retrieveEval(evalId, call)
      const [request] = yield* ScriptedHttp.requests
      assert.strictEqual(request?.headers["authorization"], `Bearer ${key}`)
      assert.strictEqual(request?.headers["x-gateway-token"], clientHeader)
      assert.strictEqual(request?.headers["x-user-token"], callHeader)
      assert.strictEqual(request?.query["subscription-key"], query)
    }).pipe(
      Effect.provide(
        EvalsClient.layer(options).pipe(Layer.provideMerge(ScriptedHttp.layer([{ body: WireBuilder.evaluation() }])))
      )
    )
  )

  it.effect("and what is no secret is shown", () =>
    Effect.gen(function* () {
      const { spans, texts } = yield* views(
        situation("", answers({ status: 401, body: WireBuilder.error({ message: `${key} is revoked` }) }))
      )
      assert.include(texts["error.message"] ?? "", "401 <redacted> is revoked")
      // the program's own, and the operation's
      assert.strictEqual(spans, 2)
      assert.include(texts.spans, "'evalId' => 'eval_1'")
    })
  )
})

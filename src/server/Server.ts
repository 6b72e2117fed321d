/**
 * The engine as an HTTP application, with the paths, statuses and errors of the API. It runs on any platform;
 * `NodeServer` serves it on Node.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerError } from "effect/http/HttpServerError"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type EvalsEngine, operationsOf } from "../engine/Engine.ts"
import { type Access, refusal } from "./Access.ts"
import { canonical, prefix } from "./apiPath.ts"
import { withCors } from "./cors.ts"
import { defaults, type Limits } from "./Limits.ts"
import { CurrentNotes, type RequestNotes } from "./request.ts"
import { failure } from "./respond.ts"
import { description } from "./routes/description.ts"
import { evals } from "./routes/evals.ts"
import { files } from "./routes/files.ts"
import { graders } from "./routes/graders.ts"
import { outputItems } from "./routes/outputItems.ts"
import { runs } from "./routes/runs.ts"

export type { Access } from "./Access.ts"
export type { Limits } from "./Limits.ts"

/**
 * Options of an application.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Access {
  /**
   * Size limits of requests, in bytes. Default: 512 MiB for files, 8 MiB for requests with rows, 1 MiB for all others.
   */
  readonly limits?: Partial<Limits> | undefined
  /** Event streams end with this effect. A stopping server waits for open responses. */
  readonly stopping?: Effect.Effect<void> | undefined
  /** Open requests that write are answered with 503 once this effect ends. */
  readonly deadline?: Effect.Effect<void> | undefined
}

/**
 * An HTTP application. It has no error channel: every error is a response.
 *
 * @category models
 * @since 0.1.0
 */
export type App = Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest | Scope.Scope>

export { prefix } from "./apiPath.ts"

/** The longest warning in the header, in characters. */
const longestWarning = 1000

// the header allows ASCII only; other characters become \uXXXX, whose backslash is escaped in a quoted string
const ascii = (text: string): string =>
  text
    .replaceAll(/["\\]/g, "'")
    .replaceAll(/[^\u0020-\u007e]/g, (unit) => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Shortens a warning without cutting through an escape. */
const cutAscii = (text: string): string =>
  text.length <= longestWarning ? text : text.slice(0, longestWarning).replace(/\\\\?(?:u[\da-f]{0,3})?$/, "")

/** The value of the header `warning`. RFC 9111 made it obsolete; clients still show it. */
const warning = ({ warnings }: RequestNotes): string =>
  warnings.map((each) => `299 effect-evals "${cutAscii(ascii(each))}"`).join(", ")

const annotated = (response: HttpServerResponse.HttpServerResponse, notes: RequestNotes) => {
  const identified = HttpServerResponse.setHeader(response, "x-request-id", notes.id)
  return notes.warnings.length === 0 ? identified : HttpServerResponse.setHeader(identified, "warning", warning(notes))
}

// inside another router, the original URL has another prefix
const pathOf = (url: string): string => url.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/s, "")

const noRoute = (request: HttpServerRequest) =>
  failure(404, {
    message:
      `There is no ${request.method} ${pathOf(request.originalUrl).slice(0, 200)} here.` +
      (request.url.startsWith(`${prefix}/`) ? "" : ` All paths begin with ${prefix}: does the base URL end in it?`),
    param: null,
    code: "unknown_url"
  })

const broken = (cause: Cause.Cause<unknown>, notes: RequestNotes) =>
  Effect.as(
    Effect.logError(`request ${notes.id} could not be answered`, cause),
    failure(500, {
      message: `Internal error. The log of the server has the details under ${notes.id}.`,
      param: null,
      code: "internal_error"
    })
  )

const late = failure(503, {
  message: "The server is stopping, and the request did not complete in time. Send it again after the restart.",
  param: null,
  code: "server_stopping"
})

/**
 * Interrupts a request at the deadline and responds with 503. A request that completed despite the interruption keeps
 * its response.
 */
const until = <E, R>(
  answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  deadline: Effect.Effect<void>
): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(answer, { startImmediately: true })
    yield* Effect.raceFirst(Fiber.await(fiber), Effect.andThen(deadline, Fiber.interrupt(fiber)))
    const exit = yield* Fiber.await(fiber)
    return Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? late : yield* exit
  })

const isNoRoute = (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some(
    (reason) =>
      Cause.isFailReason(reason) &&
      reason.error instanceof HttpServerError &&
      reason.error.reason._tag === "RouteNotFound"
  )

// reports have no page yet: their URL redirects to the run
const reportRoute = HttpRouter.route("GET", "/evaluations/:evalId", (request) =>
  Effect.map(HttpRouter.params, ({ evalId }) => {
    const at = request.url.indexOf("?")
    const runId = new URLSearchParams(at === -1 ? "" : request.url.slice(at)).get("run_id")
    const path = `${prefix}/evals/${encodeURIComponent(evalId ?? "")}`
    return HttpServerResponse.redirect(runId === null ? path : `${path}/runs/${encodeURIComponent(runId)}`)
  })
)

/**
 * Makes the application over the engine of the context.
 *
 * **Example** (A handler of web requests)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { HttpEffect } from "effect/http"
 * import { Server } from "effect-evals/server"
 *
 * export const handler = Effect.map(Server.make({ readOnly: true }), (app) => HttpEffect.toWebHandler(app))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<App, never, EvalsEngine> =>
  Effect.gen(function* () {
    const engine = yield* operationsOf
    // a path segment that is too long for an id gets the response of an unknown id
    const router = yield* Effect.provideService(HttpRouter.make, HttpRouter.RouterConfig, { maxParamLength: 64 * 1024 })
    const setting = { engine, limits: { ...defaults, ...options.limits } }
    const all = [
      description(setting, options.readOnly === true),
      ...evals(setting),
      ...runs(setting, options.stopping ?? Effect.never),
      ...outputItems(setting),
      ...files(setting),
      ...graders(setting, options.readOnly === true)
    ]
    yield* router.addAll([...all.map(HttpRouter.prefixRoute(prefix)), reportRoute])
    const routed = router.asHttpEffect()
    // reads end quickly, or are streams that have already begun
    const within = (request: HttpServerRequest): typeof routed =>
      options.deadline === undefined || request.method === "GET" ? routed : until(routed, options.deadline)
    const app: App = Effect.gen(function* () {
      const received = yield* HttpServerRequest
      const url = canonical(received.url)
      const request = url === received.url ? received : received.modify({ url })
      const notes: RequestNotes = { id: yield* engine.requestId, warnings: [] }
      const refused = refusal(options, request)
      if (refused !== undefined) return annotated(refused, notes)
      const response = yield* within(request).pipe(
        Effect.provideService(CurrentNotes, notes),
        Effect.provideService(HttpServerRequest, request),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.interrupt
            : isNoRoute(cause)
              ? Effect.succeed(noRoute(request))
              : broken(cause, notes)
        )
      )
      return annotated(response, notes)
    })
    return withCors(options.allowOrigins ?? [])(app)
  })

/**
 * Options of the API inside another router.
 *
 * @category options
 * @since 0.1.0
 */
export interface RouterOptions extends Options {
  /** The path of the API in the router, such as `/tools/v1`. Default `/v1`. */
  readonly path?: `/${string}` | undefined
}

// the router has removed its prefix from the URL; the application expects the prefix of the API
const under = (app: App): App =>
  Effect.updateService(app, HttpServerRequest, (request) =>
    request.modify({ url: prefix + request.url.replace(/^\/(?=\?|$)/, "") })
  )

/**
 * Adds the API to the `HttpRouter` of the context, below a path. The API answers all requests below that path, with its
 * own errors. Without a `key`, everyone who reaches the router can read and write.
 *
 * **Example** (Beside the pages of an application)
 *
 * ```ts
 * import { Effect, Layer, Redacted } from "effect"
 * import { HttpRouter, HttpServerResponse } from "effect/http"
 * import { EvalsEngine } from "effect-evals/engine"
 * import { Server } from "effect-evals/server"
 *
 * const pages = HttpRouter.add("GET", "/", HttpServerResponse.text("hello"))
 * const evals = Server.layerRouter({ path: "/tools/v1", key: Redacted.make("…") })
 *
 * export const program = HttpRouter.serve(Layer.mergeAll(pages, evals)).pipe(
 *   Layer.provide(EvalsEngine.layerSqlite({ filename: "evals.db" }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRouter = ({ path = prefix, ...options }: RouterOptions = {}): Layer.Layer<
  never,
  never,
  HttpRouter.HttpRouter | EvalsEngine
> =>
  HttpRouter.use((router) =>
    Effect.flatMap(make(options), (app) =>
      router.addAll([HttpRouter.prefixRoute(HttpRouter.route("*", "/*", under(app)), path)])
    )
  )

/** The server on Node. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import type * as NetAddress from "effect/net/NetAddress"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { EvalsEngine } from "../engine/Engine.ts"
import { wrongOrigin } from "./cors.ts"
import { isLoopback } from "./isLoopback.ts"
import { headersTimeout, stallTimeout } from "./Limits.ts"
import { makeServer, withHost } from "./NodeConnections.ts"
import * as Server from "./Server.ts"

/**
 * The server cannot start safely: it would be open to others without a key, or its key or an allowed origin is invalid.
 *
 * @category errors
 * @since 0.1.0
 */
export class OpenToOthers extends Data.TaggedError("OpenToOthers")<{ readonly message: string }> {}

/**
 * Options of a server.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Server.Options {
  /** The address to listen on. Default `127.0.0.1`, which only this machine can reach. */
  readonly host?: string | undefined
  /** The port. 0 selects a free port. Default 4100. */
  readonly port?: number | undefined
  /** Whether a server that other machines can reach may run without a key. Default false. */
  readonly noAuth?: boolean | undefined
  /** The time limit for open requests when the server stops. Default 10 seconds. */
  readonly gracePeriod?: Duration.Input | undefined
  /** The time limit between two chunks of a request. The response is then 408. Default 1 minute. */
  readonly stallTimeout?: Duration.Input | undefined
  /** The time limit for the headers of a request. The response is then 408. Default 1 minute. */
  readonly headersTimeout?: Duration.Input | undefined
}

/**
 * A running server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listening {
  /** The base URL for clients, `http://127.0.0.1:4100/v1`. */
  readonly url: string
}

/**
 * The running server as a service.
 *
 * **Example** (The address of a server on a free port)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 * import { NodeServer } from "effect-evals/server"
 *
 * const layer = NodeServer.layer({ port: 0 }).pipe(Layer.provide(EvalsEngine.layerMemory))
 *
 * export const url = Effect.gen(function* () {
 *   const server = yield* NodeServer.NodeServer
 *   return server.url
 * }).pipe(Effect.provide(layer))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class NodeServer extends Context.Service<NodeServer, Listening>()("effect-evals/server/NodeServer") {}

const addressOf = (host: string, address: NetAddress.SocketAddress): string => {
  const port = address._tag === "UnixPathAddress" ? 0 : address.port
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
  return `http://${name}:${port}${Server.prefix}`
}

/** The time for the responses to requests that the grace period interrupted. */
const lastWords = Duration.seconds(1)

/**
 * Keys that a header carries unchanged. Clients encode characters beyond ASCII differently, control characters are
 * refused, and leading and trailing blanks are lost.
 */
const sendable = /^[!-~](?:[ -~]*[!-~])?$/

/**
 * Starts a server over the engine. The server stops when the scope closes: it accepts no new requests, ends event
 * streams, and waits for open requests during the grace period.
 *
 * **Example** (On a free port, for tests)
 *
 * ```ts
 * import { Console, Effect } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 * import { NodeServer } from "effect-evals/server"
 *
 * export const program = Effect.gen(function* () {
 *   const { url } = yield* NodeServer.start({ port: 0 })
 *   yield* Console.log(`listening on ${url}`)
 *   return yield* Effect.never
 * }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerSqlite({ filename: "evals.db" })))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const start = (
  options: Options = {}
): Effect.Effect<Listening, OpenToOthers | ServeError, EvalsEngine | Scope.Scope> =>
  Effect.gen(function* () {
    const host = options.host ?? "127.0.0.1"
    const open = options.key === undefined
    if (options.key !== undefined && Redacted.value(options.key).trim() === "") {
      return yield* new OpenToOthers({
        message: "The key is empty. Set EVALS_SERVER_KEY to one, or do not set it at all."
      })
    }
    if (options.key !== undefined && !sendable.test(Redacted.value(options.key))) {
      return yield* new OpenToOthers({
        message:
          "Not every client can send the key: it has characters beyond ASCII, control characters, or a blank or line " +
          "break at an end. Set EVALS_SERVER_KEY to ASCII letters, digits and signs."
      })
    }
    if (open && !isLoopback(host) && host !== "::1" && options.noAuth !== true) {
      return yield* new OpenToOthers({
        message:
          `Without a key everybody who reaches ${host} could read and write. Set EVALS_SERVER_KEY, listen on ` +
          "127.0.0.1, or use --no-auth."
      })
    }
    for (const origin of options.allowOrigins ?? []) {
      const wrong = wrongOrigin(origin)
      if (wrong !== undefined) return yield* new OpenToOthers({ message: wrong })
    }
    const gracePeriod = Duration.fromInputUnsafe(options.gracePeriod ?? Duration.seconds(10))
    const stopping = yield* Deferred.make<void>()
    const deadline = yield* Deferred.make<void>()
    const app = yield* Server.make({
      ...options,
      loopbackOnly: options.loopbackOnly ?? (open && (options.noAuth !== true || isLoopback(host) || host === "::1")),
      stopping: Deferred.await(stopping),
      deadline: Deferred.await(deadline)
    })
    const listener = makeServer({
      head: Duration.fromInputUnsafe(options.headersTimeout ?? headersTimeout),
      stall: Duration.fromInputUnsafe(options.stallTimeout ?? stallTimeout)
    })
    const server = yield* NodeHttpServer.make(() => listener, {
      host,
      port: options.port ?? 4100,
      gracefulShutdownTimeout: Duration.sum(gracePeriod, lastWords)
    })
    // finalizers run in reverse order: this one runs after the server has closed, and ends idle connections that would
    // keep the process alive
    yield* Effect.addFinalizer(() => Effect.sync(() => listener.closeAllConnections()))
    const patience = yield* FiberHandle.make()
    yield* server.serve(withHost(app))
    // this finalizer runs before the server closes, since closing waits for event streams
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        Deferred.succeed(stopping, undefined),
        FiberHandle.run(patience, Effect.andThen(Effect.sleep(gracePeriod), Deferred.succeed(deadline, undefined)))
      )
    )
    return { url: addressOf(host, server.address) }
  })

/**
 * Provides a server over the engine of the context.
 *
 * **Example** (A server that runs until it is stopped)
 *
 * ```ts
 * import { Layer, Redacted } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 * import { NodeServer } from "effect-evals/server"
 *
 * export const program = NodeServer.layer({ host: "0.0.0.0", key: Redacted.make("…") }).pipe(
 *   Layer.provide(EvalsEngine.layerSqlite({ filename: "evals.db" })),
 *   Layer.launch
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<NodeServer, OpenToOthers | ServeError, EvalsEngine> =>
  Layer.effect(NodeServer, start(options))

/**
 * Options that often come from configuration.
 *
 * @category options
 * @since 0.1.0
 */
export type ConfigOptions = Pick<Options, "host" | "port" | "key" | "noAuth" | "readOnly">

/**
 * Provides a server with options from configuration. Other options are given directly.
 *
 * **Example** (Your own variable names)
 *
 * ```ts
 * import { Config } from "effect"
 * import { NodeServer } from "effect-evals/server"
 *
 * export const layer = NodeServer.layerConfig(
 *   { port: Config.Int("EVALS_PORT"), key: Config.Redacted("EVALS_SERVER_KEY") },
 *   { gracePeriod: "1 minute" }
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  config: Config.Wrap<ConfigOptions>,
  options: Omit<Options, keyof ConfigOptions> = {}
): Layer.Layer<NodeServer, Config.ConfigError | OpenToOthers | ServeError, EvalsEngine> =>
  Layer.effect(
    NodeServer,
    Effect.flatMap(Config.unwrap(config), (read) => start({ ...options, ...read }))
  )

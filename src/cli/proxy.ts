/**
 * The transport of a command: direct, or through the proxy of the environment.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import { optional } from "../internal/environment.ts"
import { isLoopback } from "../server/isLoopback.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

interface Variable {
  readonly name: string
  readonly value: string
}

const set = (name: string) => optional(Config.NonEmptyString(name))

// lower case takes precedence, as in curl and Node
const either = (name: string): Effect.Effect<Variable | undefined, Config.ConfigError> =>
  Effect.gen(function* () {
    for (const each of [name.toLowerCase(), name]) {
      const value = (yield* set(each))?.trim()
      if (value !== undefined && value !== "") return { name: each, value }
    }
    return undefined
  })

const addressOf = ({ name, value }: Variable): Effect.Effect<URL, Stop> => {
  // curl accepts an address without a scheme
  const written = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const url = URL.canParse(written) ? new URL(written) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== ""
    ? Effect.succeed(url)
    : Effect.fail(
        // the message leaves out a possible password
        couldNotRun(`${name} is no address of an HTTP proxy: write it like http://proxy.example:8080, or unset it.`)
      )
}

const explained = (variable: string, proxy: URL) =>
  HttpClient.transformResponse(
    Effect.mapError((error: HttpClientError.HttpClientError) => {
      const { reason } = error
      if (reason._tag !== "TransportError") return error
      const cause = reason.cause instanceof Error ? reason.cause.message : ""
      const description = cause.includes("(407)")
        ? `the proxy ${proxy.origin} wants a user name and password: write ${variable} like http://USER:PASSWORD@${proxy.host}`
        : `${variable} names the proxy ${proxy.origin}`
      return new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request: reason.request, cause: reason.cause, description })
      })
    })
  )

/** The proxies of the environment. */
interface Proxies {
  /** For addresses without TLS. */
  readonly http: Proxy | undefined
  readonly https: Proxy
  readonly noProxy: string
}

interface Proxy {
  /** The variable that names the proxy. */
  readonly variable: string
  readonly address: URL
}

const proxied = ({ http, https, noProxy }: Proxies): Layer.Layer<HttpClient.HttpClient> => {
  const dispatcher = Layer.effect(
    NodeHttpClient.Dispatcher,
    Effect.acquireRelease(
      // loaded here: most commands need no proxy
      Effect.map(
        Effect.promise(() => import("@effect/platform-node/Undici")),
        ({ EnvHttpProxyAgent }) =>
          // an empty name is none; without one the agent would look into the environment itself
          new EnvHttpProxyAgent({ httpProxy: http?.address.href ?? "", httpsProxy: https.address.href, noProxy })
      ),
      (agent) => Effect.promise(() => agent.destroy())
    )
  )
  return Layer.effect(
    HttpClient.HttpClient,
    Effect.map(NodeHttpClient.makeUndici, explained(https.variable, https.address))
  ).pipe(Layer.provide(dispatcher))
}

const found = (variable: Variable): Effect.Effect<Proxy, Stop> =>
  Effect.map(addressOf(variable), (address) => ({ variable: variable.name, address }))

/**
 * Returns the transport to a host. `HTTPS_PROXY` names the proxy, or `HTTP_PROXY` for a host without TLS. `NO_PROXY` names
 * the exceptions. Each name also counts in lower case. A host on this machine is reached directly, unless
 * `NODE_USE_ENV_PROXY` is 1, as Node has no such exception. If it is 0, no proxy is used.
 */
export const transport = (
  host: URL | undefined
): Effect.Effect<Layer.Layer<HttpClient.HttpClient>, Stop | Config.ConfigError> =>
  Effect.gen(function* () {
    const node = yield* set("NODE_USE_ENV_PROXY")
    const own = host !== undefined && isLoopback(host.host) && node !== "1"
    if (node === "0" || own) return NodeHttpClient.layerUndici
    const plain = yield* either("HTTP_PROXY")
    const variable = host?.protocol === "http:" ? plain : ((yield* either("HTTPS_PROXY")) ?? plain)
    if (variable === undefined) return NodeHttpClient.layerUndici
    const proxy = yield* found(variable)
    return proxied({ http: proxy, https: proxy, noProxy: (yield* either("NO_PROXY"))?.value ?? "" })
  })

/**
 * Returns the transport to the endpoints of models, by the same rules for each of their addresses. It has no time limit
 * of its own between the request and the end of the answer: a model may think for minutes.
 */
export const modelTransport: Effect.Effect<Layer.Layer<HttpClient.HttpClient>, Stop | Config.ConfigError> = Effect.gen(
  function* () {
    const node = yield* set("NODE_USE_ENV_PROXY")
    const plain = node === "0" ? undefined : yield* either("HTTP_PROXY")
    const variable = node === "0" ? undefined : ((yield* either("HTTPS_PROXY")) ?? plain)
    if (variable === undefined) return NodeHttpClient.layerUndici
    const through = proxied({
      http: plain === undefined ? undefined : yield* found(plain),
      https: yield* found(variable),
      noProxy: (yield* either("NO_PROXY"))?.value ?? ""
    })
    if (node === "1") return through
    return Layer.effect(
      HttpClient.HttpClient,
      Effect.gen(function* () {
        const proxy = Context.get(yield* Layer.build(through), HttpClient.HttpClient)
        const direct = Context.get(yield* Layer.build(NodeHttpClient.layerUndici), HttpClient.HttpClient)
        return HttpClient.make((request, url) => (isLoopback(url.host) ? direct : proxy).execute(request))
      })
    )
  }
)

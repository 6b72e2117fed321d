/**
 * The transport of a command: direct, or through the proxy of the environment.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Config from "effect/Config"
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

const through = (variable: string, proxy: URL, noProxy: string): Layer.Layer<HttpClient.HttpClient> => {
  const dispatcher = Layer.effect(
    NodeHttpClient.Dispatcher,
    Effect.acquireRelease(
      // loaded here: most commands need no proxy
      Effect.map(
        Effect.promise(() => import("@effect/platform-node/Undici")),
        ({ EnvHttpProxyAgent }) => new EnvHttpProxyAgent({ httpProxy: proxy.href, httpsProxy: proxy.href, noProxy })
      ),
      (agent) => Effect.promise(() => agent.destroy())
    )
  )
  return Layer.effect(HttpClient.HttpClient, Effect.map(NodeHttpClient.makeUndici, explained(variable, proxy))).pipe(
    Layer.provide(dispatcher)
  )
}

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
    const noProxy = yield* either("NO_PROXY")
    return through(variable.name, yield* addressOf(variable), noProxy?.value ?? "")
  })

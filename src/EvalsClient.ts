/**
 * The client of the API as a service, over an `HttpClient` that the application chooses.
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { EvalsError } from "./EvalsError.ts"
import * as Client from "./internal/client.ts"
import { optional } from "./internal/environment.ts"
import type * as Operation from "./internal/operation.ts"
import * as Prepare from "./internal/prepare.ts"
import * as Request from "./internal/request.ts"
import type { CallOptions, ConfigOptions, Options, ResponseInfo } from "./Options.ts"
import type { OptionsError } from "./OptionsError.ts"
import type { EvalId, FileId, RunId } from "./schema/Ids.ts"

export type { AzureOptions, CallOptions, ConfigOptions, HeaderValues, Options, ResponseInfo } from "./Options.ts"
export { OptionsError } from "./OptionsError.ts"

/**
 * The service that all operations use. Operations such as `listRuns` are functions over it: a bundler keeps only those
 * that a program uses.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * The prepared HTTP client, for requests that this library does not have. A relative path is resolved against the
   * base URL and is sent with the key. An absolute URL is sent without the key.
   */
  readonly client: HttpClient.HttpClient
  /** Sends an operation and decodes its answer. */
  readonly send: <A>(
    operation: Operation.Operation<A>,
    options: CallOptions | undefined
  ) => Effect.Effect<A, EvalsError>
  /** Downloads the bytes of a file. */
  readonly download: (fileId: FileId, options: CallOptions | undefined) => Stream.Stream<Uint8Array, EvalsError>
  /** Downloads the server-sent events of a run as bytes. Only some hosts have them. */
  readonly events: (
    evalId: EvalId,
    runId: RunId,
    options: CallOptions | undefined
  ) => Stream.Stream<Uint8Array, EvalsError>
}

/**
 * The client as a service.
 *
 * **Example** (A request that this library does not have)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsClient } from "effect-evals"
 *
 * export const status = Effect.gen(function* () {
 *   const { client } = yield* EvalsClient.EvalsClient
 *   const response = yield* client.get("/models")
 *   return response.status
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class EvalsClient extends Context.Service<EvalsClient, Service>()("effect-evals/EvalsClient") {}

/**
 * Makes a client over the `HttpClient` of the context. Fails with an `OptionsError` if the base URL is not a URL, or
 * if a key or a header cannot be sent.
 *
 * **Example** (Two hosts in one program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsClient } from "effect-evals"
 *
 * export const operationsOf = (baseUrl: string) =>
 *   EvalsClient.operations.pipe(
 *     Effect.provideServiceEffect(EvalsClient.EvalsClient, EvalsClient.make({ baseUrl }))
 *   )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Effect.Effect<Service, OptionsError, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (transport) => {
    const wrong = Prepare.check(options)
    return wrong === undefined ? Effect.succeed(EvalsClient.of(Client.make(transport, options))) : Effect.fail(wrong)
  })

/**
 * Makes a layer of options.
 *
 * **Example** (Your own server)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { EvalsClient } from "effect-evals"
 *
 * export const layer = EvalsClient.layer({ baseUrl: "http://localhost:4100/v1" }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<EvalsClient, OptionsError, HttpClient.HttpClient> =>
  Layer.effect(EvalsClient, make(options))

/**
 * Makes a layer that reads the key, the base URL, the organization and the project from configuration.
 *
 * **Example** (Your own variable)
 *
 * ```ts
 * import { Config } from "effect"
 * import { EvalsClient } from "effect-evals"
 *
 * export const layer = EvalsClient.layerConfig({ apiKey: Config.Redacted("EVALS_KEY") }, { timeout: "30 seconds" })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  config: Config.Wrap<ConfigOptions>,
  options: Omit<Options, keyof ConfigOptions> = {}
): Layer.Layer<EvalsClient, Config.ConfigError | OptionsError, HttpClient.HttpClient> =>
  Layer.effect(
    EvalsClient,
    Effect.flatMap(Config.unwrap(config), (read) => make({ ...options, ...read }))
  )

/**
 * Makes a layer that reads the variables of OpenAI's own clients: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_ORG_ID`
 * and `OPENAI_PROJECT_ID`. The key is required unless a base URL is set.
 *
 * **Example** (The hosted service)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { EvalsClient } from "effect-evals"
 *
 * export const layer = EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFromEnv = (
  options: Omit<Options, keyof ConfigOptions> = {}
): Layer.Layer<EvalsClient, Config.ConfigError | OptionsError, HttpClient.HttpClient> =>
  Layer.effect(
    EvalsClient,
    Effect.gen(function* () {
      const baseUrl = yield* optional(Config.NonEmptyString("OPENAI_BASE_URL"))
      const key = Config.Redacted("OPENAI_API_KEY")
      return yield* make({
        ...options,
        apiKey: yield* baseUrl === undefined ? key : optional(key),
        baseUrl,
        organization: yield* optional(Config.NonEmptyString("OPENAI_ORG_ID")),
        project: yield* optional(Config.NonEmptyString("OPENAI_PROJECT_ID"))
      })
    })
  )

/**
 * Adds the status, headers and id of the last successful answer to the value of an effect. `response` is undefined if
 * the effect sent no request.
 *
 * **Example** (The host's id of a request)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsClient, type EvalId, retrieveEval } from "effect-evals"
 *
 * export const traced = (evalId: EvalId) =>
 *   Effect.map(EvalsClient.withResponse(retrieveEval(evalId)), ({ data, response }) => ({
 *     name: data.name,
 *     requestId: response?.requestId
 *   }))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withResponse = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly data: A; readonly response: ResponseInfo | undefined }, E, R> =>
  Effect.flatMap(Request.Observer, (outer) =>
    Effect.suspend(() => {
      let response: ResponseInfo | undefined
      return Effect.map(
        Effect.provideService(self, Request.Observer, (info) => {
          response = info
          outer?.(info)
        }),
        (data) => ({ data, response })
      )
    })
  )

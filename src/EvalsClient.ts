/**
 * The client: one service whose members are the API's requests, over an
 * `HttpClient` of the application's choice.
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { EvalsError } from "./EvalsError.ts"
import * as Client from "./internal/client.ts"
import type * as Operation from "./internal/operation.ts"
import * as Prepare from "./internal/prepare.ts"
import * as Request from "./internal/request.ts"
import type { CallOptions, ConfigOptions, Options, ResponseInfo } from "./Options.ts"
import type { OptionsError } from "./OptionsError.ts"
import type { EvalId, FileId, RunId } from "./schema/Ids.ts"

export type { AzureOptions, CallOptions, ConfigOptions, HeaderValues, Options, ResponseInfo } from "./Options.ts"
export { OptionsError } from "./OptionsError.ts"

/**
 * The part of a client that operations need. `listRuns`, `createRun` and all others
 * are functions over it, so that a program bundles those it uses.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * The way out: the prepared HTTP client, for requests that this library does
   * not know. Paths are relative to the base URL and carry the key; a whole URL
   * is sent as it is, without it.
   */
  readonly client: HttpClient.HttpClient
  /** Sends an operation and reads its answer. */
  readonly send: <A>(
    operation: Operation.Operation<A>,
    options: CallOptions | undefined
  ) => Effect.Effect<A, EvalsError>
  /** Downloads the bytes of a file. */
  readonly download: (fileId: FileId, options: CallOptions | undefined) => Stream.Stream<Uint8Array, EvalsError>
  /** The server-sent events of a run, from a host that has them. */
  readonly events: (
    evalId: EvalId,
    runId: RunId,
    options: CallOptions | undefined
  ) => Stream.Stream<Uint8Array, EvalsError>
}

/**
 * The client as a service.
 *
 * **Example** (A program that asks for the client)
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
 * Makes a client over the `HttpClient` of the context. An address that is no URL,
 * and a key or header that cannot be sent, is an `OptionsError`.
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
 * A layer with given options.
 *
 * **Example** (One's own server)
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
 * A layer whose key and address are read from configuration.
 *
 * **Example** (Names of one's own)
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

const optional = <A>(config: Config.Config<A>) => Effect.map(Config.option(config), Option.getOrUndefined)

/**
 * A layer that reads the variables of OpenAI's own clients: `OPENAI_API_KEY`,
 * `OPENAI_BASE_URL`, `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`. The key may be absent
 * only where a base URL is set.
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
 * The value of an effect together with the answer of its last request, which is
 * absent where the effect made none.
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

/**
 * The client: one service whose members are the API's requests, over an
 * `HttpClient` of the application's choice.
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { EvalsError } from "./EvalsError.ts"
import type * as Operation from "./internal/operation.ts"
import { path } from "./internal/path.ts"
import * as Prepare from "./internal/prepare.ts"
import * as Request from "./internal/request.ts"
import type { HeaderValues } from "./internal/secrets.ts"
import type { FileId } from "./schema/Ids.ts"
import type * as Retry from "./Retry.ts"

/** What can be set for one call: further headers, the time limit of an attempt, and when to send again. */
export type CallOptions = Operation.CallOptions

/** The answer that a success came with: status, headers, and the host's id of the request. */
export type ResponseInfo = Request.ResponseInfo

/**
 * What the operations need of a client: `listRuns`, `createRun` and all others
 * are functions over it, so that a program bundles those it uses.
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
 */
export class EvalsClient extends Context.Service<EvalsClient, Service>()("effect-evals/EvalsClient") {}

/** How a host of Azure OpenAI or Microsoft Foundry is spoken to. */
export interface AzureOptions {
  /** Sent as `api-version` with each request, `2025-04-01-preview` for instance. */
  readonly apiVersion?: string | undefined
  /** How the key is sent: as header `api-key` (the default), or as a bearer token of Entra ID. */
  readonly auth?: "api-key" | "bearer" | undefined
}

/** What a client is made with. Everything has a default but the key. */
export interface Options {
  /** The API key. Left out for a host that asks for none. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** The address of the API, with its version: `https://api.openai.com/v1` by default. A path and a query are kept. */
  readonly baseUrl?: string | undefined
  /** Sent as `OpenAI-Organization`. */
  readonly organization?: string | undefined
  /** Sent as `OpenAI-Project`. */
  readonly project?: string | undefined
  /** Headers of every request. A secret one is given as `Redacted`: it is kept out of errors, spans and logs. */
  readonly headers?: HeaderValues | undefined
  /** The time limit of each attempt. Default 2 minutes, for uploads 10. */
  readonly timeout?: Duration.Input | undefined
  /** When to send again, `false` for never. Default {@link Retry.transient}. */
  readonly retry?: Retry.Policy | false | undefined
  /**
   * Whether the host recognises a repeated creation by its `Idempotency-Key`.
   * Then creations are repeated like reads; otherwise only where nothing can have
   * been created. Default false: the hosted service does not document it.
   */
  readonly idempotentCreates?: boolean | undefined
  /** Set for a host of Azure OpenAI or Microsoft Foundry: its key header, its version, its older cancel path. */
  readonly azure?: AzureOptions | undefined
  /** A last change to the HTTP client: a rate limiter, a circuit breaker, a proxy. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * Makes a client over the `HttpClient` of the context. An address that is no URL
 * is reported by each operation, as `EncodeError`.
 */
export const make = (options: Options): Effect.Effect<Service, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (transport) => {
    const prepared = Prepare.prepare(transport, options)
    const requester = Request.make({
      client: prepared.client,
      origin: prepared.origin,
      invalid: prepared.invalid,
      secrets: prepared.secrets,
      timeout: options.timeout,
      retry: options.retry,
      idempotentCreates: options.idempotentCreates ?? false,
      azure: options.azure !== undefined
    })
    return EvalsClient.of({
      client: prepared.client,
      send: requester.send,
      download: (fileId, callOptions) =>
        requester.stream(
          {
            name: "downloadFile",
            method: "GET",
            path: path`/files/${{ fileId }}/content`,
            accept: "application/octet-stream",
            repeat: "safe"
          },
          callOptions
        )
    })
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
 */
export const layer = (options: Options): Layer.Layer<EvalsClient, never, HttpClient.HttpClient> =>
  Layer.effect(EvalsClient, make(options))

/** The options that are often configuration. */
export interface ConfigOptions {
  readonly apiKey?: Redacted.Redacted | undefined
  readonly baseUrl?: string | undefined
  readonly organization?: string | undefined
  readonly project?: string | undefined
}

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
 */
export const layerConfig = (
  config: Config.Wrap<ConfigOptions>,
  options: Omit<Options, keyof ConfigOptions> = {}
): Layer.Layer<EvalsClient, Config.ConfigError, HttpClient.HttpClient> =>
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
 */
export const layerFromEnv = (
  options: Omit<Options, keyof ConfigOptions> = {}
): Layer.Layer<EvalsClient, Config.ConfigError, HttpClient.HttpClient> =>
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

/**
 * What can be set for a client and for a call.
 */
import type * as Duration from "effect/Duration"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import type * as Retry from "./Retry.ts"

/**
 * Headers by name; a secret value is `Redacted`.
 *
 * @category options
 * @since 0.1.0
 */
export interface HeaderValues {
  readonly [name: string]: string | Redacted.Redacted
}

/**
 * Options of one call.
 *
 * @category options
 * @since 0.1.0
 */
export interface CallOptions {
  /** Headers beside the client's. A secret one is given as `Redacted`. */
  readonly headers?: HeaderValues | undefined
  /** The time limit of each attempt. */
  readonly timeout?: Duration.Input | undefined
  /** When to send again; `false` for never. */
  readonly retry?: Retry.Policy | Retry.Relaxed | false | undefined
}

/**
 * The answer that a success came with.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseInfo {
  /** The HTTP status. */
  readonly status: number
  /** The headers, their names in lower case. */
  readonly headers: { readonly [name: string]: string }
  /** The host's id of the request. */
  readonly requestId: string | undefined
}

/**
 * The options that are often configuration.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConfigOptions {
  readonly apiKey?: Redacted.Redacted | undefined
  readonly baseUrl?: string | undefined
  readonly organization?: string | undefined
  readonly project?: string | undefined
}

/**
 * How a host of Azure OpenAI or Microsoft Foundry is spoken to.
 *
 * @category options
 * @since 0.1.0
 */
export interface AzureOptions {
  /** Sent as `api-version` with each request, `2025-04-01-preview` for instance. */
  readonly apiVersion?: string | undefined
  /** How the key is sent: as header `api-key` (the default), or as a bearer token of Entra ID. */
  readonly auth?: "api-key" | "bearer" | undefined
}

/**
 * Options of a client. Everything has a default but the key.
 *
 * @category options
 * @since 0.1.0
 */
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
  readonly retry?: Retry.Policy | Retry.Relaxed | false | undefined
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

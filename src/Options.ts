/**
 * Options of a client and of a call.
 */
import type * as Duration from "effect/Duration"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import type * as Retry from "./Retry.ts"

/**
 * Headers by name. A secret value is `Redacted`: errors, spans and logs leave it out.
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
  /** Headers of this call, added to those of the client. A header of the same name replaces the client's. */
  readonly headers?: HeaderValues | undefined
  /** The time limit of each attempt. A bare number is milliseconds. Default: that of the client. */
  readonly timeout?: Duration.Input | undefined
  /** The retry policy. `false`: no retries. Default: {@link Retry.withPolicy}, then that of the client. */
  readonly retry?: Retry.Policy | Retry.Relaxed | false | undefined
}

/**
 * Status, headers and id of a successful answer.
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
 * Options that a program often reads from its configuration.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConfigOptions {
  /** See {@link Options.apiKey}. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** See {@link Options.baseUrl}. */
  readonly baseUrl?: string | undefined
  /** See {@link Options.organization}. */
  readonly organization?: string | undefined
  /** See {@link Options.project}. */
  readonly project?: string | undefined
}

/**
 * Options for a host of Azure OpenAI or Microsoft Foundry.
 *
 * @category options
 * @since 0.1.0
 */
export interface AzureOptions {
  /** The query parameter `api-version` of each request, such as `2025-04-01-preview`. */
  readonly apiVersion?: string | undefined
  /** The header of the key: `api-key` (default), or `authorization` with a bearer token of Entra ID. */
  readonly auth?: "api-key" | "bearer" | undefined
}

/**
 * Options of a client. All have a default except the key.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The API key. Leave it out for a host that needs none. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** The URL of the API with its version. Its path and query are kept. Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined
  /** The header `OpenAI-Organization`. */
  readonly organization?: string | undefined
  /** The header `OpenAI-Project`. */
  readonly project?: string | undefined
  /** Headers of every request. */
  readonly headers?: HeaderValues | undefined
  /** The time limit of each attempt. A bare number is milliseconds. Default 2 minutes, for uploads 10 minutes. */
  readonly timeout?: Duration.Input | undefined
  /** The retry policy. `false`: no retries. Default {@link Retry.transient}. */
  readonly retry?: Retry.Policy | Retry.Relaxed | false | undefined
  /**
   * Whether the host recognises a repeated creation by its `Idempotency-Key`. If true, creations are retried like
   * reads. If false, a creation is retried only after an error that shows that nothing was created. Default false:
   * the hosted service does not document the header.
   */
  readonly idempotentCreates?: boolean | undefined
  /** Set this for a host of Azure OpenAI or Microsoft Foundry. It has another key header and cancel path. */
  readonly azure?: AzureOptions | undefined
  /** A function over the prepared HTTP client, for a rate limiter or a circuit breaker. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

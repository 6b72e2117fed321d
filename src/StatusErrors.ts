/**
 * Reasons for answers of the host without success: one class for each status that has a name. `internal/errorOfAnswer.ts` makes
 * them from answers.
 */
import * as Schema from "effect/Schema"

/**
 * A text that may be missing.
 *
 * @internal
 */
export const Text = Schema.optionalKey(Schema.String)

/**
 * The texts of a reason.
 *
 * @internal
 */
export const texts = {
  /** The fault. */
  detail: Schema.String,
  /** The remedy. */
  advice: Text
}

/**
 * Composes the message of a reason.
 *
 * @internal
 */
export const messageOf = (
  { advice, detail, requestId }: { readonly detail: string; readonly advice?: string; readonly requestId?: string },
  head?: number | string
): string =>
  [head, detail, advice && `(${advice})`, requestId && `[request ${requestId}]`]
    .filter((part) => part !== undefined)
    .join(" ")

// all fields but the detail and the status may be missing from an answer
const answer = {
  ...texts,
  /** The HTTP status. */
  status: Schema.Int,
  /** The host's code of the error, such as `invalid_api_key`. */
  code: Text,
  /** The parameter of the request that the host refuses. */
  param: Text,
  /** The host's type of the error, such as `invalid_request_error`. */
  type: Text,
  /** The host's id of the request. Its support asks for this id. */
  requestId: Text,
  /** The wait that the host asks for before another attempt (`retry-after-ms` or `retry-after`). */
  retryAfter: Schema.optionalKey(Schema.Duration),
  /** The header `x-should-retry`. It outweighs the rule of the status. */
  shouldRetry: Schema.optionalKey(Schema.Boolean),
  /** The body, if it is not an error object of the API. At most 16 Ki characters. */
  body: Text,
  /** Whether the answer shows that OpenAI's hosted Evals API has ended. */
  hasEnded: Schema.optionalKey(Schema.Boolean)
}

/**
 * Status 400: the host does not accept the request. Another attempt fails too: mend the request.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequestError extends Schema.TaggedError<BadRequestError>("effect-evals/BadRequestError")(
  "BadRequestError",
  answer
) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * Status 401: the key is missing, wrong or revoked.
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthenticationError extends Schema.TaggedError<AuthenticationError>("effect-evals/AuthenticationError")(
  "AuthenticationError",
  answer
) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * Status 403: the key lacks the permission. OpenAI's hosted Evals API also refused writes with 403 in its last month.
 *
 * @category errors
 * @since 0.1.0
 */
export class PermissionDeniedError extends Schema.TaggedError<PermissionDeniedError>(
  "effect-evals/PermissionDeniedError"
)("PermissionDeniedError", answer) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * Status 404: no object has this id, or the object belongs to another project.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFoundError extends Schema.TaggedError<NotFoundError>("effect-evals/NotFoundError")(
  "NotFoundError",
  answer
) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * Status 409: the request conflicts with another request.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConflictError extends Schema.TaggedError<ConflictError>("effect-evals/ConflictError")(
  "ConflictError",
  answer
) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? true
  }
}

/**
 * Status 422: the host understands the request and refuses its content.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnprocessableEntityError extends Schema.TaggedError<UnprocessableEntityError>(
  "effect-evals/UnprocessableEntityError"
)("UnprocessableEntityError", answer) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * Status 429: the rate limit or the quota is exceeded. `retryAfter` is the wait that the host asks for, if any.
 *
 * @category errors
 * @since 0.1.0
 */
export class RateLimitError extends Schema.TaggedError<RateLimitError>("effect-evals/RateLimitError")(
  "RateLimitError",
  answer
) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? true
  }
}

/**
 * Status 500 and above: the host failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class ServerError extends Schema.TaggedError<ServerError>("effect-evals/ServerError")("ServerError", answer) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.hasEnded !== true && (this.shouldRetry ?? true)
  }
}

/**
 * Any other status outside 200 to 299.
 *
 * @category errors
 * @since 0.1.0
 */
export class StatusError extends Schema.TaggedError<StatusError>("effect-evals/StatusError")("StatusError", answer) {
  override get message(): string {
    return messageOf(this, this.status)
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? this.status === 408
  }
}

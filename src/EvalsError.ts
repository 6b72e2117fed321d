/**
 * What can go wrong with an operation: one error that names the operation, with
 * a reason that says what happened.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const Text = Schema.optionalKey(Schema.String)

// what an answer of the host says of itself; all but the status may be missing
const answer = {
  message: Schema.String,
  /** The HTTP status. */
  status: Schema.Int,
  /** The host's code, `invalid_api_key` for instance. */
  code: Text,
  /** The parameter that the host complains of. */
  param: Text,
  /** The host's type of error, `invalid_request_error` for instance. */
  type: Text,
  /** The host's id of the request, for its support. */
  requestId: Text,
  /** How long the host asks to wait. */
  retryAfter: Schema.optionalKey(Schema.Duration),
  /** What the host says of trying again (`x-should-retry`); it outweighs our own rule. */
  shouldRetry: Schema.optionalKey(Schema.Boolean),
  /** The body where it was no error of the API's form, cut at 16 KiB. */
  body: Text,
  /** Whether OpenAI's own host answers so since its Evals API has ended. */
  hasEnded: Schema.optionalKey(Schema.Boolean)
}

/**
 * 400: the host does not accept the request. Mend the request; repeating it does not help.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequestError extends Schema.TaggedError<BadRequestError>("effect-evals/BadRequestError")(
  "BadRequestError",
  answer
) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * 401: the key is missing, wrong or revoked.
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthenticationError extends Schema.TaggedError<AuthenticationError>("effect-evals/AuthenticationError")(
  "AuthenticationError",
  answer
) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * 403: the key may not do this. OpenAI's hosted Evals API answered so to writes in its last month.
 *
 * @category errors
 * @since 0.1.0
 */
export class PermissionDeniedError extends Schema.TaggedError<PermissionDeniedError>(
  "effect-evals/PermissionDeniedError"
)("PermissionDeniedError", answer) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * 404: there is nothing of this id, or it belongs to another project.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFoundError extends Schema.TaggedError<NotFoundError>("effect-evals/NotFoundError")(
  "NotFoundError",
  answer
) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * 409: the request collides with another one.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConflictError extends Schema.TaggedError<ConflictError>("effect-evals/ConflictError")(
  "ConflictError",
  answer
) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? true
  }
}

/**
 * 422: the request is understood and refused.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnprocessableEntityError extends Schema.TaggedError<UnprocessableEntityError>(
  "effect-evals/UnprocessableEntityError"
)("UnprocessableEntityError", answer) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? false
  }
}

/**
 * 429: too many requests, or the quota is used up; `retryAfter` says how long to wait, where the host says it.
 *
 * @category errors
 * @since 0.1.0
 */
export class RateLimitError extends Schema.TaggedError<RateLimitError>("effect-evals/RateLimitError")(
  "RateLimitError",
  answer
) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? true
  }
}

/**
 * 5xx: the host failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class ServerError extends Schema.TaggedError<ServerError>("effect-evals/ServerError")("ServerError", answer) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.hasEnded !== true && (this.shouldRetry ?? true)
  }
}

/**
 * Any other status that is no success.
 *
 * @category errors
 * @since 0.1.0
 */
export class StatusError extends Schema.TaggedError<StatusError>("effect-evals/StatusError")("StatusError", answer) {
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.shouldRetry ?? this.status === 408
  }
}

/**
 * No answer: the connection could not be made, or was lost.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>("effect-evals/ConnectionError")(
  "ConnectionError",
  {
    message: Schema.String,
    /** The system's code, `ECONNREFUSED` for instance. */
    code: Text,
    /** Whether it is certain that the host got nothing: the name was not found or the connection refused. */
    beforeSending: Schema.Boolean
  }
) {
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = true
}

/**
 * No answer in time. Each attempt has a time limit of its own.
 *
 * @category errors
 * @since 0.1.0
 */
export class TimeoutError extends Schema.TaggedError<TimeoutError>("effect-evals/TimeoutError")("TimeoutError", {
  message: Schema.String,
  /** The limit that was exceeded. */
  timeout: Schema.Duration
}) {
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = true
}

/**
 * The host's answer is not what the API promises: no JSON, or a known field of the wrong type.
 *
 * @category errors
 * @since 0.1.0
 */
export class DecodeError extends Schema.TaggedError<DecodeError>("effect-evals/DecodeError")("DecodeError", {
  message: Schema.String,
  /** The HTTP status. */
  status: Schema.Int,
  /** Where in the answer, `data[3].created_at` for instance; absent where the answer is no JSON. */
  path: Text,
  /** The host's id of the request. */
  requestId: Text,
  /** The answer, cut at 16 KiB. */
  body: Schema.String,
  /** Whether OpenAI's own host answers so since its Evals API has ended. */
  hasEnded: Schema.optionalKey(Schema.Boolean)
}) {
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = false
}

/**
 * The request is invalid and was not sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class EncodeError extends Schema.TaggedError<EncodeError>("effect-evals/EncodeError")("EncodeError", {
  message: Schema.String,
  /** What is wrong, one entry for each place. */
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
}) {
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = false
}

/**
 * The reasons of an {@link EvalsError}.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  BadRequestError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  ConflictError,
  UnprocessableEntityError,
  RateLimitError,
  ServerError,
  StatusError,
  ConnectionError,
  TimeoutError,
  DecodeError,
  EncodeError
])
/**
 * The reasons of an {@link EvalsError}.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The error of every operation: `method` names the operation, `reason` says what
 * happened. Neither holds a key or a secret header.
 *
 * **Example** (Handling one reason)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { retrieveRun, type EvalId, type RunId } from "effect-evals"
 *
 * export const runOrNone = (evalId: EvalId, runId: RunId) =>
 *   retrieveRun(evalId, runId).pipe(
 *     Effect.asSome,
 *     Effect.catchReason("EvalsError", "NotFoundError", () => Effect.succeedNone)
 *   )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class EvalsError extends Schema.TaggedError<EvalsError>("effect-evals/EvalsError")("EvalsError", {
  method: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    return `${this.method}: ${this.reason.message}`
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  /** The HTTP status, where there was an answer. */
  get status(): number | undefined {
    return "status" in this.reason ? this.reason.status : undefined
  }
  /** The host's id of the request, where it gave one. */
  get requestId(): string | undefined {
    return "requestId" in this.reason ? this.reason.requestId : undefined
  }
  /** Whether OpenAI's own host answers so since its Evals API has ended. No other request to it would help. */
  get hasEnded(): boolean {
    return "hasEnded" in this.reason && this.reason.hasEnded === true
  }
  /** How long the host asks to wait, where it does. */
  get retryAfter(): Duration.Duration | undefined {
    return "retryAfter" in this.reason ? this.reason.retryAfter : undefined
  }
}

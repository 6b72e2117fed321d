/**
 * The error of all operations. It names the operation, and its reason says why the operation failed.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import {
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  StatusError,
  UnprocessableEntityError,
  messageOf,
  Text,
  texts
} from "./StatusErrors.ts"

export {
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  StatusError,
  UnprocessableEntityError
} from "./StatusErrors.ts"

/**
 * No answer: the connection was refused or lost.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>("effect-evals/ConnectionError")(
  "ConnectionError",
  {
    ...texts,
    /** The system's code, such as `ECONNREFUSED`. */
    code: Text,
    /** Whether the host certainly received nothing: its name was not found, or the connection was refused. */
    beforeSending: Schema.Boolean
  }
) {
  override get message(): string {
    return messageOf(this)
  }
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = true
}

/**
 * No answer within the time limit of an attempt (option `timeout`).
 *
 * @category errors
 * @since 0.1.0
 */
export class TimeoutError extends Schema.TaggedError<TimeoutError>("effect-evals/TimeoutError")("TimeoutError", {
  ...texts,
  /** The exceeded limit. */
  timeout: Schema.Duration
}) {
  override get message(): string {
    return messageOf(this)
  }
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = true
}

/**
 * An answer that the API does not promise: invalid JSON, or a known field of the wrong type.
 *
 * @category errors
 * @since 0.1.0
 */
export class DecodeError extends Schema.TaggedError<DecodeError>("effect-evals/DecodeError")("DecodeError", {
  ...texts,
  /** The HTTP status. */
  status: Schema.Int,
  /** The path of the wrong value, such as `data[3].created_at`. Absent if the answer is not JSON. */
  path: Text,
  /** The host's id of the request. */
  requestId: Text,
  /** The body of the answer. At most 16 Ki characters. */
  body: Schema.String,
  /** Whether the answer shows that OpenAI's hosted Evals API has ended. */
  hasEnded: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    return messageOf(this)
  }
  /** Whether the same request may succeed when it is sent again. */
  readonly isRetryable: boolean = false
}

/**
 * An invalid request. It was not sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class EncodeError extends Schema.TaggedError<EncodeError>("effect-evals/EncodeError")("EncodeError", {
  ...texts,
  /** The faults of the request, each with the path of the wrong value. */
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
}) {
  override get message(): string {
    return messageOf(this)
  }
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
 * The error of every operation. `method` is the name of the operation, `reason` says why it failed. A reason has a
 * `detail` and may have `advice`; its `message` is composed of them. Keys and secret headers are removed from all.
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
  /** The HTTP status. Undefined if there was no answer. */
  get status(): number | undefined {
    return "status" in this.reason ? this.reason.status : undefined
  }
  /** The host's id of the request. Undefined if the answer has none. */
  get requestId(): string | undefined {
    return "requestId" in this.reason ? this.reason.requestId : undefined
  }
  /** Whether the answer shows that OpenAI's hosted Evals API has ended. Further requests to that host fail too. */
  get hasEnded(): boolean {
    return "hasEnded" in this.reason && this.reason.hasEnded === true
  }
  /** The wait that the host asks for before another attempt. Undefined if it asks for none. */
  get retryAfter(): Duration.Duration | undefined {
    return "retryAfter" in this.reason ? this.reason.retryAfter : undefined
  }
}

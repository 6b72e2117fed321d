/**
 * The error of a call to a model. It names the model and the endpoint, and its
 * reason says why there is no answer.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { CeilingReached } from "./CeilingReached.ts"

export { CeilingReached } from "./CeilingReached.ts"

const text = Schema.optionalKey(Schema.String)

/** The words of the endpoint itself. Keys are removed from all of them. */
const said = {
  /** For a reader; without the names of model and endpoint. */
  message: Schema.String,
  /** The HTTP status; absent where there was no answer. */
  status: Schema.optionalKey(Schema.Int),
  /** The endpoint's own code; a number is written as text. */
  code: text,
  /** The endpoint's word for the kind of error, such as `invalid_request_error`. */
  type: text,
  /** The parameter of the request that the endpoint names. */
  param: text,
  /** The endpoint's id of the request. */
  requestId: text
}

const retryAfter = Schema.optionalKey(Schema.Duration)

/**
 * No entry of the models matches the model's name, or there are no entries at all.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoEndpoint extends Schema.TaggedError<NoEndpoint>("effect-evals/models/NoEndpoint")("NoEndpoint", {
  message: Schema.String
}) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = true
  readonly defaultCode: string = "model_not_configured"
}

/**
 * The key is refused (401, 403), or could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class KeyRefused extends Schema.TaggedError<KeyRefused>("effect-evals/models/KeyRefused")("KeyRefused", said) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = true
  readonly defaultCode: string = "invalid_api_key"
}

/**
 * The account has no money or no quota left (402, `insufficient_quota`, `billing_…`). Waiting does not help.
 *
 * @category errors
 * @since 0.1.0
 */
export class QuotaExceeded extends Schema.TaggedError<QuotaExceeded>("effect-evals/models/QuotaExceeded")(
  "QuotaExceeded",
  said
) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = true
  readonly defaultCode: string = "insufficient_quota"
}

/**
 * The endpoint does not have the model.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownModel extends Schema.TaggedError<UnknownModel>("effect-evals/models/UnknownModel")(
  "UnknownModel",
  said
) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = true
  readonly defaultCode: string = "model_not_found"
}

/**
 * Nothing at the address speaks the API: a redirect, or a path that is not there.
 *
 * @category errors
 * @since 0.1.0
 */
export class WrongAddress extends Schema.TaggedError<WrongAddress>("effect-evals/models/WrongAddress")(
  "WrongAddress",
  said
) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = true
  readonly defaultCode: string = "model_endpoint_not_found"
}

/**
 * The endpoint asks for fewer requests or tokens (429).
 *
 * @category errors
 * @since 0.1.0
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("effect-evals/models/RateLimited")("RateLimited", {
  ...said,
  /** The wait that the endpoint asks for. */
  retryAfter
}) {
  readonly isRetryable: boolean = true
  readonly isFatal: boolean = false
  readonly defaultCode: string = "rate_limit_exceeded"
}

/**
 * The endpoint failed, or has no capacity at present (408, 409, 5xx).
 *
 * @category errors
 * @since 0.1.0
 */
export class Overloaded extends Schema.TaggedError<Overloaded>("effect-evals/models/Overloaded")("Overloaded", {
  ...said,
  /** The wait that the endpoint asks for. */
  retryAfter
}) {
  readonly isRetryable: boolean = true
  readonly isFatal: boolean = false
  readonly defaultCode: string = "server_error"
}

/**
 * No answer: the connection was refused or lost.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unreachable extends Schema.TaggedError<Unreachable>("effect-evals/models/Unreachable")("Unreachable", {
  message: Schema.String,
  /** The system's code, such as `ECONNREFUSED`. */
  code: text
}) {
  readonly isRetryable: boolean = true
  readonly isFatal: boolean = false
  readonly defaultCode: string = "connection_error"
}

/**
 * The endpoint has been down for longer than requests wait for it. This request was not sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class EndpointDown extends Schema.TaggedError<EndpointDown>("effect-evals/models/EndpointDown")("EndpointDown", {
  message: Schema.String
}) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = false
  readonly defaultCode: string = "model_endpoint_down"
}

/**
 * No answer within the time limit of a call.
 *
 * @category errors
 * @since 0.1.0
 */
export class TimedOut extends Schema.TaggedError<TimedOut>("effect-evals/models/TimedOut")("TimedOut", {
  message: Schema.String,
  /** The exceeded limit. */
  timeout: Schema.Duration
}) {
  readonly isRetryable: boolean = true
  readonly isFatal: boolean = false
  readonly defaultCode: string = "timeout"
}

/**
 * The endpoint refuses this request (400, 413, 422, …). Other requests may succeed.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("effect-evals/models/BadRequest")("BadRequest", said) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = false
  readonly defaultCode: string = "invalid_request"
}

/**
 * The answer is not what the API promises: no JSON, cut off, too long, without a choice, an event stream.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unreadable extends Schema.TaggedError<Unreadable>("effect-evals/models/Unreadable")("Unreadable", {
  ...said,
  /** The answer. At most 2 Ki characters. */
  body: Schema.String
}) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = false
  readonly defaultCode: string = "invalid_response"
}

/**
 * The request cannot be said in the API that the endpoint has. It was not sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class Untranslatable extends Schema.TaggedError<Untranslatable>("effect-evals/models/Untranslatable")(
  "Untranslatable",
  {
    message: Schema.String,
    /** The places of the request that have no counterpart. */
    places: Schema.Array(Schema.String)
  }
) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = false
  readonly defaultCode: string = "unsupported_by_endpoint"
}

/**
 * The reasons of a {@link ModelError}.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  NoEndpoint,
  KeyRefused,
  QuotaExceeded,
  UnknownModel,
  WrongAddress,
  RateLimited,
  Overloaded,
  Unreachable,
  EndpointDown,
  TimedOut,
  BadRequest,
  Unreadable,
  Untranslatable,
  CeilingReached
])
/**
 * The reasons of a {@link ModelError}.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The error of every call to a model.
 *
 * @category errors
 * @since 0.1.0
 */
export class ModelError extends Schema.TaggedError<ModelError>("effect-evals/models/ModelError")("ModelError", {
  /** The model as the run or the grader names it. */
  model: Schema.String,
  /** The address of the endpoint, without credentials and query; empty where there is none. */
  endpoint: Schema.String,
  reason: Reason
}) {
  override get message(): string {
    const at = this.endpoint === "" ? "" : ` at ${this.endpoint}`
    return `model ${JSON.stringify(this.model)}${at}: ${this.reason.message}`
  }
  /** Whether the same request may succeed when it is sent again. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  /** Whether every other request for this model fails too, until somebody changes the configuration or the account. */
  get isFatal(): boolean {
    return this.reason.isFatal
  }
  /** The wait that the endpoint asks for before another attempt. */
  get retryAfter(): Duration.Duration | undefined {
    return "retryAfter" in this.reason ? this.reason.retryAfter : undefined
  }
  /**
   * The error as an output item shows it (`sample.error`): the endpoint's own code and type where it has them. A code that
   * only repeats the status gives way to a name.
   */
  get wire(): { readonly code: string; readonly message: string; readonly type?: string } {
    const { reason } = this
    const own = "code" in reason ? reason.code : undefined
    const code = own === undefined || /^\d+$/.test(own) ? reason.defaultCode : own
    const type = "type" in reason ? reason.type : undefined
    return { code, message: this.message, ...(type === undefined ? {} : { type }) }
  }
}

/**
 * The outcome of one request to an endpoint, as far as the pacer learns from it.
 */
import type * as Duration from "effect/Duration"
import type { HeaderValues } from "./limitHeaders.ts"

/** The endpoint did what it was asked. */
export interface Accepted {
  readonly _tag: "Accepted"
  readonly headers: HeaderValues
  /** Tokens that the answer's usage names. */
  readonly tokens?: number | undefined
}

/** The endpoint refuses because of its limits (429). */
export interface Limited {
  readonly _tag: "Limited"
  readonly headers: HeaderValues
  /** Where it is not in the headers. */
  readonly retryAfter?: Duration.Duration | undefined
}

/** The connection was refused or lost, or the endpoint answers 5xx. */
export interface Down {
  readonly _tag: "Down"
  readonly cause: string
  readonly headers?: HeaderValues | undefined
}

/** The endpoint did not answer in time. */
export interface TimedOut {
  readonly _tag: "TimedOut"
}

/** Something that only a person can mend: a refused key, no money, an unknown model. */
export interface Fatal {
  readonly _tag: "Fatal"
  readonly reason: string
  /** Only requests for this model are concerned. */
  readonly model?: string | undefined
}

/** Any other answer, such as 400: the endpoint is there, and there is nothing to learn. */
export interface Other {
  readonly _tag: "Other"
}

/** The outcome of one request to an endpoint. */
export type Outcome = Accepted | Limited | Down | TimedOut | Fatal | Other

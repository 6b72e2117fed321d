/**
 * Code shared by retry policies and polling schedules.
 *
 * @internal
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { EvalsError } from "../EvalsError.ts"
import type { Relaxed } from "../Retry.ts"

/** A schedule, and the rules that hold whatever it decides. */
export interface Rules<In> {
  readonly policy: Schedule.Schedule<unknown, In>
  /** Returns whether another attempt may follow an error. */
  readonly retryable: (error: EvalsError) => boolean
  readonly ignoreRetryAfter?: boolean | undefined
}

const isRetryable = (error: EvalsError): boolean => error.isRetryable

/** Returns a policy with its rules. The default is used for a rule that the policy does not replace. */
export const rulesOf = <In>(chosen: Schedule.Schedule<unknown, In> | Relaxed<In>): Rules<In> =>
  "policy" in chosen
    ? { ...chosen, retryable: chosen.retryable ?? isRetryable }
    : { policy: chosen, retryable: isRetryable }

type Program = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/** The type of an effect or a stream that a combinator returns. */
export type Same<Self> =
  Self extends Effect.Effect<infer A, infer E, infer R>
    ? Effect.Effect<A, E, R>
    : Self extends Stream.Stream<infer A, infer E, infer R>
      ? Stream.Stream<A, E, R>
      : never

/** A combinator that sets a reference for an effect or a stream. */
export interface Setter<Value> {
  (value: Value): <Self extends Program>(self: Self) => Same<Self>
  <Self extends Program>(self: Self, value: Value): Same<Self>
}

/** Makes the combinator that sets a reference. */
export const setter = <Value>(reference: Context.Reference<Value>): Setter<Value> =>
  dual(2, (self: Program, value: Value) =>
    Stream.isStream(self)
      ? Stream.provideService(self, reference, value)
      : Effect.provideService(self, reference, value)
  )

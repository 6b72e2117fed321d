/**
 * The state of the current request.
 *
 * @internal
 */
import * as Context from "effect/Context"

/** Information for the response headers. */
export interface RequestNotes {
  readonly id: string
  /** Warnings for the sender of a successful request. */
  readonly warnings: Array<string>
}

/** The notes of the current request. */
export const CurrentNotes = Context.Reference<RequestNotes>("effect-evals/server/CurrentNotes", {
  defaultValue: () => ({ id: "", warnings: [] })
})

/**
 * The request that is being answered.
 *
 * @internal
 */
import * as Context from "effect/Context"

/** What an answer says beside its body. */
export interface RequestNotes {
  readonly id: string
  /** What the sender should know, though the request was carried out. */
  readonly warnings: Array<string>
}

/** The notes of the request that is being answered. */
export const CurrentNotes = Context.Reference<RequestNotes>("effect-evals/server/CurrentNotes", {
  defaultValue: () => ({ id: "", warnings: [] })
})

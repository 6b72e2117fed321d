/**
 * Replies to questions of graders, as they are stored until their row is finished.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { guard } from "../../schema/guard.ts"
import * as Run from "../../schema/Run.ts"
import type { Reply } from "../graders/Scored.ts"

const Answered = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("Sampled"), sample: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("Compared"), cosine: Schema.Finite, usage: Run.ModelUsage })
])

const isAnswered = guard(Answered)

/** Writes a reply. */
export const encode = (reply: Reply): string => JSON.stringify(reply)

/** Reads a reply that {@link encode} has written; undefined for any other text. */
export const decode = (text: string): Reply | undefined => {
  const parsed: unknown = JSON.parse(text)
  return isAnswered(parsed) ? parsed : undefined
}

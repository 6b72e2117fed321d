/**
 * Webhook events of runs.
 */
import * as Schema from "effect/Schema"
import { RunId } from "./Ids.ts"
import { maybe, open, Seconds, openUnion } from "./Wire.ts"

const fields = {
  id: Schema.String,
  object: maybe(Schema.String),
  created_at: Seconds,
  // the host names the run but not its eval: the receiver must know it
  data: open({ id: RunId })
}

/**
 * An event that the host posts when a run ends. Events of other types are kept.
 *
 * @category schemas
 * @since 0.1.0
 */
export const WebhookEvent = openUnion([
  open({ type: Schema.Literal("eval.run.succeeded"), ...fields }),
  open({ type: Schema.Literal("eval.run.failed"), ...fields }),
  open({ type: Schema.Literal("eval.run.canceled"), ...fields })
])
/**
 * An event that the host posts when a run ends.
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookEvent = typeof WebhookEvent.Type

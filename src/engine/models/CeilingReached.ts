/**
 * The reason why a request is not sent that a run may not pay for.
 */
import * as Schema from "effect/Schema"

/**
 * The run may spend no more: one of its ceilings is reached, or that of the day. The request was not sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class CeilingReached extends Schema.TaggedError<CeilingReached>("effect-evals/models/CeilingReached")(
  "CeilingReached",
  {
    message: Schema.String,
    /** The ceiling. */
    code: Schema.Literals(["max_requests", "max_tokens", "max_cost", "max_cost_per_day"])
  }
) {
  readonly isRetryable: boolean = false
  readonly isFatal: boolean = false
  readonly defaultCode: string = "max_cost"
}

/**
 * The error of an option that no client can be made with.
 */
import * as Schema from "effect/Schema"
import { messageOf, texts } from "./StatusErrors.ts"

/**
 * A wrong option of a client. `detail` says what is wrong with it, and `advice` how to write it. No request was sent. The
 * message holds no secret.
 *
 * **Example** (An address from a form)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsClient } from "effect-evals"
 *
 * export const clientFor = (baseUrl: string) =>
 *   EvalsClient.make({ baseUrl }).pipe(
 *     Effect.catchTag("OptionsError", (error) => Effect.fail(`${error.option}: ${error.message}`))
 *   )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class OptionsError extends Schema.TaggedError<OptionsError>("effect-evals/OptionsError")("OptionsError", {
  /** `baseUrl`, `apiKey`, `organization`, `project`, or `headers.` with the name of a header. */
  option: Schema.String,
  ...texts
}) {
  override get message(): string {
    return messageOf(this, `option ${this.option}`)
  }
}

/**
 * The error of options that no client can be made with.
 */
import * as Schema from "effect/Schema"

/**
 * An option of a client is wrong: `option` names it, `message` says what is wrong
 * and how to write it. No request was sent. The message holds no secret.
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
  message: Schema.String
}) {}

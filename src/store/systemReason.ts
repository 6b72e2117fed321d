/**
 * The reason of the operating system for what did not work.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"

const messageOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "message") && typeof cause.message === "string" ? cause.message : String(cause)

/**
 * Returns the reason in words: `no space left on device (ENOSPC)`. The cause of an
 * error goes before its own message, since a `PlatformError` says only which
 * function failed.
 */
export const systemReason = (error: Error): string => {
  const message = messageOf(error.cause ?? error)
  const [, code, words] = /^([A-Z][A-Z0-9]+): ([^,]+), \w+/.exec(message) ?? []
  return code === undefined ? message : `${words} (${code})`
}

/**
 * Reasons of the operating system.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"

const messageOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "message") && typeof cause.message === "string" ? cause.message : String(cause)

/**
 * Returns the reason as text, such as `no space left on device (ENOSPC)`. Prefers the cause of an error, since the
 * message of a `PlatformError` names only the function that failed.
 */
export const systemReason = (error: Error): string => {
  const message = messageOf(error.cause ?? error)
  const [, code, words] = /^([A-Z][A-Z0-9]+): ([^,]+), \w+/.exec(message) ?? []
  return code === undefined ? message : `${words} (${code})`
}

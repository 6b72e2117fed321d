/**
 * A header of a webhook.
 *
 * @internal
 */
import type { HeadersInput } from "../Webhook.ts"

type Entry = readonly [name: string, value: string | ReadonlyArray<string> | null | undefined]

// a caller without types may pass undefined
const entriesOf = (headers: HeadersInput | null | undefined): Iterable<Entry> =>
  typeof headers !== "object" || headers === null
    ? []
    : Symbol.iterator in headers && typeof headers[Symbol.iterator] === "function"
      ? headers
      : Object.entries(headers)

/**
 * Finds a header by its lowercase name. Joins several values by a space. Returns undefined if the header is absent or
 * empty, and throws if `headers` have another type.
 */
export const findHeader = (headers: HeadersInput | null | undefined, wanted: string): string | undefined => {
  for (const [name, value] of entriesOf(headers)) {
    if (name.toLowerCase() === wanted && value !== undefined && value !== null) {
      const text = Array.isArray(value) ? value.join(" ") : String(value)
      if (text !== "") return text
    }
  }
  return undefined
}

/**
 * Copies of a sample inside its output item. A result whose variable had no value
 * shows the sample again: it is stored once, and is put in when the item is read.
 *
 * The stored text has `null` in the place of each copy. The column `copies` has a
 * list of JSON with the place of the sample, then those of the copies in their
 * order; each place is a distance from the end of the text, in UTF-16 units.
 */

/**
 * The most UTF-16 units of copies that an item is served with, 64 Mi. Copies beyond
 * them are `{}`: no client could read an item of a large sample and many criteria
 * otherwise.
 */
export const mostCopied = 64 * 1024 * 1024

/** What stands in the place of a copy beyond {@link mostCopied}. */
export const leftOut = "{}"

const placeholder = "null"

/** The end of an item's text behind its sample. */
const behindSample = 1

const placesOf = (copies: string): ReadonlyArray<number> => {
  const parsed: unknown = JSON.parse(copies)
  return Array.isArray(parsed) ? parsed.filter((place) => typeof place === "number") : []
}

/** The text of an item as it is served. `copies` is null where it has none. */
export const withCopies = (body: string, copies: string | null): string => {
  if (copies === null) return body
  const [sampleAt = 0, ...places] = placesOf(copies)
  const sample = body.slice(body.length - sampleAt, body.length - behindSample)
  const parts: Array<string> = []
  let from = 0
  let copied = 0
  for (const place of places) {
    const at = body.length - place
    copied += sample.length
    parts.push(body.slice(from, at), copied > mostCopied ? leftOut : sample)
    from = at + placeholder.length
  }
  parts.push(body.slice(from))
  return parts.join("")
}

/**
 * Copies of a sample inside its output item. The result of a criterion whose variable has no value contains the sample
 * again. The database stores the sample once; the copies are inserted when the item is read.
 *
 * The stored text has `null` at the position of each copy. The column `copies` has a JSON list: the position of the
 * sample, then the positions of the copies in order. A position is a distance from the end of the text, in UTF-16
 * units.
 */

/**
 * The size limit of the copies of an item, 64 Mi UTF-16 units. Further copies are `{}`. Without the limit, clients
 * could not read an item with a large sample and many criteria.
 */
export const mostCopied = 64 * 1024 * 1024

/** The text in the position of a copy beyond {@link mostCopied}. */
export const leftOut = "{}"

const placeholder = "null"

/** The length of the text after the sample. */
const behindSample = 1

const placesOf = (copies: string): ReadonlyArray<number> => {
  const parsed: unknown = JSON.parse(copies)
  return Array.isArray(parsed) ? parsed.filter((place) => typeof place === "number") : []
}

/** Returns the text of an item as it is served. `copies` is null if the item has no copies. */
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

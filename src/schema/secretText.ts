/**
 * Removal of secrets from texts of a host or a transport.
 *
 * @internal
 */

/** Removes secrets from a text. */
export type Scrub = (text: string) => string

// shortest secret that is removed: shorter texts occur by chance
const shortest = 6

const entities: { readonly [char: string]: string } = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0")

/** Returns the pattern of a character: plain, or escaped as in JSON, in a URL, or in HTML. */
const forms = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  const entity = entities[char]
  const units = Array.from({ length: char.length }, (_, index) => `\\\\u${hex(char.charCodeAt(index), 4)}`)
  const bytes = [...new TextEncoder().encode(char)].map((byte) => `%(?:25)?${hex(byte, 2)}`)
  return `(?:${[
    char.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"),
    units.join(""),
    bytes.join(""),
    `&#0*${code};`,
    `&#x0*${hex(code, 0)};`,
    ...(entity === undefined ? [] : [`&${entity};`]),
    ...(char === " " ? ["\\+"] : [])
  ].join("|")})`
}

/** Returns the pattern of a secret, however it is escaped: a host that repeats a secret often escapes it. */
const pattern = (secret: string): RegExp => new RegExp([...secret].map(forms).join("\\\\{0,3}"), "gi")

/** Returns the function that removes secrets from a text, however they are escaped there. */
export const scrubber = (values: ReadonlyArray<string>): Scrub => {
  const long = values.map((value) => value.trim()).filter((value) => value.length >= shortest)
  // an escaped secret is never shorter than the plain one
  const least = Math.min(...long.map((value) => [...value].length))
  // compiled for the first text that is long enough; longest first, since a secret may contain another one
  let patterns: ReadonlyArray<RegExp> | undefined
  return (text) => {
    if (text.length < least) return text
    patterns ??= long.toSorted((a, b) => b.length - a.length).map(pattern)
    return patterns.reduce((self, secret) => self.replace(secret, "<redacted>"), text)
  }
}

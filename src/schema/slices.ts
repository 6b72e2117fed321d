/**
 * Finds the objects of a page in the bytes of a response. If they were parsed and printed again, numbers, the order of
 * keys and duplicate keys would change.
 *
 * @internal
 */
import { isBlank } from "./bytes.ts"

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const isClosing = (byte: number | undefined): boolean => byte === closeBrace || byte === closeBracket

const skipSpace = (bytes: Uint8Array, from: number): number => {
  let at = from
  while (isBlank(bytes[at])) at++
  return at
}

const stringEnd = (bytes: Uint8Array, from: number): number => {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at++
  }
  return bytes.length
}

// bytes of characters beyond ASCII are all above 0x7f, so structure can be found without decoding
const valueEnd = (bytes: Uint8Array, from: number): number => {
  const first = bytes[from]
  if (first === quote) return stringEnd(bytes, from)
  let at = from
  if (first !== openBrace && first !== openBracket) {
    while (at < bytes.length && !isBlank(bytes[at]) && bytes[at] !== comma && !isClosing(bytes[at])) at++
    return at
  }
  for (let depth = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = stringEnd(bytes, at) - 1
    else if (byte === openBrace || byte === openBracket) depth++
    else if (isClosing(byte) && --depth === 0) return at + 1
  }
  return at
}

// over what stands behind a value: white space, and the comma or colon
const skipMark = (bytes: Uint8Array, from: number, mark: number): number => {
  const at = skipSpace(bytes, from)
  return bytes[at] === mark ? skipSpace(bytes, at + 1) : at
}

/** Appends the elements of the list at an offset. Appends nothing if the value is no list. */
const take = (bytes: Uint8Array, from: number, into: Array<Uint8Array>): void => {
  if (bytes[from] !== openBracket) return
  let at = skipSpace(bytes, from + 1)
  while (at < bytes.length && bytes[at] !== closeBracket) {
    const end = valueEnd(bytes, at)
    into.push(bytes.subarray(at, end))
    at = skipMark(bytes, end, comma)
  }
}

/** Returns the offset of a member's value. If the name occurs twice, the last member counts, as in `JSON.parse`. */
const member = (bytes: Uint8Array, from: number, name: string): number | undefined => {
  if (bytes[from] !== openBrace) return undefined
  let found: number | undefined
  let at = skipSpace(bytes, from + 1)
  while (bytes[at] === quote) {
    const end = stringEnd(bytes, at)
    const key: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end)))
    at = skipMark(bytes, end, colon)
    if (key === name) found = at
    at = skipMark(bytes, valueEnd(bytes, at), comma)
  }
  return found
}

/**
 * Returns the elements of the list at a path, each as a slice of the bytes. The bytes must be valid JSON. Returns no
 * elements if there is no list.
 */
export const elements = (bytes: Uint8Array, ...path: ReadonlyArray<string>): ReadonlyArray<Uint8Array> => {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let at: number | undefined = skipSpace(bytes, bom)
  for (const name of path) {
    at = member(bytes, at, name)
    if (at === undefined) return []
  }
  const found: Array<Uint8Array> = []
  take(bytes, at, found)
  return found
}

/**
 * A value of JSON together with its text. The text keeps what a JavaScript value loses: the position of a member, and the
 * digits of a number (`1.0`, `1e22`, `12345678901234567890`, `1e400`).
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { parseExact, printExact } from "../../schema/exactJson.ts"
import { parseJson } from "../../schema/fields.ts"
import type { Key } from "../../schema/template.ts"

/**
 * The deepest nesting of objects and lists in a row, or in a text that a path enters. It is the engine's own limit. It
 * bounds recursive functions, and is far above the nesting of real data sets.
 */
export const maxDepth = 256

/** The position of a value in a text. `end` is the offset after its last character. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The result of {@link scan}. */
export interface Scan {
  /** The deepest nesting of objects and lists. */
  readonly depth: number
  /** Whether JavaScript may write a number of the text differently. */
  readonly odd: boolean
  /** The object or list that is the last member `item` of the outermost object. */
  readonly item: Span | undefined
  /** The object or list that is the last member `sample` of the outermost object. */
  readonly sample: Span | undefined
}

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58
// a bracket and the brace of its side differ in this bit only, and no other characters become these with it
const BRACE_BIT = 32
const OPEN = 123
const CLOSE = 125

/** A double keeps the digits of every decimal number of at most 15 digits. */
const keptDigits = 15

/** JavaScript may write a longer number that begins with 0 with an exponent: 0.0000001. */
const smallDigits = 7

/** Returns the offset of a string's closing quote, or the length of the text if there is none. */
const closingQuote = (text: string, opening: number): number => {
  for (let end = text.indexOf('"', opening + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isExponent = (code: number): boolean => (code | 32) === 101
const ZERO = 48
const MINUS = 45
const POINT = 46
const continuesNumber = (code: number): boolean =>
  isDigit(code) || isExponent(code) || code === POINT || code === 43 || code === MINUS

const decodedKey = (text: string, start: number, end: number): string => {
  const key = text.slice(start, end)
  return key.includes("\\") ? String(parseJson(`"${key}"`) ?? "") : key
}

/**
 * Scans a text once, without recursion, before it is parsed. The result is meaningful for JSON only. The time is
 * proportional to the length of any text.
 */
export const scan = (text: string): Scan => {
  let depth = 0
  let deepest = 0
  let odd = false
  let keyStart = 0
  let keyEnd = 0
  let member = ""
  let start = 0
  let item: Span | undefined
  let sample: Span | undefined
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const end = closingQuote(text, i)
      if (depth === 1) {
        keyStart = i + 1
        keyEnd = end
      }
      i = end
    } else if ((code | BRACE_BIT) === OPEN) {
      if (depth === 1) start = i
      depth++
      if (depth > deepest) deepest = depth
    } else if ((code | BRACE_BIT) === CLOSE) {
      depth--
      if (depth === 1) {
        if (member === "item") item = { start, end: i + 1 }
        else if (member === "sample") sample = { start, end: i + 1 }
      }
    } else if (code === COLON) {
      if (depth === 1) member = decodedKey(text, keyStart, keyEnd)
    } else if (!odd && isDigit(code)) {
      const first = i
      let hasPoint = false
      let last = code
      let next = text.charCodeAt(i + 1)
      while (continuesNumber(next)) {
        if (isExponent(next)) odd = true
        else if (next === POINT) hasPoint = true
        last = next
        i++
        next = text.charCodeAt(i + 1)
      }
      if (i - first >= keptDigits || (hasPoint && last === ZERO)) odd = true
      else if (code === ZERO && (i - first >= smallDigits || (i === first && text.charCodeAt(i - 1) === MINUS)))
        odd = true
    }
  }
  return { depth: deepest, odd, item, sample }
}

const step = (value: unknown, key: Key): unknown =>
  typeof key === "number"
    ? Array.isArray(value)
      ? value[key]
      : undefined
    : isObject(value) && Object.hasOwn(value, key)
      ? value[key]
      : undefined

/** Whether a value of JSON is an object. Lists and null are not. */
export const isObject = Predicate.isReadonlyObject

/** A value of JSON and its text. */
export class JsonText {
  readonly value: unknown
  readonly #text: string
  readonly #odd: boolean
  /** The value with its numbers as they are written. Computed at the first use. */
  #exact: unknown

  /**
   * `value` is the parsed text. With the value undefined, every path is missing. `odd` is the result of {@link scan}: the
   * text is read again only if it is odd.
   */
  constructor(value: unknown, text: string, odd: boolean) {
    this.value = value
    this.#text = text
    this.#odd = odd
  }

  /** Parses a text. Returns undefined if it is not JSON, or is nested deeper than {@link maxDepth}. */
  static parse(text: string): JsonText | undefined {
    const { depth, odd } = scan(text)
    const value = depth > maxDepth ? undefined : parseJson(text)
    return value === undefined ? undefined : new JsonText(value, text, odd)
  }

  /**
   * Returns the text of the value at a path, for a template. Returns undefined if there is no value. The path is `keys`
   * from the index `from` on. A name leads to an own field of an object, an index to an entry of a list. A path that
   * enters a string continues in the JSON of that string. A string renders unchanged. Every other value renders as compact
   * JSON, with each number as it is written: `1.0`, `0.10`, `1e22`.
   *
   * These are the engine's own rules. The host documents no values other than strings. Its notebooks have paths into
   * strings, but do not show their results.
   */
  render(keys: ReadonlyArray<Key>, from = 0): string | undefined {
    let value = this.value
    for (let i = from; i < keys.length; i++) {
      if (typeof value === "string") return JsonText.parse(value)?.render(keys, i)
      value = step(value, keys[i] ?? "")
      if (value === undefined) return undefined
    }
    return value === undefined || typeof value === "string" ? value : this.#compact(value, keys, from)
  }

  /** Returns a member of an object with its own text. Returns undefined if there is none. */
  member(name: string): JsonText | undefined {
    const text = this.json([name])
    return text === undefined ? undefined : JsonText.parse(text)
  }

  /** Returns the JSON of the value at a path. Unlike {@link render}, a string is quoted. */
  json(keys: ReadonlyArray<Key>): string | undefined {
    let value = this.value
    for (const key of keys) value = step(value, key)
    return value === undefined ? undefined : this.#compact(value, keys, 0)
  }

  /** Returns the JSON of `value`, which is at the path `keys` from `from` on. */
  #compact(value: unknown, keys: ReadonlyArray<Key>, from: number): string {
    if (!this.#odd || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value)
    let exact = (this.#exact ??= parseExact(this.#text))
    for (let i = from; i < keys.length; i++) exact = step(exact, keys[i] ?? "")
    return printExact(exact)
  }
}

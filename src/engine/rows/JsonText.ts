/**
 * JSON together with the text that it was read from, for what JavaScript's own
 * values lose: where in a line a member stands, and how a number is written
 * (`1.0`, `1e22`, `12345678901234567890`, `1e400`).
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { parseExact, printExact } from "../../schema/exactJson.ts"
import { parseJson } from "../../schema/fields.ts"
import type { Key } from "../../schema/template.ts"

/**
 * How many objects and lists may stand inside each other in a row, or in text
 * that a path enters. It is the engine's own limit: it bounds whatever walks a
 * value by recursion, and no data set that people write comes near it.
 */
export const maxDepth = 256

/** Where a value stands in a text: from its first character to behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What one look at a text tells before it is parsed. */
export interface Scan {
  /** How many objects and lists stand inside each other. */
  readonly depth: number
  /** Whether a number may be written in another way than JavaScript writes it. */
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

/** Every decimal number of at most 15 digits comes back from a double with the same digits. */
const keptDigits = 15

/** A number that begins with 0 and has more characters may be so small that JavaScript writes an exponent: 0.0000001. */
const smallDigits = 7

/** The offset of the quote that ends a string; the text's length where none does. */
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
 * Looks at a text once, without recursion. What it says holds for JSON; of any
 * other text it says something, in time in proportion to its length.
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

/** Whether a value of JSON is an object, not a list or null. */
export const isObject = Predicate.isReadonlyObject

/** A value of JSON and its text. */
export class JsonText {
  readonly value: unknown
  readonly #text: string
  readonly #odd: boolean
  /** The value again, with numbers as they are written; undefined until something asks. */
  #exact: unknown

  /**
   * `value` is what the text parses to (undefined where there is none at all, so
   * that every path is missing), `odd` what {@link scan} says of the text. A text
   * that is not odd is never looked at again.
   */
  constructor(value: unknown, text: string, odd: boolean) {
    this.value = value
    this.#text = text
    this.#odd = odd
  }

  /** Undefined for text that is no JSON, or is nested deeper than {@link maxDepth}. */
  static parse(text: string): JsonText | undefined {
    const { depth, odd } = scan(text)
    const value = depth > maxDepth ? undefined : parseJson(text)
    return value === undefined ? undefined : new JsonText(value, text, odd)
  }

  /**
   * The text that the value at a path stands for in a template, or undefined
   * where there is none. The path is `keys` from the index `from` on: names lead
   * to own fields of objects, indices to entries of lists. A path that enters a
   * string goes on inside what the string parses to. A string renders as it is,
   * everything else as compact JSON, with each number as it is written: `1.0`,
   * `0.10`, `1e22`.
   *
   * These are the engine's own rules: the host says nothing of values that are
   * no strings, and its notebooks write paths into strings without showing what
   * they give.
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

  /** Returns a member of an object with its own text; undefined where there is none. */
  member(name: string): JsonText | undefined {
    const text = this.json([name])
    return text === undefined ? undefined : JsonText.parse(text)
  }

  /** Like {@link render}, with a string as JSON too. */
  json(keys: ReadonlyArray<Key>): string | undefined {
    let value = this.value
    for (const key of keys) value = step(value, key)
    return value === undefined ? undefined : this.#compact(value, keys, 0)
  }

  /** The JSON of a value that `keys` from `from` on lead to. */
  #compact(value: unknown, keys: ReadonlyArray<Key>, from: number): string {
    if (!this.#odd || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value)
    let exact = (this.#exact ??= parseExact(this.#text))
    for (let i = from; i < keys.length; i++) exact = step(exact, keys[i] ?? "")
    return printExact(exact)
  }
}

/**
 * Finds syntax errors in JSON.
 *
 * @internal
 */

/** The first syntax error of a text. */
export interface SyntaxProblem {
  /** The offset of the wrong character. The length of the text if it ends too early. */
  readonly offset: number
  readonly expected: string
  readonly found: string
}

/** The tokens that may follow, as a reader of the message understands them. */
const expectations = {
  value: "a value",
  entry: 'a value or "]"',
  key: "a key in double quotes",
  member: 'a key in double quotes or "}"',
  colon: '":"',
  more: '"," or the end of what is open',
  string: "the rest of a string",
  end: "nothing more"
} as const

type Expected = keyof typeof expectations

const space = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y
const escape = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** The offset after a match, or the offset itself without a match. */
const behind = (pattern: RegExp, text: string, offset: number): number => {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex : offset
}

/** The offset after the closing quote of a string. For a character that a string cannot contain, the complement of its offset. */
const behindString = (text: string, opening: number): number => {
  let i = opening + 1
  for (;;) {
    const char = text[i]
    if (char === '"') return i + 1
    const end = char === "\\" ? behind(escape, text, i) : i + 1
    if (char === undefined || char < " " || end === i) return ~i
    i = end
  }
}

const shown = (char: string | undefined): string =>
  char === undefined
    ? "the end"
    : /[!-~]/.test(char)
      ? JSON.stringify(char)
      : `U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`

/**
 * Finds the first character at which a text is not JSON. The text must not be JSON.
 *
 * The messages of `JSON.parse` are not used: they differ between versions of V8, and often name no position.
 */
export const syntaxProblem = (text: string): SyntaxProblem => {
  const closers: Array<string> = []
  let expected: Expected = "value"
  let i = 0
  for (;;) {
    i = behind(space, text, i)
    const char = text[i]
    const closer = closers.at(-1)
    const isKey: boolean = expected === "key" || expected === "member"
    if (
      char === closer &&
      char !== undefined &&
      (expected === "more" || expected === "entry" || expected === "member")
    ) {
      closers.pop()
      expected = closers.length === 0 ? "end" : "more"
      i++
    } else if (expected === "colon" && char === ":") {
      expected = "value"
      i++
    } else if (expected === "more" && char === ",") {
      expected = closer === "}" ? "key" : "value"
      i++
    } else if (expected === "colon" || expected === "more" || expected === "end") {
      break
    } else if (char === '"') {
      const end = behindString(text, i)
      if (end < 0) {
        i = ~end
        expected = "string"
        break
      }
      expected = isKey ? "colon" : closer === undefined ? "end" : "more"
      i = end
    } else if (isKey) {
      break
    } else if (char === "{" || char === "[") {
      closers.push(char === "{" ? "}" : "]")
      expected = char === "{" ? "member" : "entry"
      i++
    } else {
      const end = behind(scalar, text, i)
      if (end === i) break
      expected = closer === undefined ? "end" : "more"
      i = end
    }
  }
  return { offset: i, expected: expectations[expected], found: shown(text[i]) }
}

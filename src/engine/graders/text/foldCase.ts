/**
 * Folds the case of a text, so that texts that differ in case alone become equal.
 *
 * @internal
 */

const isOne = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && text.codePointAt(0) !== text.charCodeAt(0))

/**
 * Dotless i is the only small letter whose capital is also the capital of another letter. Unicode does not fold it.
 */
const dotless = "ı"

const foldCharacter = (character: string): string => {
  if (character === dotless) return character
  // folded by the capital, since several small letters may have the same one: σ and ς, s and ſ
  const upper = character.toUpperCase()
  const lower = (isOne(upper) ? upper : character).toLowerCase()
  return isOne(lower) ? lower : character
}

/** Every character that folds to another one. Computed with the first text beyond ASCII. */
let table: ReadonlyMap<string, string> | undefined

/** The last code point of the two planes with letters that have case. */
const lastPoint = 0x1_ffff

const makeTable = (): ReadonlyMap<string, string> => {
  const made = new Map<string, string>()
  for (let point = 0; point <= lastPoint; point++) {
    const character = String.fromCodePoint(point)
    const folded = foldCharacter(character)
    if (folded !== character) made.set(character, folded)
  }
  return made
}

const beyondAscii = /[^\0-\x7f]/

/**
 * Folds case character by character, like Unicode's simple case folding. Each character folds to one character, which does
 * not depend on the position in the word: `Σ`, `σ` and `ς` are equal, and `ß` is not `ss`. `toLowerCase` depends on the
 * position.
 */
export const foldCase = (text: string): string => {
  if (!beyondAscii.test(text)) return text.toLowerCase()
  table ??= makeTable()
  let folded = ""
  let start = 0
  let end = 0
  for (const character of text) {
    const other = table.get(character)
    if (other !== undefined) {
      folded += text.slice(start, end) + other
      start = end + character.length
    }
    end += character.length
  }
  return folded + text.slice(start)
}

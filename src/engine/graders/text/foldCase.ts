/**
 * Folds the case of a text, so that texts that differ in case alone become equal.
 *
 * @internal
 */

const isOne = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && text.codePointAt(0) !== text.charCodeAt(0))

/**
 * Dotless i is the one small letter whose capital is a capital of another letter
 * too: Unicode keeps it apart.
 */
const dotless = "ı"

const foldCharacter = (character: string): string => {
  if (character === dotless) return character
  // by the capital, since several small letters may share one: σ and ς, s and ſ
  const upper = character.toUpperCase()
  const lower = (isOne(upper) ? upper : character).toLowerCase()
  return isOne(lower) ? lower : character
}

/** Every character that folds to another one; made when a text beyond ASCII comes for the first time. */
let table: ReadonlyMap<string, string> | undefined

/** The last character of the two planes that have letters with case. */
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
 * Folds case character by character, as Unicode's simple case folding does: a
 * character folds to the same one wherever it stands, and to one character. `Σ`,
 * `σ` and `ς` are equal; `ß` is not `ss`. `toLowerCase` looks at the place in the
 * word.
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

/**
 * Porter's stemmer in its published form ("An algorithm for suffix stripping", 1980). It equals nltk's `PorterStemmer` in
 * the mode `ORIGINAL_ALGORITHM`. Words of one and two letters are stemmed too. A letter of another alphabet is a consonant.
 *
 * @internal
 */

/** A suffix and its replacement. */
type Rule = readonly [suffix: string, replacement: string]

const step2: ReadonlyArray<Rule> = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["abli", "able"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"]
]

const step3: ReadonlyArray<Rule> = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""]
]

const step4: ReadonlyArray<Rule> = [
  ["al", ""],
  ["ance", ""],
  ["ence", ""],
  ["er", ""],
  ["ic", ""],
  ["able", ""],
  ["ible", ""],
  ["ant", ""],
  ["ement", ""],
  ["ment", ""],
  ["ent", ""],
  ["ion", ""],
  ["ou", ""],
  ["ism", ""],
  ["ate", ""],
  ["iti", ""],
  ["ous", ""],
  ["ive", ""],
  ["ize", ""]
]

/** Whether a letter is a vowel. `y` is a vowel after a consonant. */
const isVowel = (unit: number, afterConsonant: boolean): boolean => {
  switch (unit) {
    case 97: // a
    case 101: // e
    case 105: // i
    case 111: // o
    case 117: // u
      return true
    case 121: // y
      return afterConsonant
    default:
      return false
  }
}

/** Computes Porter's m: the number of times that consonants follow vowels. */
const measure = (word: string): number => {
  let count = 0
  let vowel = false
  for (let i = 0; i < word.length; i++) {
    const next = isVowel(word.charCodeAt(i), i > 0 && !vowel)
    if (vowel && !next) count++
    vowel = next
  }
  return count
}

/** Whether the letter at a position is a vowel. True before the first letter, so that a first `y` is a consonant. */
const vowelAt = (word: string, place: number): boolean => {
  let vowel = true
  for (let i = 0; i <= place; i++) vowel = isVowel(word.charCodeAt(i), !vowel)
  return vowel
}

const hasVowel = (word: string): boolean => {
  // a y that is not the first letter is a vowel or follows one
  for (let i = 0; i < word.length; i++) if (isVowel(word.charCodeAt(i), i > 0)) return true
  return false
}

/** Returns the last letter, which may be two code units. */
const lastLetter = (word: string): string => {
  const unit = word.charCodeAt(word.length - 1)
  return word.slice(unit >= 0xdc00 && unit < 0xe000 ? -2 : -1)
}

/** Whether a word ends in a consonant, a vowel, and a consonant that is not w, x or y. */
const endsShort = (word: string): boolean => {
  const last = lastLetter(word)
  const place = word.length - last.length - 1
  return !/[aeiouwxy]/.test(last) && vowelAt(word, place) && !vowelAt(word, place - 1)
}

/** Applies the first rule whose suffix the word has, if the rest of the word has a measure above `least`. */
const replace = (word: string, rules: ReadonlyArray<Rule>, least: number): string => {
  for (const [suffix, replacement] of rules) {
    if (word.endsWith(suffix)) {
      const rest = word.slice(0, -suffix.length)
      const applies = measure(rest) > least && (suffix !== "ion" || rest.endsWith("s") || rest.endsWith("t"))
      return applies ? rest + replacement : word
    }
  }
  return word
}

/** Repairs a word after the removal of `ed` or `ing`. */
const restore = (word: string): string => {
  if (word.endsWith("at") || word.endsWith("bl") || word.endsWith("iz")) return `${word}e`
  const last = lastLetter(word)
  if (word.endsWith(last + last) && !vowelAt(word, word.length - 1)) {
    return /[lsz]/.test(last) ? word : word.slice(0, -last.length)
  }
  return measure(word) === 1 && endsShort(word) ? `${word}e` : word
}

const step1a = (word: string): string =>
  word.endsWith("sses") || word.endsWith("ies")
    ? word.slice(0, -2)
    : word.endsWith("s") && !word.endsWith("ss")
      ? word.slice(0, -1)
      : word

const step1b = (word: string): string => {
  if (word.endsWith("eed")) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word
  const rest = word.endsWith("ed") ? word.slice(0, -2) : word.endsWith("ing") ? word.slice(0, -3) : ""
  return hasVowel(rest) ? restore(rest) : word
}

const step1c = (word: string): string =>
  word.endsWith("y") && hasVowel(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word

const step5 = (word: string): string => {
  let rest = word
  if (word.endsWith("e")) {
    const without = word.slice(0, -1)
    const size = measure(without)
    if (size > 1 || (size === 1 && !endsShort(without))) rest = without
  }
  return rest.endsWith("ll") && measure(rest.slice(0, -1)) > 1 ? rest.slice(0, -1) : rest
}

/** Returns the stem of a lower-case word. */
export const stem = (word: string): string => {
  const last = word.charCodeAt(word.length - 1)
  // no rule applies to a word that does not end in a letter of this alphabet
  if (!(last >= 97 && last <= 122)) return word
  return step5(replace(replace(replace(step1c(step1b(step1a(word))), step2, 0), step3, 0), step4, 1))
}

/**
 * Splits texts into tokens like the reference implementations.
 *
 * @internal
 */

// `\w` and `\s` of Python's `re`, which differ from JavaScript's: a word has letters and numbers of every script but no
// combining marks, and space includes the separators U+001C to U+001F and U+0085 but not the byte order mark.
const word = String.raw`\p{L}\p{N}_`
const space = String.raw`\p{Z}\t-\r\u001C-\u001F\u0085`
// bounded, since the stack of regular expressions does not hold ten million emoji without a space
const run = "{1,1000000}"
const token = new RegExp(String.raw`[${word}]${run}|[^${word}${space}]${run}`, "gu")

/** Returns the words and the runs of punctuation, like Python's `re.findall(r"\w+|[^\w\s]+", text)`. */
export const tokens = (text: string): ReadonlyArray<string> => text.match(token) ?? []

const asciiWord = /[a-z0-9]+/g

/**
 * Splits texts of scripts without spaces between words, by the dictionaries of Unicode's ICU. The locale does not matter
 * for these scripts. A fixed one is named so that the result does not depend on the machine.
 */
const segmenter = new Intl.Segmenter("en", { granularity: "word" })

const segmentedWords = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  for (const { isWordLike, segment } of segmenter.segment(text)) if (isWordLike === true) words.push(segment)
  return words
}

/**
 * Returns the lower-cased words of a text. Words are runs of `[a-z0-9]`, like those of the tokenizer of `rouge-score`
 * without its stemmer. If a text has no such word (Thai, Chinese, Arabic, Devanagari, Cyrillic, …), `Intl.Segmenter`
 * finds the words. This is the engine's own rule: without it, two equal texts would score 0.
 */
export const rougeWords = (text: string): ReadonlyArray<string> => {
  const lower = text.toLowerCase()
  return lower.match(asciiWord) ?? segmentedWords(lower)
}

/**
 * Tokens as the reference implementations cut them.
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

/** The words and the runs of punctuation of a text, as Python's `re.findall(r"\w+|[^\w\s]+", text)` has them. */
export const tokens = (text: string): ReadonlyArray<string> => text.match(token) ?? []

/** The lower-cased words of `[a-z0-9]` of a text, as the tokenizer of `rouge-score` has them without its stemmer. */
export const asciiWords = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[a-z0-9]+/g) ?? []

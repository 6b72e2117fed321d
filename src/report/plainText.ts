/**
 * Texts of other authors, made safe to show: one line, without hidden or steering characters.
 */

// Invisible characters, and those that change the direction of text. Joiners within emoji, and between letters of scripts
// that need joiners, are left as they are.
const unseen =
  /(?!(?<=\p{Extended_Pictographic}\uFE0F?[\u{1F3FB}-\u{1F3FF}]?)\u200D(?=\p{Extended_Pictographic}))(?!(?<=[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]])[\u200C\u200D](?=[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]]))[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\uFFF9-\uFFFB]--\p{Variation_Selector}]/gv

const escaped = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`
}

/** Removes control characters from a line, and writes invisible characters as escapes: `\u202E`. */
export const visible = (line: string): string => line.replaceAll(/\p{Cc}+/gu, " ").replaceAll(unseen, escaped)

/** Makes a text of another author one line, as {@link visible} does. */
export const plain = (text: string): string => visible(text).trim()

import { overlaps } from "./ngrams.ts"
import { tokens } from "./tokens.ts"

/** The longest n-grams that count. */
const longest = 4

const grams = (size: number): number => {
  let count = 0
  for (let n = 0; n < longest && n < size; n++) count += size - n
  return count
}

/**
 * Google's BLEU of a sentence, from 0 to 1: nltk's `sentence_gleu`, the smaller
 * of precision and recall over all 1- to 4-grams. 0 when the texts have no
 * token in common.
 */
export const gleu = (input: string, reference: string): number => {
  const hypothesis = tokens(input)
  const target = tokens(reference)
  let count = 0
  for (const shared of overlaps(hypothesis, target, longest)) count += shared
  return count === 0 ? 0 : count / grams(Math.max(hypothesis.length, target.length))
}

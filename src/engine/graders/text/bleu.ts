import { overlaps } from "./ngrams.ts"
import { tokens } from "./tokens.ts"

/** The longest n-grams that count. */
const longest = 4
/** The constant of Chen and Cherry's fourth smoothing, as nltk has it. */
const k = 5

/**
 * BLEU of a sentence, from 0 to 1: nltk's `sentence_bleu` with equal weights of
 * 1- to 4-grams and the smoothing `method4` (Chen and Cherry, "A Systematic
 * Comparison of Smoothing Techniques for Sentence-Level BLEU", 2014). 0 when
 * the texts have no token in common.
 */
export const bleu = (input: string, reference: string): number => {
  const hypothesis = tokens(input)
  const target = tokens(reference)
  const counts = overlaps(hypothesis, target, longest)
  const size = hypothesis.length
  if (counts[0] === 0) return 0
  let sum = 0
  let unmatched = 0
  for (let n = 1; n <= longest; n++) {
    const count = counts[n - 1] ?? 0
    const grams = Math.max(1, size - n + 1)
    if (count > 0) sum += Math.log(count / grams) / longest
    // the logarithm of one token's length is 0: nothing to smooth with, and nltk leaves the n-gram out
    else if (size > 1) sum += Math.log(1 / ((2 ** ++unmatched * k) / Math.log(size)) / grams) / longest
  }
  return (size > target.length ? 1 : Math.exp(1 - target.length / size)) * Math.exp(sum)
}

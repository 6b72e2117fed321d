import { lcs } from "./lcs.ts"
import { numbered, overlaps } from "./ngrams.ts"
import { rougeWords } from "./tokens.ts"

/** Computes the harmonic mean of precision and recall. */
const f1 = (count: number, input: number, reference: number): number => {
  if (count === 0) return 0
  const precision = count / input
  const recall = count / reference
  return (2 * precision * recall) / (precision + recall)
}

/**
 * Computes ROUGE-N, from 0 to 1: F1 over n-grams of lower-cased words, as
 * `rouge-score` computes it without its stemmer. 0 when a text has fewer than n
 * words.
 */
export const rougeN =
  (n: number) =>
  (input: string, reference: string): number => {
    const prediction = rougeWords(input)
    const target = rougeWords(reference)
    const count = overlaps(prediction, target, n)[n - 1] ?? 0
    return f1(count, prediction.length - n + 1, target.length - n + 1)
  }

/**
 * Computes ROUGE-L, from 0 to 1: F1 over the longest common subsequence of
 * lower-cased words, as `rouge-score` computes it without its stemmer.
 */
export const rougeL = (input: string, reference: string): number => {
  const prediction = rougeWords(input)
  const target = rougeWords(reference)
  const words = numbered(prediction, target)
  const count = lcs(
    words.reference,
    words.input.filter((word) => word >= 0),
    words.distinct
  )
  return f1(count, prediction.length, target.length)
}

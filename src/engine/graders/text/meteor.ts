import { stem } from "./porter.ts"
import { tokens } from "./tokens.ts"

// Weights of METEOR's authors (Lavie and Agarwal, 2007), which are nltk's defaults.
const alpha = 0.9
const beta = 3
const gamma = 0.5

/**
 * Aligns words that are not aligned yet and have the same key. Begins at the end: each word of the hypothesis takes the
 * last free word of the reference. nltk does the same, so the number of chunks equals nltk's, and is not always minimal.
 */
const align = (
  hypothesis: ReadonlyArray<string>,
  reference: ReadonlyArray<string>,
  key: (word: string) => string,
  /** For each word of the hypothesis, its word of the reference, or -1. */
  aligned: Int32Array,
  taken: Uint8Array
): number => {
  const last = new Map<string, number>()
  const previous = new Int32Array(reference.length)
  for (let j = 0; j < reference.length; j++) {
    if (taken[j] === 1) continue
    const word = key(reference[j] ?? "")
    previous[j] = last.get(word) ?? -1
    last.set(word, j)
  }
  let count = 0
  for (let i = hypothesis.length - 1; i >= 0; i--) {
    if (aligned[i] !== -1) continue
    const word = key(hypothesis[i] ?? "")
    const j = last.get(word) ?? -1
    if (j < 0) continue
    last.set(word, previous[j] ?? -1)
    aligned[i] = j
    taken[j] = 1
    count++
  }
  return count
}

/** Counts the runs of words that are adjacent in both texts. */
const countChunks = (aligned: Int32Array): number => {
  let count = 0
  for (let i = 0; i < aligned.length; i++) {
    const j = aligned[i] ?? -1
    // -1 is no word, so the first word of the reference (j = 0) follows none even if aligned[i - 1] is -1
    if (j !== -1 && (j === 0 || i === 0 || aligned[i - 1] !== j - 1)) count++
  }
  return count
}

const lower = (word: string): string => word.toLowerCase()
const same = (word: string): string => word

/**
 * Computes METEOR without synonyms, 0 to 1: nltk's `single_meteor_score` over lower-cased tokens. Tokens match if they are
 * equal or have the same stem. Equal texts score less than 1, since even one chunk has a penalty. The score is 0 if no
 * token matches.
 */
export const meteor = (input: string, reference: string): number => {
  const hypothesis = tokens(input).map(lower)
  const target = tokens(reference).map(lower)
  const aligned = new Int32Array(hypothesis.length).fill(-1)
  const taken = new Uint8Array(target.length)
  let count = align(hypothesis, target, same, aligned, taken)
  if (count < hypothesis.length && count < target.length) count += align(hypothesis, target, stem, aligned, taken)
  if (count === 0) return 0
  const precision = count / hypothesis.length
  const recall = count / target.length
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall)
  return (1 - gamma * (countChunks(aligned) / count) ** beta) * mean
}

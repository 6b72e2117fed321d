/**
 * The metrics of `text_similarity` that compare texts and need no model.
 *
 * `fuzzy_match` is the host's, as far as its published scores tell. Of the
 * others the host says no more than their names: tokens, smoothing and the like
 * are this engine's choice, and the scores need not equal the host's.
 *
 * Each takes time in proportion to the lengths of the texts, but for
 * `fuzzy_match` and `rouge_l`: theirs is the product of the lengths, of code
 * points and of words, divided by 31.
 */
import type { Metric } from "../../../schema/Grader.ts"
import { bleu } from "./bleu.ts"
import { fuzzyMatch } from "./fuzzyMatch.ts"
import { gleu } from "./gleu.ts"
import { meteor } from "./meteor.ts"
import { rougeL, rougeN } from "./rouge.ts"

/** A metric of `text_similarity` other than `cosine`, which compares embeddings. */
export type TextMetric = Exclude<typeof Metric.Type, "cosine">

/** The score of an input against a reference, from 0 to 1, by the metric's name on the wire. */
export const metrics: { readonly [M in TextMetric]: (input: string, reference: string) => number } = {
  fuzzy_match: fuzzyMatch,
  bleu,
  gleu,
  meteor,
  rouge_1: rougeN(1),
  rouge_2: rougeN(2),
  rouge_3: rougeN(3),
  rouge_4: rougeN(4),
  rouge_5: rougeN(5),
  rouge_l: rougeL
}

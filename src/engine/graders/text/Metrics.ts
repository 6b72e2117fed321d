/**
 * The metrics of `text_similarity` that compare texts and need no model.
 *
 * `fuzzy_match` gives the host's scores, as far as they are published. Of the other metrics the host documents the names
 * only: tokens, smoothing and similar details are this engine's choice, so scores may differ from the host's.
 *
 * The time of each metric is proportional to the lengths of the texts. Exceptions are `fuzzy_match` and `rouge_l`: their
 * time is the product of both lengths (in code points, and in words) divided by 31.
 */
import type { Metric } from "../../../schema/Grader.ts"
import { bleu } from "./bleu.ts"
import { fuzzyMatch } from "./fuzzyMatch.ts"
import { gleu } from "./gleu.ts"
import { meteor } from "./meteor.ts"
import { rougeL, rougeN } from "./rouge.ts"

/** A metric of `text_similarity` other than `cosine`, which compares embeddings. */
export type TextMetric = Exclude<typeof Metric.Type, "cosine">

/** The metrics by their name on the wire. A metric returns the score of an input and a reference, 0 to 1. */
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

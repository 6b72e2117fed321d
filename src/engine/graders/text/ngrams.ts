/**
 * Numbers tokens, and counts the n-grams that two texts have in common.
 *
 * @internal
 */

/** Two lists of tokens as numbers below `distinct`. A token that only the input has is -1. */
export interface Numbered {
  readonly input: Int32Array
  readonly reference: Int32Array
  readonly distinct: number
}

/** Numbers the tokens of two texts. */
export const numbered = (input: ReadonlyArray<string>, reference: ReadonlyArray<string>): Numbered => {
  const numbers = new Map<string, number>()
  const target = new Int32Array(reference.length)
  for (let i = 0; i < reference.length; i++) {
    const token = reference[i] ?? ""
    let number = numbers.get(token)
    if (number === undefined) numbers.set(token, (number = numbers.size))
    target[i] = number
  }
  const found = new Int32Array(input.length)
  for (let i = 0; i < input.length; i++) found[i] = numbers.get(input[i] ?? "") ?? -1
  return { input: found, reference: target, distinct: numbers.size }
}

/** Counts the common grams. A repeated gram counts as often as both lists have it. */
const shared = (input: Int32Array, reference: Int32Array, distinct: number): number => {
  const left = new Int32Array(distinct)
  for (const gram of reference) left[gram] = (left[gram] ?? 0) + 1
  let count = 0
  for (const gram of input) {
    if (gram < 0) continue
    const rest = left[gram] ?? 0
    if (rest > 0) {
      left[gram] = rest - 1
      count++
    }
  }
  return count
}

/**
 * Counts the common n-grams of two texts, for each length from 1 to `longest`. A repeated n-gram counts as often as both
 * texts have it.
 */
export const overlaps = (
  input: ReadonlyArray<string>,
  reference: ReadonlyArray<string>,
  longest: number
): ReadonlyArray<number> => {
  const counts = Array.from({ length: longest }, () => 0)
  const unigrams = numbered(input, reference)
  let { distinct, input: left, reference: right } = unigrams
  for (let n = 1; ; n++) {
    const count = shared(left, right, distinct)
    counts[n - 1] = count
    // longer n-grams are built from these
    if (count === 0 || n === longest || left.length < 2 || right.length < 2) return counts
    // a gram is identified by the shorter gram that it extends and by its last token
    const numbers = new Map<number, number>()
    const longer = new Int32Array(right.length - 1)
    for (let i = 0; i < longer.length; i++) {
      const key = (right[i] ?? 0) * unigrams.distinct + (unigrams.reference[i + n] ?? 0)
      let number = numbers.get(key)
      if (number === undefined) numbers.set(key, (number = numbers.size))
      longer[i] = number
    }
    const next = new Int32Array(left.length - 1)
    for (let i = 0; i < next.length; i++) {
      const gram = left[i] ?? -1
      const last = unigrams.input[i + n] ?? -1
      next[i] = gram < 0 || last < 0 ? -1 : (numbers.get(gram * unigrams.distinct + last) ?? -1)
    }
    left = next
    right = longer
    distinct = numbers.size
  }
}

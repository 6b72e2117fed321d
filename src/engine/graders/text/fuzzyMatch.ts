import { bitCount, lcs } from "./lcs.ts"

/** A number for each code point of one text. All are 0 between calls. */
const byPoint = new Int32Array(0x11_0000)

/** Longer texts use separate memory. */
const short = 4096
const inputPoints = new Int32Array(short)
const referencePoints = new Int32Array(short)

/** Writes the code points of a text, and returns their number. A single surrogate counts as one. */
const read = (text: string, points: Int32Array): number => {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point >= 0xd800 && point < 0xdc00) {
      point = text.codePointAt(i) ?? point
      if (point > 0xffff) i++
    }
    points[count++] = point
  }
  return count
}

/** Computes the longest common subsequence with a text of at most 32 code points, which fits in one word. */
const lcsOfWord = (shorter: Int32Array, longer: Int32Array, start: number, end: number, longerEnd: number): number => {
  for (let i = start; i < end; i++) {
    const point = shorter[i] ?? 0
    byPoint[point] = (byPoint[point] ?? 0) | (1 << (i - start))
  }
  let open = -1
  for (let j = start; j < longerEnd; j++) {
    const matches = open & (byPoint[longer[j] ?? 0] ?? 0)
    open = (open + matches) | (open ^ matches)
  }
  for (let i = start; i < end; i++) byPoint[shorter[i] ?? 0] = 0
  return bitCount(~open)
}

/** Computes the longest common subsequence of longer texts. Numbers their code points in place first. */
const lcsOfText = (shorter: Int32Array, longer: Int32Array, start: number, end: number, longerEnd: number): number => {
  const symbols: Array<number> = []
  for (let i = start; i < longerEnd; i++) {
    const point = longer[i] ?? 0
    let number = byPoint[point] ?? 0
    if (number === 0) byPoint[point] = number = symbols.push(point)
    longer[i] = number - 1
  }
  let kept = start
  for (let j = start; j < end; j++) {
    const number = byPoint[shorter[j] ?? 0] ?? 0
    // a code point that the other text lacks matches nothing
    if (number !== 0) shorter[kept++] = number - 1
  }
  for (const point of symbols) byPoint[point] = 0
  return lcs(longer.subarray(start, longerEnd), shorter.subarray(start, kept), symbols.length)
}

/**
 * Computes the similarity of two texts, 0 to 1. The result equals `rapidfuzz.fuzz.ratio(input, reference) / 100` without a
 * processor, to the last bit. It is 1 minus the share of code points that are inserted or removed. Two empty texts are
 * equal.
 */
export const fuzzyMatch = (input: string, reference: string): number => {
  if (input === reference) return 1
  const a = input.length > short ? new Int32Array(input.length) : inputPoints
  const b = reference.length > short ? new Int32Array(reference.length) : referencePoints
  const inputLength = read(input, a)
  const referenceLength = read(reference, b)
  const least = Math.min(inputLength, referenceLength)
  let start = 0
  while (start < least && a[start] === b[start]) start++
  let tail = 0
  while (tail < least - start && a[inputLength - 1 - tail] === b[referenceLength - 1 - tail]) tail++
  const inputEnd = inputLength - tail
  const referenceEnd = referenceLength - tail
  const count = least - tail - start <= 32 ? lcsOfWord : lcsOfText
  const common =
    start +
    tail +
    (inputLength < referenceLength
      ? count(a, b, start, inputEnd, referenceEnd)
      : count(b, a, start, referenceEnd, inputEnd))
  const total = inputLength + referenceLength
  // in percent and back, like rapidfuzz: with another rounding, a score at the threshold could fail
  return ((1 - (total - 2 * common) / total) * 100) / 100
}

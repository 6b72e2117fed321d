/**
 * Computes the length of the longest common subsequence, thirty-one cells of a row in one step (Hyyrö, "Bit-parallel
 * LCS-length computation revisited", 2004).
 *
 * @internal
 */

/** The bits of a word that are used. The highest of the thirty-two holds the carry of an addition. */
const width = 31
const full = 0x7fff_ffff
/** The words of a block. It bounds the memory for each distinct symbol. */
const most = 64

/** The bits of a block at which no match ends yet. */
const open = new Int32Array(most)
/** The positions of each symbol in a block. All are 0 between calls. Many symbols use separate memory. */
const fewPlaces = new Int32Array(16_384)

/** Counts the set bits of a word of 32 bits. */
export const bitCount = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/**
 * Returns the length of the longest common subsequence of two lists of symbols, which are numbers below `distinct`. Takes
 * `a.length * b.length / 31` steps.
 */
export const lcs = (a: Int32Array, b: Int32Array, distinct: number): number => {
  if (b.length === 0) return 0
  const words = Math.min(most, Math.ceil(a.length / width))
  const size = words * width
  const places = distinct * words > fewPlaces.length ? new Int32Array(distinct * words) : fewPlaces
  /** For each position of `b`, the carry of the block before. */
  const carries = a.length > size ? new Uint8Array(b.length) : undefined
  let length = 0
  for (let start = 0; start < a.length; start += size) {
    const end = Math.min(start + size, a.length)
    const used = Math.ceil((end - start) / width)
    for (let i = start; i < end; i++) {
      const word = Math.trunc((i - start) / width)
      const index = (a[i] ?? 0) * words + word
      places[index] = (places[index] ?? 0) | (1 << (i - start - word * width))
    }
    open.fill(full, 0, used)
    for (let j = 0; j < b.length; j++) {
      const row = (b[j] ?? 0) * words
      let carry = carries === undefined ? 0 : (carries[j] ?? 0)
      for (let word = 0; word < used; word++) {
        const before = open[word] ?? 0
        const matches = before & (places[row + word] ?? 0)
        const sum = (((before + matches) | 0) + carry) | 0
        carry = sum >>> width
        open[word] = (sum & full) | (before ^ matches)
      }
      if (carries !== undefined) carries[j] = carry
    }
    for (let word = 0; word < used; word++) length += width - bitCount(open[word] ?? 0)
    for (let i = start; i < end; i++) {
      places[(a[i] ?? 0) * words + Math.trunc((i - start) / width)] = 0
    }
  }
  return length
}

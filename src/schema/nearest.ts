/**
 * Suggestions for misspelt names.
 *
 * @internal
 */

// length of the longest compared name: the time grows with the product of both lengths
const longest = 64

/** Normalizes a name: case, `_`, `-` and blanks do not count. */
const normal = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, "")

/** Counts the edits between two names: insertion, deletion, substitution, or transposition of neighbours. */
const distance = (a: string, b: string): number => {
  let before: ReadonlyArray<number> = []
  let row: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      const swapped = a[i] === b[j - 1] && a[i - 1] === b[j] ? (before[j - 1] ?? Infinity) + 1 : Infinity
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** Returns the candidate with the fewest edits, and undefined if each has too many. */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  if (name.length > longest) return undefined
  const meant = normal(name)
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    if (candidate.length > longest) continue
    const found = distance(meant, normal(candidate))
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))
    if (found <= limit && found < (best?.distance ?? Infinity)) best = { candidate, distance: found }
  }
  // a name of one letter is one edit away from any other
  return best !== undefined && best.distance < normal(best.candidate).length ? best.candidate : undefined
}

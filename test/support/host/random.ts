/** Numbers that look random and are the same for the same seed. */

/** A source of such numbers. */
export interface Random {
  /** From 0 up to 1. */
  readonly next: () => number
  /** A whole number from 0 up to `below`. */
  readonly whole: (below: number) => number
  /** True in so many cases of one. */
  readonly chance: (share: number) => boolean
  /** One of a list. */
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
  /** A list in another order. */
  readonly shuffle: <A>(list: ReadonlyArray<A>) => Array<A>
}

/** A number made of a text, the same for the same text. */
export const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  }
  state = Math.imul(state ^ (state >>> 15), 0x85ebca6b)
  return (state ^ (state >>> 13)) >>> 0
}

/** Numbers from a seed of any parts. */
export const random = (...seed: ReadonlyArray<string | number>): Random => {
  let state = hash(seed.join("/"))
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const whole = (below: number) => Math.floor(next() * below)
  return {
    next,
    whole,
    chance: (share) => next() < share,
    pick: (from) => from[whole(from.length)] ?? from[0],
    shuffle: (list) => {
      const left = [...list]
      const shuffled: typeof left = []
      while (left.length > 0) shuffled.push(...left.splice(whole(left.length), 1))
      return shuffled
    }
  }
}

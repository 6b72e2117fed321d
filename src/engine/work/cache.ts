/** @internal */

/** Caches a value for each of the most recently used texts. `make` computes the value of a text. */
export class Cache<A> {
  readonly #values = new Map<string, A>()
  readonly #size: number
  readonly #make: (text: string) => A

  constructor(size: number, make: (text: string) => A) {
    this.#size = size
    this.#make = make
  }

  get(text: string): A {
    const known = this.#values.get(text)
    const value = known ?? this.#make(text)
    this.#values.delete(text)
    this.#values.set(text, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#size) break
      this.#values.delete(oldest)
    }
    return value
  }
}

/** The rows of docs/behaviour.md, and how their values are written. */

/** A name that a file exports. */
export interface Named {
  readonly file: string
  readonly name: string
}

/** How a fact about the host is known. */
export type Evidence = "documented" | "specified" | "seen" | "inferred"

/** What the host does, and the engine with it. */
export interface Fact {
  readonly says: string
  readonly evidence: ReadonlyArray<Evidence>
  readonly test: Named
}

/** What the engine does where nothing shows what the host does. */
export interface Rule {
  readonly open: string
  readonly says: string
  readonly code: Named
  readonly test: Named
}

/** Rows under a heading. */
export interface Group<A> {
  readonly heading: string
  readonly rows: ReadonlyArray<A>
}

/** Names that a file exports, or the tests that it has. */
export const named =
  (file: string) =>
  (name: string): Named => ({ file, name })

/** Code in a sentence. */
export const code = (text: string): string => `\`${text}\``

/** A list of codes. */
export const all = (texts: Iterable<string>): string => Array.from(texts, code).join(", ")

/** A number with separators. */
export const count = (value: number): string => value.toLocaleString("en-US")

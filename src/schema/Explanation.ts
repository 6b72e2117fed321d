/**
 * The explanation of a result: the variable that had no value, the two texts that were compared, or the reason why a judge
 * gave no judgement.
 *
 * @internal
 */

/** A variable had no value, and nothing was compared. */
export interface Missing {
  readonly _tag: "Missing"
  /** The variables as the template has them, with their braces. Empty if the item does not tell. */
  readonly variables: ReadonlyArray<string>
  /** Whether each of them had no value. Otherwise at least one of them had none, and the item does not tell which. */
  readonly certain: boolean
}

/** Two texts were compared. */
export interface Compared {
  readonly _tag: "Compared"
  /** The rendered input. */
  readonly input: string
  /** The rendered reference. */
  readonly reference: string
  /** The operation of a `string_check`, or the metric of a `text_similarity`. */
  readonly by: string
  /** Whether these are certainly the texts: an item does not hold the complete sample of its row. */
  readonly certain: boolean
}

/** The answer of a judge was no judgement. */
export interface Unjudged {
  readonly _tag: "Unjudged"
  readonly message: string
}

/** The item and the criterion tell no more than the result itself, as with the score of a model. */
export interface Unexplained {
  readonly _tag: "Unexplained"
}

/** The explanation of a result. */
export type Explanation = Missing | Compared | Unjudged | Unexplained

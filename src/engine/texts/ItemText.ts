/**
 * An output item as the JSON that is served. No other module knows the order of its keys.
 *
 * A batch of rows is written in two halves. The worker that judged a row writes the tail, which begins with
 * `"datasource_item"`. The process that stores the row writes the head, since the ids are given there.
 *
 * @internal
 */

/** The `sample` of a result: none, a copy of the row's sample, or another sample as JSON. */
export type ResultSample = null | "same" | { readonly json: string }

/** A result of one criterion, without the name of the criterion. */
export interface Result {
  readonly passed: boolean
  readonly sample: ResultSample
  /** A finite number. */
  readonly score: number
}

/** The second half of an item. */
export interface Tail {
  /** JSON from `"datasource_item":` up to and including the closing brace. */
  readonly tail: string
  /**
   * The places where results show the sample of the row again. There `tail` has `null`. Each number is a distance from
   * the end of `tail`: the first number belongs to the sample, each other number to a place. With `[40, 90]` the sample
   * begins 40 characters before the end, and one `null` 90 characters before it. Undefined where there are no places.
   */
  readonly copies: ReadonlyArray<number> | undefined
}

/** The JSON with which the results of a criterion begin. It is made once for many rows. */
export const resultHead = (criterionId: string): string => `{"name":${JSON.stringify(criterionId)},"passed":`

const beforeSample = '],"sample":'

/**
 * Writes the tail of an item. `heads` has one entry for each result ({@link resultHead}). `item` and `sample` are JSON.
 */
export const tail = (
  item: string,
  heads: ReadonlyArray<string>,
  results: ReadonlyArray<Result>,
  sample: string
): Tail => {
  let written = ""
  let places: Array<number> | undefined
  for (let index = 0; index < results.length; index++) {
    const result = results[index]
    if (result === undefined) continue
    if (written !== "") written += ","
    written += `${heads[index] ?? resultHead("")}${result.passed},"sample":`
    if (result.sample === "same") (places ??= []).push(written.length)
    written += `${typeof result.sample === "object" && result.sample !== null ? result.sample.json : "null"},"score":${result.score}}`
  }
  const end = written.length + beforeSample.length + sample.length + 1
  return {
    tail: `"datasource_item":${item},"results":[${written}${beforeSample}${sample}}`,
    copies: places && [sample.length + 1, ...places.map((place) => end - place)]
  }
}

/** The values that all items of a batch share. */
export interface Common {
  readonly evalId: string
  readonly runId: string
  /** Unix seconds. */
  readonly createdAt: number
}

/** Returns a function that writes the heads of a batch: JSON from the opening brace to the comma before the tail. */
export const heads = ({ createdAt, evalId, runId }: Common) => {
  const middle = `","object":"eval.run.output_item","created_at":${createdAt},"run_id":${JSON.stringify(runId)},"eval_id":${JSON.stringify(evalId)},"status":"`
  return (id: string, status: "pass" | "fail" | "error", row: number): string =>
    `{"id":"${id}${middle}${status}","datasource_item_id":${row},`
}

/**
 * Sends rows to the workers in parts.
 *
 * @internal
 */
import { lineFeed } from "../../schema/bytes.ts"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { WorkerDied } from "./workErrors.ts"

const encoder = new TextEncoder()

/** Encodes rows in UTF-8. */
export const bytesOf = (rows: Uint8Array | string): Uint8Array =>
  typeof rows === "string" ? encoder.encode(rows) : rows

/** Returns the first line, with its line feed. */
const firstLineOf = (rows: Uint8Array): Uint8Array => {
  const end = rows.indexOf(lineFeed)
  return end === -1 ? rows : rows.subarray(0, end + 1)
}

/** An operation on rows. */
export interface Work<A> {
  /** Sends rows to a worker. The answer covers at least the first row, and has the size of its rows in bytes. */
  readonly ask: (rows: Uint8Array) => Effect.Effect<A, WorkerDied>
  readonly take: (answer: A) => void
  /** Handles a row that ends its worker each time. */
  readonly refuse: (row: Uint8Array, died: WorkerDied) => Effect.Effect<void, WorkerDied>
}

/**
 * Sends rows to the workers until all rows are done. After a worker died, the rows are sent one by one until the row that
 * ended it is found. The only failure is that no worker can be started.
 */
export const eachPart = Effect.fnUntraced(function* <A extends { readonly bytes: number }>(
  rows: Uint8Array,
  { ask, refuse, take }: Work<A>
): Effect.fn.Return<void, WorkerDied> {
  let rest = rows
  let oneByOne = false
  while (rest.length > 0) {
    const part = oneByOne ? firstLineOf(rest) : rest
    const answer = yield* Effect.result(ask(part))
    if (Result.isSuccess(answer)) {
      take(answer.success)
      rest = rest.subarray(answer.success.bytes)
    } else if (!answer.failure.started) {
      return yield* answer.failure
    } else if (oneByOne) {
      yield* refuse(part, answer.failure)
      rest = rest.subarray(part.length)
      oneByOne = false
    } else oneByOne = true
  }
})

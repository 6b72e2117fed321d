/**
 * Makes the requests of rows in the workers, in batches. A row that ends its worker each time gets no request.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pool } from "./ProcessPool.ts"
import type { PreparedRow } from "./protocol.ts"
import { eachPart } from "./rowParts.ts"
import type { WorkerDied } from "./workErrors.ts"

/** Time limits, in milliseconds. */
interface Limits {
  readonly gradeMillis: number
  readonly sliceMillis: number
}

/** Makes the function that prepares rows. `source` is the JSON of the run's data source. */
export const makePrepare = (pool: Pool, { gradeMillis, sliceMillis }: Limits) =>
  Effect.fnUntraced(function* (
    source: string,
    rows: Uint8Array
  ): Effect.fn.Return<ReadonlyArray<PreparedRow>, WorkerDied> {
    const prepared: Array<PreparedRow> = []
    yield* eachPart(rows, {
      ask: (part) => pool.ask("prepare", { source, rows: part, millis: gradeMillis, sliceMillis }),
      take: (answer) => {
        for (const one of answer.prepared) prepared.push(one)
      },
      refuse: (_row, died) =>
        Effect.sync(() => {
          const message = `The messages of this row could not be made: ${died.message}.`
          prepared.push({ _tag: "Failed", item: "{}", cause: { code: "worker_crashed", message } })
        })
    })
    return prepared
  })

/**
 * Validates rows in the workers, in batches.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Pool } from "./ProcessPool.ts"
import { type Expired, unknownKeysKept, type Unread } from "./protocol.ts"
import { bytesOf } from "./rowParts.ts"
import {
  type InvalidItemSchema,
  invalidSchema,
  InvalidRow,
  timedOut,
  type WorkerDied,
  WorkTimedOut
} from "./workErrors.ts"

/** Rows to be validated. */
export interface Rows {
  /** The JSON Schema of `item`; undefined if any object is allowed. */
  readonly schemaText: string | undefined
  /** Whether each row must have a sample. */
  readonly sampleRequired: boolean
  /** The fields of `sample` that criteria read. Default: none. */
  readonly sampleNames?: ReadonlyArray<string>
  /** Lines of JSON. Blank lines count as lines, but are not rows. */
  readonly rows: Uint8Array | string
  /** The number of the first line. Default 1. */
  readonly firstLine?: number
}

/** The result for valid rows. */
export interface Valid {
  /** The number of rows. */
  readonly rows: number
  /** The models that samples name, at most two. Failed samples are ignored. */
  readonly models: ReadonlyArray<string>
  /** Keys of rows other than `item` and `sample`, which are ignored. Not all of them if there are many. */
  readonly unknownKeys: ReadonlyArray<string>
  /**
   * Rows whose sample has none of the fields that the criteria read. The first such row is counted from the first row of
   * the call, and its line from `firstLine`.
   */
  readonly unread: Unread | undefined
}

/** Time limits, in milliseconds. */
interface Limits {
  readonly compileMillis: number
  readonly validateMillis: number
  readonly sliceMillis: number
}

/** Makes the function that validates rows in order, up to the first wrong one. */
export const makeValidateRows = (pool: Pool, { compileMillis, sliceMillis, validateMillis }: Limits) => {
  const expiredAt = ({ line }: Expired, firstLine: number) =>
    line === undefined
      ? timedOut("compiling the item schema", compileMillis)
      : new WorkTimedOut({
          limitMillis: validateMillis,
          line: firstLine + line,
          message: `takes longer than ${validateMillis / 1000} s to be checked against the item schema; is one of its patterns like "^(a+)+$"?`
        })

  return Effect.fnUntraced(function* ({
    firstLine = 1,
    rows,
    sampleNames = [],
    sampleRequired,
    schemaText
  }: Rows): Effect.fn.Return<Valid, InvalidRow | InvalidItemSchema | WorkTimedOut | WorkerDied> {
    const models = new Set<string>()
    const unknownKeys = new Set<string>()
    let unread: Unread | undefined
    const common = { schemaText, sampleRequired, sampleNames, compileMillis, millis: validateMillis, sliceMillis }
    let rest = bytesOf(rows)
    let index = 0
    let line = firstLine
    while (rest.length > 0) {
      const answer = yield* pool.ask("validateRows", { ...common, rows: rest })
      if (answer._tag === "BadRow") {
        const { message, path } = answer
        return yield* new InvalidRow({ index: index + answer.row, line: line + answer.line, path, message })
      }
      if (answer._tag === "BadSchema") return yield* invalidSchema(answer)
      if (answer._tag === "Expired") return yield* expiredAt(answer, line)
      for (const model of answer.models) if (models.size < 2) models.add(model)
      for (const key of answer.unknownKeys) if (unknownKeys.size < unknownKeysKept) unknownKeys.add(key)
      const more = answer.unread
      if (more !== undefined) {
        const first = unread ?? { ...more, row: index + more.row, line: line + more.line, rows: 0 }
        unread = { ...first, rows: first.rows + more.rows }
      }
      index += answer.rows
      line += answer.lines
      rest = rest.subarray(answer.bytes)
    }
    return { rows: index, models: [...models], unknownKeys: [...unknownKeys], unread }
  })
}

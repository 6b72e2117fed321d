/**
 * The rows of a data source, ready to be read.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type * as Stream from "effect/Stream"
import type { Lines } from "../rows/Lines.ts"
import type { Rejection } from "../texts/Rejection.ts"

/** The most lines of a batch. */
export const linesAtOnce = 1000

/** A batch of rows, one a line. */
export type Batch = Pick<Lines, "bytes" | "lines" | "line">

/** A value of a row. */
export interface RowValue {
  /** The number of the row, from 0. */
  readonly index: number
  /** The line of the row, from 1. */
  readonly line: number
  /** The path within the row; empty for the row itself. */
  readonly path: string
}

/** The rows of a data source, and words for messages about them. */
export interface OpenRows {
  readonly batches: Stream.Stream<Batch, Rejection | SqlError, SqlClient.SqlClient>
  /** The field of the request that brings the rows. */
  readonly param: string
  /** Says where a value is. */
  readonly place: (value: RowValue) => string
  /** Says where a line is. */
  readonly lineOf: (line: number) => string
  /** Says that the rows are no JSON lines, by their first bytes; empty if they may be. */
  readonly wrongKind: (head: Uint8Array) => string
  /** Says why there are no rows; empty if that needs no explanation. */
  readonly whyEmpty: string
  /** Refuses the run if the rows were deleted since they were opened. An expired file is read all the same. */
  readonly still: Effect.Effect<void, Rejection | SqlError, SqlClient.SqlClient>
}

/**
 * Opens the rows of a data source.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import type { Rejection } from "../texts/Rejection.ts"
import { fileRows } from "./fileRows.ts"
import { inlineRows } from "./inlineRows.ts"
import type { OpenRows } from "./OpenRows.ts"

/** The rows that a run asks for. */
export interface Request {
  readonly project: number
  /** A data source that this engine supports. */
  readonly dataSource: DataSourceParam
  /** The rows in the body of the request, one a line; undefined if it has none. */
  readonly inline: Uint8Array | undefined
  /** Unix seconds. */
  readonly now: number
}

/** Opens the rows of a data source. */
export const open = ({
  dataSource: { source },
  inline,
  now,
  project
}: Request): Effect.Effect<OpenRows, Rejection | SqlError, SqlClient.SqlClient> =>
  source.type === "file_id"
    ? fileRows(project, source.id, now)
    : Effect.succeed(inlineRows(inline ?? new Uint8Array(0)))

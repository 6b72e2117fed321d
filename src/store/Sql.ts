/**
 * The type of queries.
 */
import type * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** An effect that queries the database. */
export type Sql<A, E = SqlError> = Effect.Effect<A, E, SqlClient.SqlClient>

/**
 * Provides the database of an archive as `SqlClient`, to one effect or stream only.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import { Database } from "./Database.ts"

/** Runs an effect with the database of the archive as its `SqlClient`. */
export const provideDatabase = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, SqlClient.SqlClient> | Database> =>
  Effect.provideServiceEffect(effect, SqlClient.SqlClient, Database)

/** Runs a stream with the database of the archive as its `SqlClient`. */
export const provideDatabaseToStream = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Stream.Stream<A, E, Exclude<R, SqlClient.SqlClient> | Database> =>
  Stream.provideServiceEffect(stream, SqlClient.SqlClient, Database)

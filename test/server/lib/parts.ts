/** An engine put together so that a test reaches its database, on the connection that the engine itself uses. */
import { Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Engine from "../../../src/engine/Engine.ts"
import type { Needs } from "../../../src/engine/runs/BatchExecution.ts"
import * as Executor from "../../../src/engine/runs/Executor.ts"
import { migrate, newest } from "../../../src/store/migrations.ts"
import * as Sqlite from "../../../src/store/Sqlite.ts"

/** The database of an engine. */
export const database = (filename: string) =>
  Layer.provideMerge(Layer.effectDiscard(migrate), Sqlite.layer({ filename }, newest))

/** An engine over the database of the context. */
export const engine = (
  executor: Layer.Layer<Executor.Executor, never, Needs> = Executor.layerLocal,
  options: Engine.Options = {}
) => Engine.layer({ ...options, executor })

/** An engine in memory, and its database. */
export const layerMemory = Layer.provideMerge(engine(), database(":memory:"))

/** An engine in a file, and its database. */
export const layerFile = (filename: string) => Layer.provideMerge(engine(), database(filename))

/** The number that a query gives. */
export const count = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly n: number }>`SELECT count(*) AS n FROM ${sql(table)}`
    return rows[0]?.n ?? -1
  })

/** Looks again and again, in real time, until something holds. The test's time limit bounds it. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (found: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.repeat(look, { until: holds, schedule: Schedule.spaced("5 millis") })

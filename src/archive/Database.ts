/** The SQLite database of an archive. */
import { existsSync } from "node:fs"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { migrate, newest } from "../store/migrations.ts"
import * as Sqlite from "../store/Sqlite.ts"

export { DatabaseError } from "../store/Sqlite.ts"

/**
 * The database of an archive as an `SqlClient`. It has its own tag, so it does not replace the `SqlClient` of an
 * application.
 *
 * **Example** (The names of all evals)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Database } from "effect-evals/archive"
 *
 * export const names = Effect.gen(function* () {
 *   const sql = yield* Database.Database
 *   return yield* sql`SELECT body ->> '$.name' AS name FROM evals`
 * }).pipe(Effect.provide(Database.layer({ filename: "evals.db", readonly: true })))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Database extends Context.Service<Database, SqlClient.SqlClient>()("effect-evals/archive/Database") {}

const unreadable = (filename: string, message: string) =>
  new Sqlite.DatabaseError({ reason: "Unreachable", filename, message: `${filename}: ${message}` })

const present = (filename: string) =>
  Effect.suspend(() =>
    filename === ":memory:" || existsSync(filename)
      ? Effect.void
      : Effect.fail(unreadable(filename, "there is no such file"))
  )

const filled = (filename: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const tables = yield* sql`SELECT name FROM sqlite_master WHERE name = 'projects'`
    if (tables.length === 0) return yield* unreadable(filename, "is empty: nothing was archived into it yet")
  })

// closing the database turns the write-ahead log off: the archive is then one file, which can be opened from a
// read-only medium; the log stays on while another connection is open
const folded = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.addFinalizer(() =>
    Effect.ignore(Effect.andThen(sql.unsafe("PRAGMA busy_timeout = 0"), sql.unsafe("PRAGMA journal_mode = DELETE")))
  )
)

/**
 * Opens the database. The file is created if it does not exist, unless `readonly` is set.
 *
 * A file of another program, or of a newer version of this library, is refused and not changed.
 *
 * **Example** (A file beside the program)
 *
 * ```ts
 * import { Database } from "effect-evals/archive"
 *
 * export const layer = Database.layer({ filename: "evals.db" })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Sqlite.Options
): Layer.Layer<Database, Sqlite.DatabaseError | Migrator.MigrationError | SqlError> => {
  const { filename } = options
  const opened = Sqlite.layer(options, newest)
  const database = Layer.effect(Database, SqlClient.SqlClient)
  return options.readonly === true
    ? Layer.merge(database, Layer.effectDiscard(filled(filename))).pipe(
        Layer.provide(opened),
        Layer.provide(Layer.effectDiscard(present(filename)))
      )
    : Layer.provide(Layer.merge(database, Layer.effectDiscard(Effect.andThen(migrate, folded))), opened)
}

/** Reads the names of a database's projects as somebody for whom rights hold; prints them, or why it cannot. */
import { Console, Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "./database.ts"

const [filename = "", mode] = process.argv.slice(2)

// they do not hold for who may do everything
if (process.getuid?.() === 0) process.setuid?.(65_534)

const names = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ readonly name: string }>`SELECT name FROM projects`)

Effect.runPromise(
  names.pipe(
    Effect.provide(Database.layer({ filename, readonly: mode === "read" })),
    Effect.match({
      onFailure: ({ message }) => message,
      onSuccess: (rows) => rows.map(({ name }) => name).join()
    }),
    Effect.flatMap((text) => Console.log(text))
  )
)

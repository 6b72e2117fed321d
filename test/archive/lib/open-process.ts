/** Opens a database as a process of its own, as soon as a line comes in, and prints how many tables there are. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "./database.ts"
import { once } from "node:events"

console.log("ready")
await once(process.stdin, "data")
process.stdin.destroy()

const tables = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT name FROM sqlite_master WHERE type = 'table'`)
const found = await Effect.runPromise(Effect.provide(tables, Database.layer({ filename: process.argv[2] ?? "" })))
console.log(found.length)

/** The database of an archive beside that of an application. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Database, verify } from "effect-evals/archive"
import * as Sqlite from "../../src/store/Sqlite.ts"

const application = Layer.effectDiscard(
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE orders (id TEXT)`)
).pipe(Layer.provideMerge(Sqlite.layer({ filename: ":memory:" }, 0)))

const archive = Database.layer({ filename: ":memory:" })

const tables = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly name: string }>`SELECT name FROM sqlite_master WHERE name IN ('orders', 'projects')`,
    (rows) => rows.map(({ name }) => name)
  )

describe("an application with its own SqlClient", () => {
  it.effect.each([
    ["before", Layer.merge(archive, application)],
    ["after", Layer.merge(application, archive)]
  ] as const)("keeps it where the layer of an archive stands %s its own", ([, both]) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      assert.deepStrictEqual(yield* tables(sql), ["orders"])
      assert.deepStrictEqual(yield* tables(yield* Database.Database), ["projects"])
      // in a transaction of the application, too
      const found = yield* sql.withTransaction(verify())
      assert.isTrue(found.complete)
    }).pipe(Effect.provide(both))
  )

  it.effect("gets no other one from the layer of an archive", () =>
    Effect.gen(function* () {
      assert.isTrue((yield* Effect.serviceOption(SqlClient.SqlClient))._tag === "None")
      assert.isTrue((yield* verify()).complete)
    }).pipe(Effect.provide(archive))
  )
})

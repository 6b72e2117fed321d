import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import * as Database from "../archive/lib/database.ts"
import { DatabaseSync } from "node:sqlite"
import * as Sqlite from "../../src/store/Sqlite.ts"
import { file } from "../archive/lib/run.ts"

const memory = Sqlite.layer({ filename: ":memory:" }, 1)

const table = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)`
  return sql
})

const words = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ readonly word: string }>`SELECT word FROM t ORDER BY id`, (rows) => rows.map(({ word }) => word))
)

const reasonOf = <A>(effect: Effect.Effect<A, SqlError.SqlError, SqlClient.SqlClient>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason._tag)

describe("transactions", () => {
  it.effect("commit, and roll back when they fail", () =>
    Effect.gen(function* () {
      const sql = yield* table
      yield* sql.withTransaction(sql`INSERT INTO t (word) VALUES ('kept')`)
      const failed = yield* sql
        .withTransaction(Effect.andThen(sql`INSERT INTO t (word) VALUES ('undone')`, Effect.fail("no")))
        .pipe(Effect.flip)
      assert.strictEqual(failed, "no")
      assert.deepStrictEqual(yield* words, ["kept"])
    }).pipe(Effect.provide(memory))
  )

  it.effect("roll back an inner transaction alone", () =>
    Effect.gen(function* () {
      const sql = yield* table
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`INSERT INTO t (word) VALUES ('outer')`
          yield* sql
            .withTransaction(Effect.andThen(sql`INSERT INTO t (word) VALUES ('inner')`, Effect.fail("no")))
            .pipe(Effect.ignore)
          yield* sql.withTransaction(sql`INSERT INTO t (word) VALUES ('inner too')`)
        })
      )
      assert.deepStrictEqual(yield* words, ["outer", "inner too"])
    }).pipe(Effect.provide(memory))
  )

  it.effect("of many fibers do not mix, and an interrupted fiber rolls back", () =>
    Effect.gen(function* () {
      const sql = yield* table
      const two = (n: number) =>
        sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`INSERT INTO t (word) VALUES (${`${n} first`})`
            yield* Effect.yieldNow
            if (n % 3 === 0) return yield* Effect.fail("no")
            yield* sql`INSERT INTO t (word) VALUES (${`${n} second`})`
          })
        )
      const stuck = yield* Effect.forkChild(
        sql.withTransaction(Effect.andThen(sql`INSERT INTO t (word) VALUES ('stuck')`, Effect.never))
      )
      yield* Effect.yieldNow
      const many = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 30 }, (_, n) => n),
          (n) => Effect.ignore(two(n)),
          {
            concurrency: 10,
            discard: true
          }
        )
      )
      yield* Effect.yieldNow
      yield* Fiber.interrupt(stuck)
      yield* Fiber.join(many)
      const found = yield* words
      assert.strictEqual(found.length, 40)
      // the two rows of a transaction stand side by side
      for (const [at, word] of found.entries()) {
        assert.strictEqual(word.endsWith(at % 2 === 0 ? "first" : "second"), true, word)
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("that SQLite itself has rolled back fail with an error, and the next one works", () =>
    Effect.gen(function* () {
      const sql = yield* table
      yield* sql`PRAGMA max_page_count = 12`
      const large = "x".repeat(100_000)
      const reason = yield* reasonOf(
        sql.withTransaction(
          Effect.andThen(sql`INSERT INTO t (word) VALUES ('small')`, sql`INSERT INTO t (word) VALUES (${large})`)
        )
      )
      assert.strictEqual(reason, "UnknownError")
      assert.deepStrictEqual(yield* words, [])
      yield* sql.withTransaction(sql`INSERT INTO t (word) VALUES ('after')`)
      assert.deepStrictEqual(yield* words, ["after"])
    }).pipe(Effect.provide(memory))
  )
})

describe("errors", () => {
  it.effect("name the reason: a duplicate value, a constraint, a wrong statement", () =>
    Effect.gen(function* () {
      const sql = yield* table
      yield* sql`INSERT INTO t (id, word) VALUES (1, 'once')`
      const twice = yield* Effect.flip(sql`INSERT INTO t (word) VALUES ('once')`)
      assert.strictEqual(twice.reason._tag, "UniqueViolation")
      if (twice.reason._tag === "UniqueViolation") assert.strictEqual(twice.reason.constraint, "t.word")
      yield* sql`CREATE TABLE strict (n INTEGER NOT NULL CHECK (n > 0))`
      assert.strictEqual(yield* reasonOf(sql`INSERT INTO strict VALUES (0)`), "ConstraintError")
      assert.strictEqual(yield* reasonOf(sql`INSERT INTO strict VALUES (NULL)`), "ConstraintError")
      assert.match((yield* Effect.flip(sql`SELECT missing`)).message, /no such column: missing/)
      assert.strictEqual(yield* reasonOf(sql`SELECT missing`), "UnknownError")
      // a value that SQLite has no type for
      assert.match((yield* Effect.flip(sql.unsafe("SELECT ?", [{ a: 1 }]))).message, /object cannot be stored/)
    }).pipe(Effect.provide(memory))
  )

  it.effect("distinguish a locked database from a read-only one", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* Effect.gen(function* () {
        const sql = yield* table
        const other = new DatabaseSync(filename)
        other.exec("BEGIN IMMEDIATE")
        yield* sql`PRAGMA busy_timeout = 1`
        const write = sql.withTransaction(sql`INSERT INTO t (word) VALUES ('x')`)
        assert.strictEqual(yield* reasonOf(write), "LockTimeoutError")
        other.exec("ROLLBACK")
        yield* write
        other.close()
      }).pipe(Effect.provide(Database.layer({ filename })))

      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* words, ["x"])
        assert.match((yield* Effect.flip(sql`INSERT INTO t (word) VALUES ('y')`)).message, /readonly database/)
      }).pipe(Effect.provide(Database.layer({ filename, readonly: true })))
    })
  )
})

describe("rows", () => {
  it.effect("are streamed, and an interrupted stream releases its lock", () =>
    Effect.gen(function* () {
      const sql = yield* table
      yield* sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO t (word) SELECT 'w' || i FROM n`
      const all = sql<{ readonly word: string }>`SELECT word FROM t ORDER BY id`
      assert.strictEqual((yield* Stream.runCollect(all.stream)).at(-1)?.word, "w1000")
      assert.deepStrictEqual(
        (yield* Stream.runCollect(Stream.take(all.stream, 3))).map(({ word }) => word),
        ["w1", "w2", "w3"]
      )
      // SQLite refuses to drop a table that is being read
      yield* sql`DROP TABLE t`
    }).pipe(Effect.provide(memory))
  )

  it.effect("have the values that were bound", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const bytes = new Uint8Array([0, 255, 128])
      const rows = yield* sql.unsafe("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, CAST(? AS TEXT) AS f", [
        null,
        true,
        9007199254740991n,
        "é\u0000🚀",
        bytes,
        new TextEncoder().encode("é")
      ])
      assert.deepStrictEqual({ ...rows[0] }, { a: null, b: 1, c: 9007199254740991, d: "é\u0000🚀", e: bytes, f: "é" })
    }).pipe(Effect.provide(memory))
  )

  it.effect("are right after any number of statements", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      // more than are kept prepared, and each of them twice
      for (const n of [...Array(450).keys(), ...Array(450).keys()]) {
        const rows = yield* sql.unsafe(`SELECT ${n} AS n, ? AS given`, [n])
        assert.deepStrictEqual({ ...rows[0] }, { n, given: n })
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("of two databases in one program stay apart", () =>
    Effect.gen(function* () {
      const one = yield* Effect.provide(table, Layer.fresh(memory))
      assert.isDefined(one)
      const names = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT name FROM sqlite_master`)
      assert.deepStrictEqual(yield* Effect.provide(names, Layer.fresh(memory)), [])
    })
  )
})

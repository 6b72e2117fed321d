import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Database as Errors } from "effect-evals/archive"
import * as Database from "../archive/lib/database.ts"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { newest } from "../../src/store/migrations.ts"
import { folder } from "../archive/lib/run.ts"

const tables = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ readonly name: string }>`
  SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
)

const open = (filename: string, readonly = false) => tables.pipe(Effect.provide(Database.layer({ filename, readonly })))

const refusal = (filename: string, readonly = false) =>
  Effect.map(Effect.flip(open(filename, readonly)), (error) =>
    error._tag === "DatabaseError" ? { reason: error.reason, message: error.message } : error
  )

/** A database with some statements in it. */
const database = (filename: string, ...statements: ReadonlyArray<string>) => {
  const made = new DatabaseSync(filename)
  for (const statement of statements) made.exec(statement)
  made.close()
}

/** The files of a folder and their bytes. */
const contents = (path: string) =>
  readdirSync(path).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(path, name)))
      .digest("hex")
  ])

/** Asserts that a file is refused, in which words, and that the folder is left as it was. */
const leftAlone = (filename: string, reason: Errors.DatabaseError["reason"], words: RegExp) =>
  Effect.gen(function* () {
    const before = contents(dirname(filename))
    for (const readonly of [false, true]) {
      const refused = yield* refusal(filename, readonly)
      assert.isTrue("reason" in refused && refused.reason === reason, JSON.stringify(refused))
      assert.match(refused.message, words)
      assert.include(refused.message, basename(filename))
    }
    assert.deepStrictEqual(contents(dirname(filename)), before)
  })

describe("opening", () => {
  it.effect("creates a file, and finds its tables the second time", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "new.db")
      const made = yield* open(filename)
      assert.includeMembers(
        made.map(({ name }) => name),
        ["evals", "runs", "output_items", "files", "migrations"]
      )
      assert.deepStrictEqual(yield* open(filename), made)
      assert.deepStrictEqual(yield* open(filename, true), made)
      // what a file manager sees: one file, marked as ours
      assert.deepStrictEqual(readdirSync(dirname(filename)), ["new.db"])
      assert.strictEqual(readFileSync(filename).subarray(68, 72).toString(), "evls")
    })
  )

  it.effect("accepts an empty file as a new one", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "empty.db")
      writeFileSync(filename, "")
      assert.isNotEmpty(yield* open(filename))
    })
  )

  it.effect("refuses another program's database, in either journal mode", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const plain = join(path, "plain.db")
      database(plain, "CREATE TABLE users (id)", "INSERT INTO users VALUES (1)")
      yield* leftAlone(plain, "Foreign", /another program.*left untouched/)
      const marked = join(path, "marked.db")
      database(marked, "PRAGMA application_id = 1", "CREATE TABLE evals (id)")
      yield* leftAlone(marked, "Foreign", /another program.*left untouched/)
      const logged = join(path, "logged.db")
      database(logged, "PRAGMA journal_mode = WAL", "CREATE TABLE migrations (migration_id)")
      yield* leftAlone(logged, "Foreign", /another program.*left untouched/)
    })
  )

  it.effect("refuses another program's database while that program writes to it", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "in-use.db")
      const other = new DatabaseSync(filename)
      other.exec("PRAGMA journal_mode = WAL; CREATE TABLE users (id); INSERT INTO users VALUES (1); BEGIN IMMEDIATE")
      const refused = yield* refusal(filename)
      assert.isTrue("reason" in refused && refused.reason === "Foreign")
      other.exec("INSERT INTO users VALUES (2); COMMIT")
      assert.strictEqual(other.prepare("SELECT count(*) AS n FROM users").get()?.["n"], 2)
      other.close()
    })
  )

  it.effect("refuses a file that a newer version wrote", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "newer.db")
      yield* open(filename)
      database(filename, "INSERT INTO migrations (migration_id, name) VALUES (99, 'of the future')")
      yield* leftAlone(filename, "Newer", /newer version \(format 99, this one knows \d+\); update effect-evals/)
    })
  )

  it.effect("refuses a file that is not a database", () =>
    Effect.gen(function* () {
      const path = yield* folder
      for (const [name, text] of [
        ["notes.txt", "some notes"],
        ["long.jsonl", '{"a":1}\n'.repeat(1000)],
        ["cut.db", "SQLite format"]
      ] as const) {
        writeFileSync(join(path, name), text)
        yield* leftAlone(join(path, name), "NotADatabase", /not an SQLite database/)
      }
    })
  )

  it.effect("refuses a database that is damaged, with an error and not a defect", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "damaged.db")
      writeFileSync(filename, Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(5000, 7)]))
      yield* leftAlone(filename, "NotADatabase", /not an SQLite database/)
    })
  )

  it.effect("refuses a folder, and a file in a folder that does not exist", () =>
    Effect.gen(function* () {
      const path = yield* folder
      mkdirSync(join(path, "a-folder"))
      const refused = yield* refusal(join(path, "a-folder"))
      assert.isTrue("reason" in refused && refused.reason === "Unreachable")
      assert.match(refused.message, /is a directory; name a file in it/)
      assert.match((yield* refusal(join(path, "no", "such.db"))).message, /folder does not exist; create it first/)
      assert.isFalse(existsSync(join(path, "no")))
    })
  )

  it.effect("for reading creates no file", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const refused = yield* refusal(join(path, "none.db"), true)
      assert.isTrue("reason" in refused && refused.reason === "Unreachable")
      assert.deepStrictEqual(readdirSync(path), [])
    })
  )
})

describe("migrations", () => {
  it.effect("run once", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "twice.db")
      yield* open(filename)
      yield* open(filename)
      const runs = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT migration_id FROM migrations`)
      assert.deepStrictEqual(
        (yield* Effect.provide(runs, Database.layer({ filename }))).map((row) => ({ ...row })),
        Array.from({ length: newest }, (_, index) => ({ migration_id: index + 1 }))
      )
    })
  )

  it.effect("resume after an interruption", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "stopped.db")
      // a process that is killed right after it has made the file leaves a mark, and perhaps an empty list
      database(filename, "PRAGMA journal_mode = WAL", "PRAGMA application_id = 1702259827")
      assert.include(
        (yield* open(filename)).map(({ name }) => name),
        "output_items"
      )
    })
  )
})

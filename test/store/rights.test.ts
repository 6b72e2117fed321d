import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Database } from "effect-evals/archive"
import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, existsSync, readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { folder } from "../archive/lib/run.ts"

/** What somebody finds for whom rights hold: the names of the projects, or why there are none. */
const found = (filename: string, mode: "read" | "write") =>
  Effect.sync(() => {
    const reader = join(import.meta.dirname, "../archive/lib/names-process.ts")
    return execFileSync(process.execPath, ["--conditions=effect-evals-source", reader, filename, mode], {
      encoding: "utf8"
    }).trimEnd()
  })

/** A database with a project, its log on, in a folder that nobody may write; `finish` leaves its last write in the log. */
const made = (finish: (connection: DatabaseSync, filename: string) => void) =>
  Effect.gen(function* () {
    const path = yield* folder
    chmodSync(path, 0o755)
    const filename = join(path, "evals.db")
    yield* Effect.scoped(Layer.build(Database.layer({ filename })))
    const connection = new DatabaseSync(filename)
    connection.exec("PRAGMA journal_mode = WAL; INSERT INTO projects (name, created_at) VALUES ('mine', 1)")
    finish(connection, filename)
    chmodSync(filename, 0o444)
    chmodSync(path, 0o555)
    yield* Effect.addFinalizer(() => Effect.sync(() => chmodSync(path, 0o755)))
    return filename
  })

describe("a database in a read-only folder", () => {
  it.effect("is read unchanged, and no file is created beside it", () =>
    Effect.gen(function* () {
      const filename = yield* made((connection) => connection.close())
      assert.strictEqual(yield* found(filename, "read"), "mine")
      assert.deepStrictEqual(readdirSync(dirname(filename)), ["evals.db"])
      assert.strictEqual(
        yield* found(filename, "write"),
        `${filename}: you may not write it. effect-evals list, show, items and serve --read-only read it as it is; ` +
          "to write, copy it to a folder that you may write, and name the copy"
      )
    })
  )

  it.effect("is not read without its unfinished log", () =>
    Effect.gen(function* () {
      const filename = yield* made((connection, original) => {
        copyFileSync(original, `${original}.copy`)
        copyFileSync(`${original}-wal`, `${original}.copy-wal`)
        connection.close()
      })
      const copy = `${filename}.copy`
      assert.isTrue(existsSync(`${copy}-wal`))
      const message = yield* found(copy, "read")
      assert.match(message, /: it cannot be read \(.*\): SQLite reads its log .*\.copy-wal by an index beside it/)
      assert.match(message, /Copy both to a folder that you may write, and name the copy$/)
    })
  )

  it.effect("is not created, and the message says what to do", () =>
    Effect.gen(function* () {
      const filename = yield* made((connection) => connection.close())
      const other = join(dirname(filename), "new.db")
      assert.strictEqual(
        yield* found(other, "write"),
        `${other}: no file can be made in ${dirname(other)} (unable to open database file); name one in a folder that you may write`
      )
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Database, verify } from "effect-evals/archive"
import { SqlClient } from "effect/sql"
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { evaluation, item, over, run, store, storeFile } from "./lib/fill.ts"
import { file } from "./lib/run.ts"

const whole = Effect.gen(function* () {
  yield* store("default", [
    evaluation("eval_1"),
    run("evalrun_1", 2),
    item("evalrun_1", 0, '"sample":null'),
    item("evalrun_1", 1, '"n":12345678901234567890,"n":2'),
    run("evalrun_2", 7, "in_progress")
  ])
  yield* storeFile("default", "file-1", "rows.jsonl", ["first piece, ", "second"])
  yield* storeFile("default", "file-2", "empty.jsonl", [])
})

const sql = (statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (client) => client.unsafe<{ readonly [column: string]: unknown }>(statement))

/** Fills a file, changes it behind the library's back, and verifies it. */
const after = (change: Effect.Effect<unknown, unknown, SqlClient.SqlClient>) =>
  Effect.gen(function* () {
    const filename = yield* file
    yield* over(filename, Effect.andThen(whole, change))
    return yield* over(filename, verify(), true)
  })

describe("verify", () => {
  it.effect("finds no problem in a new archive, and counts the checked objects", () =>
    Effect.gen(function* () {
      const found = yield* after(Effect.void)
      assert.deepStrictEqual([found.wrong, found.missing, found.failed], [[], [], []])
      assert.isTrue(found.complete)
      const { bytes, ...checked } = found.checked
      assert.deepStrictEqual(checked, { evals: 1, runs: 2, output_items: 2, files: 2, superseded: 0 })
      assert.isAbove(bytes, 300)
      assert.deepStrictEqual(found.unfinishedRuns, ["evalrun_2"])
    })
  )

  it.effect("reports a text that differs from what was received, of each kind and of older versions", () =>
    Effect.gen(function* () {
      const found = yield* after(
        Effect.gen(function* () {
          yield* store("default", [evaluation("eval_1", '{"id":"eval_1","name":"new"}')], 200)
          // one byte of white space is a change, as are keys in another order
          yield* sql(`UPDATE evals SET body = body || ' '`)
          yield* sql(`UPDATE superseded SET body = '{}'`)
          yield* sql(`UPDATE runs SET body = replace(body, '"status":', '"status": ') WHERE id = 'evalrun_2'`)
          yield* sql(`UPDATE output_items SET body = replace(body, '12345678901234567890', '12345678901234567000')`)
          yield* sql(`UPDATE files SET body = CAST(x'ff' AS TEXT) WHERE id = 'file-2'`)
        })
      )
      assert.isFalse(found.complete)
      assert.sameMembers(
        found.wrong.map(({ id, kind, project }) => `${project} ${kind} ${id}`),
        [
          "default evals eval_1",
          "default superseded eval_1",
          "default runs evalrun_2",
          "default output_items outputitem_evalrun_1_1",
          "default files file-2"
        ]
      )
    })
  )

  it.effect("counts the items of finished runs against the run's own text", () =>
    Effect.gen(function* () {
      const found = yield* after(sql("DELETE FROM output_items WHERE datasource_item_id = 1"))
      assert.deepStrictEqual(found.missing, [
        { project: "default", evalId: "eval_1", runId: "evalrun_1", saved: 1, total: 2 }
      ])
      assert.deepStrictEqual(found.wrong, [])
      assert.isFalse(found.complete)
    })
  )

  it.effect("reports a piece of a file that was changed or is missing", () =>
    Effect.gen(function* () {
      for (const [statement, expected] of [
        ["UPDATE file_pieces SET content = x'00' WHERE piece = 1", /hash differs/],
        ["DELETE FROM file_pieces WHERE piece = 0", /hash differs/],
        ["INSERT INTO file_pieces SELECT project, 'file-2', 0, content FROM file_pieces LIMIT 1", /hash differs/],
        ["UPDATE files SET content_sha256 = NULL WHERE id = 'file-1'", /not saved/]
      ] as const) {
        const found = yield* after(sql(statement))
        assert.strictEqual(found.wrong.length, 1, statement)
        assert.strictEqual(found.wrong[0]?.kind, "files")
        assert.match(found.wrong[0]?.message ?? "", expected)
      }
    })
  )

  it.effect("reports a file whose size differs from the size that the host states", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const found = yield* over(
        filename,
        Effect.gen(function* () {
          yield* storeFile("default", "file-1", "a", ["12345"])
          const text = '{"id":"file-1","filename":"a","bytes":9}'
          const content = "SELECT content_sha256 FROM files"
          const [before] = yield* sql(content)
          yield* store("default", [{ kind: "files", id: "file-1", text, columns: { filename: "a", purpose: "evals" } }])
          yield* sql(`UPDATE files SET content_sha256 = '${String(Object.values(before ?? {})[0])}'`)
          return yield* verify()
        })
      )
      assert.deepStrictEqual(
        found.wrong.map(({ message }) => message),
        ["its content is 5 bytes long, and the host says 9"]
      )
    })
  )

  it.effect("includes the objects that the last archive could not save", () =>
    Effect.gen(function* () {
      const found = yield* after(
        sql("INSERT INTO archive_problems VALUES (1, 'runs', 'evalrun_9', 'listRunsPage: 403 no', 5)")
      )
      assert.deepStrictEqual(found.failed, [
        { project: "default", kind: "runs", id: "evalrun_9", message: "listRunsPage: 403 no" }
      ])
      assert.isFalse(found.complete)
    })
  )

  it.effect("checks only the given project", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const [one, both] = yield* over(
        filename,
        Effect.gen(function* () {
          yield* store("a", [evaluation("eval_1")])
          yield* store("b", [evaluation("eval_1"), run("evalrun_1", 3)])
          return [yield* verify({ project: "a" }), yield* verify()] as const
        })
      )
      assert.deepStrictEqual([one.projects, one.complete], [["a"], true])
      assert.deepStrictEqual([both.projects, both.complete], [["a", "b"], false])
    })
  )

  it.effect("reports damage of the database and continues", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const items = Array.from({ length: 300 }, (_, row) => item("evalrun_1", row, `"pad":"${"x".repeat(200)}"`))
      yield* over(filename, store("default", [evaluation("eval_1"), run("evalrun_1", 300), ...items]))
      const bytes = readFileSync(filename)
      // pages in the middle, where the items are
      bytes.fill(0xee, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 3 * 4096)
      writeFileSync(filename, bytes)
      const found = yield* over(filename, verify(), true)
      assert.isFalse(found.complete)
      assert.isTrue(found.wrong.some(({ kind }) => kind === "database"))
    })
  )
})

describe("a file that is opened for reading", () => {
  it.effect("is not changed, and no file is created beside it", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* over(filename, whole)
      assert.deepStrictEqual(readdirSync(dirname(filename)), ["archive.db"])
      const before = readFileSync(filename)
      yield* over(filename, verify(), true)
      assert.deepStrictEqual(readdirSync(dirname(filename)), ["archive.db"])
      assert.isTrue(before.equals(readFileSync(filename)))
    })
  )

  it.effect("must exist and contain an archive", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const absent = yield* Effect.flip(over(filename, verify(), true))
      assert.instanceOf(absent, Database.DatabaseError)
      assert.match(absent.message, /there is no such file/)
      assert.isFalse(existsSync(filename))

      const empty = join(dirname(filename), "empty.db")
      copyFileSync("/dev/null", empty)
      const refused = yield* Effect.flip(over(empty, verify(), true))
      assert.match(refused.message, /is empty: nothing was archived/)
    })
  )
})

describe("docs/archive.md", () => {
  it.effect("names every table and column, and the application id", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const columns = yield* over(
        filename,
        sql(`SELECT m.name AS tbl, c.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table'`)
      )
      const text = readFileSync(join(import.meta.dirname, "../../docs/archive.md"), "utf8")
      const unnamed = columns
        .flatMap((column) => Object.values(column))
        .filter((name) => !text.includes(`\`${String(name)}\``))
      assert.isAbove(columns.length, 60)
      assert.deepStrictEqual(unnamed, [])
      const [mark] = yield* over(filename, sql("PRAGMA application_id"))
      assert.include(text, `\`PRAGMA application_id\` = ${String(mark?.["application_id"])}`)
    })
  )
})

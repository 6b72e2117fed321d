import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "../archive/lib/database.ts"
import { createHash } from "node:crypto"
import * as Objects from "../../src/store/Objects.ts"

const memory = Database.layer({ filename: ":memory:" })

const bytes = (text: string) => new TextEncoder().encode(text)

const run = (id: string, body: string | Uint8Array, status = "completed"): Objects.Received => ({
  id,
  createdAt: 7,
  columns: { eval_id: "eval_1", status },
  body: typeof body === "string" ? bytes(body) : body,
  requestId: undefined
})

const stored = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ readonly id: string; readonly body: Uint8Array; readonly read_at: number; readonly status: string }>`
      SELECT id, CAST(body AS BLOB) AS body, read_at, status FROM runs ORDER BY project, id`,
    (rows) => rows.map(({ body, id, read_at, status }) => [id, new TextDecoder().decode(body), read_at, status])
  )
)

describe("objects", () => {
  it.effect("are saved once, unchanged if they are equal, and replaced if they differ", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const project = yield* Objects.project("p", null, 1)
      const put = (objects: ReadonlyArray<Objects.Received>, now: number) => Objects.put("runs", project, objects, now)
      assert.deepStrictEqual(yield* put([run("a", "1"), run("b", "2")], 10), { saved: 2, changed: 0, unchanged: 0 })
      assert.deepStrictEqual(yield* put([run("b", "2"), run("c", "3"), run("a", "1 ", "failed")], 20), {
        saved: 1,
        changed: 1,
        unchanged: 1
      })
      assert.deepStrictEqual(yield* stored, [
        ["a", "1 ", 20, "failed"],
        ["b", "2", 10, "completed"],
        ["c", "3", 20, "completed"]
      ])
      const older = yield* sql`SELECT kind, id, body, read_at, superseded_at FROM superseded`
      assert.deepStrictEqual(
        older.map((row) => ({ ...row })),
        [{ kind: "runs", id: "a", body: "1", read_at: 10, superseded_at: 20 }]
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("that a page contains twice are stored once, in their last version", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const project = yield* Objects.project("p", null, 1)
      assert.deepStrictEqual(yield* Objects.put("runs", project, [run("a", "1"), run("a", "2")], 10), {
        saved: 1,
        changed: 0,
        unchanged: 1
      })
      assert.deepStrictEqual(yield* Objects.put("runs", project, [run("a", "3"), run("a", "4")], 20), {
        saved: 0,
        changed: 1,
        unchanged: 1
      })
      assert.deepStrictEqual(yield* stored, [["a", "4", 20, "completed"]])
      const older = yield* sql<{ readonly body: string }>`SELECT body FROM superseded`
      assert.deepStrictEqual(
        older.map((row) => row.body),
        ["2"]
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("keep any bytes unchanged", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const project = yield* Objects.project("p", null, 1)
      // no UTF-8, a NUL, nothing at all
      const odd = [new Uint8Array([0x22, 0xff, 0xc3, 0x22]), new Uint8Array([0x61, 0, 0x62]), new Uint8Array()]
      yield* Objects.put(
        "runs",
        project,
        odd.map((body, index) => run(String(index), body)),
        1
      )
      const rows = yield* sql<{ readonly body: Uint8Array; readonly sha256: string; readonly type: string }>`
        SELECT CAST(body AS BLOB) AS body, sha256, typeof(body) AS type FROM runs ORDER BY id`
      for (const [index, body] of odd.entries()) {
        assert.deepStrictEqual(rows[index]?.body, body)
        assert.strictEqual(rows[index]?.sha256, createHash("sha256").update(body).digest("hex"))
        assert.strictEqual(rows[index]?.type, "text")
      }
    }).pipe(Effect.provide(memory))
  )

  it.effect("are stored in any number, separately for each project", () =>
    Effect.gen(function* () {
      const one = yield* Objects.project("one", "http://host", 1)
      const other = yield* Objects.project("other", null, 1)
      assert.strictEqual(yield* Objects.project("one", "http://elsewhere", 2), one)
      const many = Array.from({ length: 1234 }, (_, index) => run(`run_${index}`, `{"n":${index}}`))
      assert.deepStrictEqual(yield* Objects.put("runs", one, many, 1), { saved: 1234, changed: 0, unchanged: 0 })
      assert.deepStrictEqual(yield* Objects.put("runs", other, many, 1), { saved: 1234, changed: 0, unchanged: 0 })
      assert.deepStrictEqual(yield* Objects.put("runs", one, many, 2), { saved: 0, changed: 0, unchanged: 1234 })
      assert.deepStrictEqual(yield* Objects.put("runs", one, [], 2), { saved: 0, changed: 0, unchanged: 0 })
      assert.strictEqual((yield* stored).length, 2468)
    }).pipe(Effect.provide(memory))
  )
})

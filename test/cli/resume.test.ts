/** Runs that were cut off are executed to their end, by a command that ends itself then. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { run } from "../../src/cli/program.ts"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import { hold, release } from "../behaviour/lib/held.ts"
import { until } from "../server/lib/parts.ts"
import { start } from "./lib/command.ts"
import * as Definition from "./lib/definition.ts"
import { command, screen } from "./lib/memory.ts"

const timeout = 120_000

const unfinished = (db: string) =>
  rows(db, "SELECT id FROM runs WHERE status IN ('queued', 'in_progress') ORDER BY id").map(({ id }) => String(id))

/** A file with so many runs of 4000 rows, whose processes were killed on their way. */
const cutOff = (count: number) =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = Definition.write(join(path, "definition.json"))
    const many = Definition.writeRows(join(path, "many.jsonl"), Definition.rowsOf(4000))
    assert.strictEqual((yield* command(["run", made, "--db", db])).code, 0)
    hold(db, 2000)
    for (let index = 0; index < count; index++) {
      const { child, ended } = start(["run", made, "--data", many, "--db", db])
      yield* until(
        Effect.sync(() => rows(db, "SELECT id FROM runs WHERE status = 'in_progress'")),
        ({ length }) => length > index
      )
      child.kill("SIGKILL")
      yield* Effect.promise(() => ended)
    }
    return { db, ids: unfinished(db) }
  })

it.live(
  "resume executes the named run or all unfinished runs, each row once, and ends",
  () =>
    Effect.gen(function* () {
      const { db, ids } = yield* cutOff(2)
      const [first = "", second = ""] = ids
      const { layer, printed } = screen()
      const fiber = yield* Effect.forkChild(Effect.provide(run(["resume", second, "--db", db], "0.0.0"), layer))
      yield* until(
        Effect.sync(() => printed.stderr),
        (text) => text.includes(`run      ${second}`)
      )
      // nobody executes it a second time meanwhile, and others look at it
      const beside = yield* command(["resume", "--db", db])
      assert.strictEqual(beside.code, 2)
      assert.match(beside.stderr, /another process works on it/)
      assert.deepStrictEqual((yield* command(["show", second, "--db", db])).stderr, "")
      // a run that is interrupted is left for later
      yield* Fiber.interrupt(fiber)
      assert.include(
        printed.stderr,
        `interrupted; judged rows are kept: effect-evals resume --db ${db} executes the rest`
      )
      assert.deepStrictEqual(unfinished(db), ids)

      release(db)
      const line = (id: string) => `${id}  completed: 3,000 passed, 1,000 failed, 0 errored\n`
      const one = yield* command(["resume", second, "--db", db])
      assert.deepStrictEqual([one.code, one.stdout], [0, line(second)], one.stderr)
      assert.include(one.stderr, "4,000/4,000  100.0 %")
      assert.deepStrictEqual(unfinished(db), [first])
      const all = yield* command(["resume", "--db", db])
      assert.deepStrictEqual([all.code, all.stdout], [0, line(first)], all.stderr)
      assert.deepStrictEqual(unfinished(db), [])
      for (const id of ids) {
        const [items] = rows(db, `SELECT count(*) AS n FROM output_items WHERE run_id = '${id}'`)
        assert.strictEqual(items?.["n"], 4000)
      }
      const again = yield* command(["resume", "--db", db])
      assert.deepStrictEqual([again.code, again.stdout], [0, "no run is unfinished\n"])
      const ended = yield* command(["resume", first, "--db", db])
      assert.deepStrictEqual([ended.code, ended.stdout], [0, `${first} has already ended: it is completed\n`])
    }),
  timeout
)

it.live(
  "resume refuses a missing file and an unknown run, and creates no file",
  () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const none = yield* command(["resume", "--db", db])
      assert.strictEqual(none.code, 2)
      assert.match(none.stderr, /there is no such file; effect-evals run, serve and archive create one/)
      assert.isFalse(existsSync(db))
      const made = Definition.write(join(path, "definition.json"))
      assert.strictEqual((yield* command(["run", made, "--db", db])).code, 0)
      const unknown = yield* command(["resume", "evalrun_none", "--db", db])
      assert.deepStrictEqual([unknown.code, unknown.stdout], [2, ""])
      assert.include(unknown.stderr, `${db} holds no run evalrun_none.`)
      const named = yield* command(["resume", "--db", db, "--project", "nobody"])
      assert.strictEqual(named.code, 2)
    }),
  timeout
)

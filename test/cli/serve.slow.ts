/** A server that is killed while it executes a run; the engine's tests do so without a process. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { rows } from "../archive/lib/stored.ts"
import { hold, release } from "../behaviour/lib/held.ts"
import { until } from "../server/lib/parts.ts"
import { start } from "./lib/command.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"
import { printed, serve, setUp } from "./lib/serving.ts"

describe("effect-evals serve", () => {
  it.live("resumes an unfinished run, and refuses to start while another process uses the file", () =>
    Effect.gen(function* () {
      const { db, definition, path } = yield* setUp
      const many = Definition.writeRows(join(path, "many.jsonl"), Definition.rowsOf(2000))
      assert.strictEqual((yield* command(["run", definition, "--db", db])).code, 0)
      hold(db, 1000)
      const { child, ended } = start(["run", definition, "--data", many, "--db", db])
      const id = yield* Effect.promise(() => printed(child.stderr, /^run +(evalrun_\w+)\n/m, ended))
      const stored = Effect.sync(() => rows(db, "SELECT id, body FROM output_items WHERE run_id = ? ORDER BY id", id))
      yield* Effect.raceFirst(
        until(stored, ({ length }) => length > 0),
        Effect.promise(() => ended)
      )
      // it holds on to the file while it stands still
      child.kill("SIGSTOP")
      const refused = yield* Effect.promise(() => start(["serve", "--db", db, "--port", "0"]).ended)
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, /evals\.db: another process works on it, a server or a run/)
      child.kill("SIGKILL")
      yield* Effect.promise(() => ended)
      const [cut] = rows(db, "SELECT status FROM runs WHERE id = ?", id)
      assert.strictEqual(cut?.["status"], "in_progress")
      const before = yield* stored
      assert.isAtMost(before.length, 1000)
      release(db)
      const server = yield* serve(db)
      const watched = yield* command(["watch", id, "--base-url", server.url, "--json"])
      assert.strictEqual(watched.code, 0, watched.stderr)
      assert.deepStrictEqual(JSON.parse(watched.stdout).run.result_counts, {
        total: 2000,
        errored: 0,
        failed: 500,
        passed: 1500
      })
      // what was judged by then is not judged again
      const after = new Map((yield* stored).map(({ body, id: item }) => [item, body]))
      assert.isTrue(before.every(({ body, id: item }) => after.get(item) === body))
    })
  )
})

import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { run } from "../../src/cli/program.ts"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import { hold } from "../behaviour/lib/held.ts"
import { until } from "../server/lib/parts.ts"
import { start } from "./lib/command.ts"
import * as Definition from "./lib/definition.ts"
import { command, screen } from "./lib/memory.ts"

const timeout = 60_000

it.live(
  "a run that no process executes is reported by list, show and watch, and is not resumed by them",
  () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const made = Definition.write(join(path, "definition.json"))
      const many = Definition.writeRows(join(path, "many.jsonl"), Definition.rowsOf(4000))
      assert.strictEqual((yield* command(["run", made, "--db", db])).code, 0)
      hold(db, 2000)
      const { child, ended } = start(["run", made, "--data", many, "--db", db])
      const [{ eval_id: one = "", id = "" } = {}] = yield* until(
        Effect.sync(() => rows(db, "SELECT id, eval_id FROM runs WHERE status = 'in_progress'")),
        ({ length }) => length > 0
      )
      const beside = yield* command(["list", String(one), "--db", db])
      assert.deepStrictEqual([beside.code, beside.stderr], [0, ""])
      child.kill("SIGKILL")
      yield* Effect.promise(() => ended)

      const idle = `no process executes ${String(id)}, which is in_progress: effect-evals resume ${String(id)} --db ${db} executes the rest`
      for (const args of [
        ["list", String(one)],
        ["show", String(id)]
      ]) {
        const { code, stderr, stdout } = yield* command([...args, "--db", db])
        assert.deepStrictEqual([code, stderr], [0, `${idle}\n`])
        assert.include(stdout, "in_progress")
      }
      const { layer, printed } = screen()
      const fiber = yield* Effect.forkChild(Effect.provide(run(["watch", String(id), "--db", db], "0.0.0"), layer))
      yield* until(
        Effect.sync(() => printed.stderr),
        (text) => text.includes(`warning: ${idle}\n`)
      )
      yield* Fiber.interrupt(fiber)
      assert.include(printed.stderr, `interrupted; ${idle}\n`)

      // that of an archive never goes on
      const connection = new DatabaseSync(db)
      connection.exec("UPDATE runs SET origin = 'archive' WHERE status = 'in_progress'")
      connection.close()
      assert.strictEqual(
        (yield* command(["show", String(id), "--db", db])).stderr,
        `${String(id)} was saved while it was in_progress: it keeps this status here\n`
      )
    }),
  timeout
)

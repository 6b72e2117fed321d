import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { DatabaseSync } from "node:sqlite"
import { folder } from "../archive/lib/run.ts"
import { command } from "./lib/command.ts"
import { command as inMemory } from "./lib/memory.ts"

it.live("effect-evals serve reports in one line why the database cannot use the file", () =>
  Effect.gen(function* () {
    const filename = `${yield* folder}/evals.db`
    yield* Effect.scoped(Layer.build(EvalsEngine.layerSqlite({ filename })))
    const connection = new DatabaseSync(filename)
    connection.exec("DROP TABLE run_executions; CREATE VIEW run_executions AS SELECT 1 AS other")
    connection.close()
    const { code, stderr, stdout } = yield* command(["serve", "--db", filename, "--port", "0"])
    assert.deepStrictEqual(
      { code, stderr, stdout },
      { code: 2, stderr: `effect-evals: ${filename}: no such column: project\n`, stdout: "" }
    )
  }).pipe(Effect.scoped)
)

it.live("each verb reports in one sentence that --db names a directory", () =>
  Effect.gen(function* () {
    const db = yield* folder
    const verbs = [["list"], ["show", "evalrun_1"], ["resume"], ["serve", "--port", "0"], ["archive", "--verify"]]
    for (const verb of [...verbs, ["export", "--out", `${db}/out`]]) {
      const { code, stderr } = yield* inMemory([...verb, "--db", db])
      assert.deepStrictEqual([code, stderr], [2, `effect-evals: ${db}: is a directory; name a file in it\n`])
    }
    const device = yield* inMemory(["list", "--db", "/dev/null"])
    assert.strictEqual(device.stderr, "effect-evals: /dev/null: is no regular file; name a file\n")
  })
)

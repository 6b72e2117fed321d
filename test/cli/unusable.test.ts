import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { DatabaseSync } from "node:sqlite"
import { folder } from "../archive/lib/run.ts"
import { command } from "./lib/command.ts"

it.live("effect-evals serve says in one line what the database says when it cannot work with the file", () =>
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

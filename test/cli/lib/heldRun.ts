/** A run that is held in its middle, so that it can be interrupted there. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../../archive/lib/run.ts"
import { rows } from "../../archive/lib/stored.ts"
import { hold } from "../../behaviour/lib/held.ts"
import { until } from "../../server/lib/parts.ts"
import * as Definition from "./definition.ts"
import { command } from "./memory.ts"

/** The arguments of a run that is held in its middle, and an effect that waits until some of its rows are judged. */
export const held = Effect.gen(function* () {
  const path = yield* folder
  const db = join(path, "evals.db")
  const made = Definition.write(join(path, "definition.json"))
  const many = Definition.writeRows(join(path, "many.jsonl"), Definition.rowsOf(4000))
  // the file is made by a run of four rows
  assert.strictEqual((yield* command(["run", made, "--db", db])).code, 0)
  hold(db, 2000)
  const judged = until(
    Effect.sync(() => rows(db, "SELECT count(*) AS n FROM output_items")[0]?.["n"]),
    (items) => Number(items) > 4
  )
  return { args: ["run", made, "--data", many, "--db", db], db, judged }
})

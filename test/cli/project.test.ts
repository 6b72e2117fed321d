import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const projects = (db: string) => rows(db, "SELECT name FROM projects ORDER BY project").map(({ name }) => name)

it.live("a project that the file does not hold is refused by every command, and not created", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = Definition.write(join(path, "definition.json"))
    // a new file gets the project that is named
    assert.strictEqual((yield* command(["run", made, "--db", db, "--project", "pa"])).code, 0)
    assert.deepStrictEqual(projects(db), ["pa"])
    for (const args of [
      ["run", made],
      ["serve", "--port", "0"],
      ["serve", "--port", "0", "--read-only"],
      ["list"],
      ["cancel", "evalrun_1"]
    ]) {
      const { code, stderr, stdout } = yield* command([...args, "--db", db, "--project", "pd"])
      assert.deepStrictEqual(
        [code, stdout, stderr],
        [2, "", `effect-evals: ${db} holds no project pd, but pa.\n`],
        args.join(" ")
      )
    }
    assert.deepStrictEqual(projects(db), ["pa"])
    assert.strictEqual((yield* command(["run", made, "--db", db])).code, 0)
  })
)

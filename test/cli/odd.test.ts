import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

it.live("objects that cannot be decoded are shown with their known fields, and the others are complete", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = Definition.write(join(path, "definition.json"))
    const ran = Effect.map(command(["run", made, "--db", db, "--json"]), ({ stdout }) => JSON.parse(stdout))
    const { eval: odd, run } = yield* ran
    const { eval: other } = yield* Effect.map(command(["run", made, "--db", db, "--json", "--new"]), ({ stdout }) =>
      JSON.parse(stdout)
    )
    const connection = new DatabaseSync(db)
    connection.exec(`UPDATE evals SET body = json_remove(body, '$.testing_criteria[0].input') WHERE id = '${odd.id}'`)
    connection.exec(`UPDATE output_items SET body = json_remove(body, '$.results') WHERE datasource_item_id = 1`)
    connection.exec(`UPDATE runs SET body = json_remove(body, '$.result_counts') WHERE id = '${run.id}'`)
    connection.close()
    const at = (...args: ReadonlyArray<string>) => command([...args, "--db", db])

    const evals = yield* at("list")
    assert.deepStrictEqual([evals.code, evals.stderr], [0, ""])
    assert.deepStrictEqual(
      evals.stdout.split("\n").map((line) => line.replace(/ {2}\d.*UTC {2}/, " ")),
      [`${other.id} labels`, `${odd.id} labels`, ""]
    )
    assert.match((yield* at("list", odd.id)).stdout, new RegExp(`^${run.id}  \\S+ \\S+ UTC  completed +${run.id}\n$`))

    const items = yield* at("items", run.id)
    assert.strictEqual(items.code, 0, items.stderr)
    assert.match(
      items.stdout,
      /^ {6}0 {2}pass {3}l0\n {6}1 {2}pass {3}outputitem_\w+ {2}\[not what the API promises: see --json\]\n {6}2 {2}pass {3}l2\n/
    )

    const shown = yield* at("show", odd.id)
    const json = yield* at("show", odd.id, "--json")
    assert.deepStrictEqual([shown.code, json.code, json.stderr], [0, 0, ""])
    assert.strictEqual(shown.stdout, json.stdout)
    assert.strictEqual(JSON.parse(json.stdout).id, odd.id)
    assert.strictEqual(
      shown.stderr,
      "shown as it is served, since the answer is not what the API promises: testing_criteria[0].input: is missing\n"
    )
    const watched = yield* at("watch", run.id)
    assert.deepStrictEqual(
      [watched.code, watched.stderr],
      [2, "effect-evals: the answer is not what the API promises: testing_criteria[0].input: is missing\n"]
    )
  })
)

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { plain } from "../../src/report/plainText.ts"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const widths = [20, 40, 80, 120]

const isId = (line: string): boolean => /^(?:eval|evalrun|outputitem)_[0-9a-f]{32}$/.test(line)

it.live("lists and tables fit terminals of 20 columns and more, and ids are not cut", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const definition = Definition.write(join(path, "definition.json"), {
      criteria: [Definition.same, Definition.near, { ...Definition.same, name: "the label, in so many words" }]
    })
    const made = yield* command(["run", definition, "--db", db, "--name", "nightly run of all labels", "--json"])
    const { eval: one, run } = JSON.parse(made.stdout)
    const seen = yield* command(["items", run.id, "--db", db, "--json", "--limit", "1"])
    const item: string = JSON.parse(seen.stdout).id
    for (const columns of widths) {
      const printed = (...args: ReadonlyArray<string>) =>
        Effect.map(command([...args, "--db", db], { columns }), ({ code, stdout }) => {
          assert.strictEqual(code, 0)
          return stdout.split("\n").slice(0, -1)
        })
      const evals = yield* printed("list")
      const runs = yield* printed("list", one.id)
      const items = yield* printed("items", run.id)
      for (const line of [...evals, ...runs, ...items]) {
        assert.isTrue(line.length <= columns || isId(line), `${columns}: ${line}`)
      }
      assert.isTrue(evals.some((line) => line.startsWith(one.id)))
      assert.isTrue(runs.some((line) => line.startsWith(run.id)))
      // the time says its zone, however narrow it is
      assert.match(evals.join("\n"), /\d{4}-\d\d-\d\d \d\d:\d\d UTC/)
      for (const id of [one.id, run.id, item]) {
        const lines = yield* printed("show", id)
        const table = lines.slice(lines.findIndex((line) => /^(?:criterion|same)/.test(line)))
        const long = table.slice(0, table.indexOf("")).filter((line) => line.length > columns)
        assert.deepStrictEqual(long, [], `${columns}: ${id}`)
      }
    }
  })
)

describe("text of other authors", () => {
  it("is shown on one line", () => {
    assert.strictEqual(plain(" a\u001B[31m\r\nb\t"), "a [31m b")
  })

  it("shows invisible characters and those that change the direction of text as escapes", () => {
    assert.strictEqual(plain("invoice\u202Efdp.exe"), "invoice\\u202Efdp.exe")
    assert.strictEqual(
      plain("a\u200Bb\u2066c\u2069\uFEFF\u2028\u00AD\u200E"),
      "a\\u200Bb\\u2066c\\u2069\\uFEFF\\u2028\\u00AD\\u200E"
    )
    assert.strictEqual(plain("ad\u200Dmin"), "ad\\u200Dmin")
    assert.strictEqual(plain("x\u{E0041}"), "x\\u{E0041}")
  })

  it("keeps the joiners of emoji and of scripts that need joiners", () => {
    const family = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}"
    const persian = "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"
    assert.strictEqual(plain(`${family} ${persian} \u2764\uFE0F`), `${family} ${persian} \u2764\uFE0F`)
  })
})

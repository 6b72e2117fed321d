/** Why items did not pass, as `run`, `items` and `show` say it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const wanted = { ...Definition.near, name: "close", reference: "{{ item.wanted }}" }

const rows = [
  { item: { label: "yes", wanted: "yes" }, sample: { output_text: "no" } },
  { item: { label: "no" }, sample: { answer: "no", id: 7 } },
  { item: { label: "ok", price: 1 }, sample: { output_text: "ok" } },
  { item: { label: "fine", wanted: "fine" }, sample: { output_text: "fine" } }
]

/** What the criteria read, and rows of which some lack it. */
const ran = Effect.gen(function* () {
  const path = yield* folder
  const db = join(path, "evals.db")
  const definition = Definition.write(join(path, "definition.json"), { criteria: [Definition.same, wanted], rows })
  const at = (...args: ReadonlyArray<string>) => command([...args, "--db", db])
  return { at, definition }
})

describe("a criterion that did not pass", () => {
  it.live("is explained by items and show: the compared texts, or the variable without a value", () =>
    Effect.gen(function* () {
      const { at, definition } = yield* ran
      const { run } = JSON.parse((yield* at("run", definition, "--json")).stdout)
      const items = yield* at("items", run.id, "--status", "fail")
      assert.deepStrictEqual(items.stdout.split("\n"), [
        '      0  fail   yes · yes  [same: "no" is not "yes"; close: "no" against "yes" scores 0]',
        "      1  fail   no  [same: {{ sample.output_text }} has no value; close: {{ sample.output_text }}, {{ item.wanted }} have no value]",
        "      2  fail   ok · 1  [close: {{ item.wanted }} has no value]",
        ""
      ])
      const ids = (yield* at("items", run.id, "--json")).stdout
        .trim()
        .split("\n")
        .map((line): { readonly id: string } => JSON.parse(line))
      const compared = (yield* at("show", ids[0]?.id ?? "")).stdout
      assert.include(compared, "\nsame: input\n  no\nsame: reference (eq)\n  yes\n")
      assert.include(compared, "\nclose: input\n  no\nclose: reference (fuzzy_match)\n  yes\n")
      const missing = (yield* at("show", ids[1]?.id ?? "")).stdout
      assert.match(missing, /^same +failed +0 +\{\{ sample\.output_text \}\} has no value$/m)
      assert.notInclude(missing, "same: input")
    })
  )

  it.live("is counted in the summary by the missing variable, with the warning from the creation of the run", () =>
    Effect.gen(function* () {
      const { at, definition } = yield* ran
      const { stderr, stdout } = yield* at("run", definition)
      const warning =
        "the sample of data_source.source.content[1] has no known shape: it has the keys 'answer', 'id', and criteria read sample.output_text;"
      assert.include(stdout, `warning  ${warning}`)
      assert.include(stderr, `warning: ${warning}`)
      assert.include(
        stdout,
        "without a value             items  criterion\n" +
          "{{ item.wanted }}               2  close\n" +
          "{{ sample.output_text }}        1  same, close\n"
      )
      const summary = JSON.parse((yield* at("run", definition, "--json")).stdout)
      assert.deepStrictEqual(summary.variables_without_value, [
        { variable: "{{ item.wanted }}", items: 2, criteria: ["close"] },
        { variable: "{{ sample.output_text }}", items: 1, criteria: ["same", "close"] }
      ])
      assert.strictEqual(summary.failing_items_looked_at, 3)
      assert.lengthOf(summary.warnings, 1)
    })
  )

  it.live("adds no variables to the summary if every row has their values", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const definition = Definition.write(join(path, "definition.json"), { rows: [rows[0] ?? {}] })
      const { stderr, stdout } = yield* command(["run", definition, "--db", join(path, "evals.db")])
      assert.notInclude(stdout, "without a value")
      assert.notInclude(stdout + stderr, "warning")
      assert.match(stdout, /^ {4}0 {2}same: "no" is not "yes" {2}yes · yes$/m)
    })
  )
})

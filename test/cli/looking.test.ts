import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { command as process, start } from "./lib/command.ts"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { alike, command } from "./lib/memory.ts"

const timeout = 60_000

/** A file with two runs of one eval, and another eval. */
const setUp = Effect.gen(function* () {
  const path = yield* folder
  const db = join(path, "evals.db")
  const made = (name: string, count: number) =>
    Definition.write(join(path, name), {
      criteria: [Definition.same, Definition.near],
      rows: Definition.rowsOf(count)
    })
  const run = (definition: string, name: string) =>
    Effect.map(command(["run", definition, "--db", db, "--new", "--json", "--name", name]), ({ stdout }) =>
      JSON.parse(stdout)
    )
  const first = yield* run(made("first.json", 4), "first")
  const second = yield* run(made("second.json", 250), "second")
  return { path, db, first, second, at: (...args: ReadonlyArray<string>) => command([...args, "--db", db]) }
})

const lines = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

describe("list, show and items", () => {
  it.live(
    "show the objects of a file, for people and as served JSON",
    () =>
      Effect.gen(function* () {
        const { at, db, first, second } = yield* setUp
        const evals = yield* at("list")
        assert.strictEqual(evals.code, 0, evals.stderr)
        assert.deepStrictEqual(
          lines(evals.stdout).map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/, "…")),
          [second, first].map((one) => `${one.eval.id}  …  labels`)
        )
        const runs = yield* at("list", second.eval.id)
        assert.match(runs.stdout, /^evalrun_\w{32} {2}\S+ \S+ UTC {2}completed {5}75\.2 % {4}188\/250 {2}second\n$/)
        const connection = new DatabaseSync(db)
        connection.exec(
          `UPDATE runs SET body = json_set(body, '$.evals_rows.total', 60000) WHERE id = '${first.run.id}'`
        )
        connection.close()
        const part = yield* at("list", first.eval.id)
        assert.match(part.stdout, / {2}completed +\d\/60,000 {2}first\n$/)
        const none = yield* at("list", second.eval.id, "--status", "failed")
        assert.deepStrictEqual([none.code, none.stdout, none.stderr], [0, "", "there are no runs\n"])

        const failing = yield* at("items", second.run.id, "--status", "fail", "--limit", "2")
        assert.deepStrictEqual(lines(failing.stdout), [
          '      3  fail   l3  [same: "something else" is not "l3"; near: "something else" against "l3" scores 0.125]',
          '      7  fail   l7  [same: "something else" is not "l7"; near: "something else" against "l7" scores 0.125]'
        ])
        const all = yield* at("items", second.run.id, "--json")
        const parsed = lines(all.stdout).map((line): { id: string; datasource_item_id: number } => JSON.parse(line))
        assert.deepStrictEqual(
          parsed.map((item) => item.datasource_item_id),
          Array.from({ length: 250 }, (_, index) => index)
        )
        const errored = yield* at("items", second.run.id, "--status", "error")
        assert.deepStrictEqual([errored.code, errored.stdout, errored.stderr], [0, "", "no items with error\n"])

        const item = yield* at("show", parsed[3]?.id ?? "", "--json")
        assert.strictEqual(item.stdout, `${lines(all.stdout)[3]}\n`)
        const shown = yield* at("show", parsed[3]?.id ?? "")
        assert.deepStrictEqual(lines(alike(shown.stdout)), [
          "item    outputitem_…",
          "row     3",
          "status  fail",
          "run     evalrun_…",
          "eval    eval_…",
          "",
          "criterion          score",
          "same       failed      0",
          "near       failed  0.125",
          "",
          "item",
          "  label  l3",
          "",
          "output",
          "  assistant: something else",
          "",
          "same: input",
          "  something else",
          "same: reference (eq)",
          "  l3",
          "",
          "near: input",
          "  something else",
          "near: reference (fuzzy_match)",
          "  l3"
        ])
      }),
    timeout
  )

  it.live(
    "find the kind of an object by its id",
    () =>
      Effect.gen(function* () {
        const { at, path, second } = yield* setUp
        const one = yield* at("show", second.eval.id)
        assert.match(one.stdout, /^rows +custom$/m)
        assert.match(one.stdout, /^same +string_check eq +{{ sample\.output_text }} {2}{{ item\.label }}$/m)
        assert.deepStrictEqual(JSON.parse((yield* at("show", second.eval.id, "--json")).stdout), second.eval)
        const run = yield* at("show", second.run.id)
        assert.match(alike(run.stdout), /^run {4}evalrun_… {2}completed\n {7}second\neval {3}eval_…\n/)
        assert.match(run.stdout, /^items {2}188 passed, 62 failed, 0 errored, 250 in all: 75\.2 % passed$/m)
        assert.include(run.stdout, `more: effect-evals items ${second.run.id} --status fail --db ${path}`)
        const data = Definition.writeRows(join(path, "rows.jsonl"), Definition.rowsOf(4))
        const sent = yield* at("run", Definition.write(join(path, "third.json")), "--data", data, "--json")
        const file = yield* at("show", JSON.parse(sent.stdout).run.data_source.source.id)
        assert.match(
          file.stdout,
          /^file +file-\w{32}\nname +rows\.jsonl\nsize +228 B\npurpose +evals\ncreated +\S+ \S+ UTC\n$/
        )
        const refused: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
          [["show", "ticket"], /"ticket" is no id: ids begin with eval_, evalrun_, outputitem_ or file-/],
          [["show", "eval_1"], /^effect-evals: There is no eval "eval_1"\.$/m],
          [["show", "evalrun_1"], /holds no run evalrun_1\.$/m],
          [["show", "outputitem_1"], /holds no output item outputitem_1\.$/m],
          [["items", "evalrun_1"], /holds no run evalrun_1\.$/m],
          [["cancel", "evalrun_1"], /holds no run evalrun_1\.$/m],
          [["list", "--project", "other"], /holds no project other, but default\.$/m],
          [["list", "--status", "failed"], /--status is for runs: name their eval\.$/m]
        ]
        for (const [args, expected] of refused) {
          const { code, stderr, stdout } = yield* at(...args)
          assert.match(stderr, expected)
          assert.deepStrictEqual([code, stdout], [2, ""], args.join(" "))
        }
      }),
    timeout
  )

  it.live(
    "watch prints the summary of an ended run, and cancel does not change it",
    () =>
      Effect.gen(function* () {
        const { at, first } = yield* setUp
        const watched = yield* at("watch", first.run.id, "--min-pass-rate", "0.9")
        assert.strictEqual(watched.code, 1)
        assert.match(watched.stdout, /^gate {3}failed: 3 of 4 items passed, 0\.75; at least 0\.9 is required$/m)
        assert.match(watched.stderr, /^4\/4 {2}100\.0 % {2}3 passed {2}1 failed {2}completed$/m)
        const canceled = yield* at("cancel", first.run.id)
        assert.deepStrictEqual(
          [canceled.code, canceled.stdout],
          [0, `${first.run.id} has already ended: it is completed\n`]
        )
      }),
    timeout
  )

  it.live(
    "create no file, and refuse files of other programs",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const missing = yield* command(["list", "--db", join(path, "none.db")])
        assert.match(
          missing.stderr,
          /none\.db: there is no such file; effect-evals run, serve and archive create one\.$/m
        )
        const home = yield* command(["list"], { env: { HOME: path } })
        assert.include(home.stderr, `${path}/`)
        const text = join(path, "text.db")
        writeFileSync(text, "a text")
        const other = yield* command(["items", "evalrun_1", "--db", text])
        assert.match(other.stderr, /text\.db: is not an SQLite database/)
        assert.deepStrictEqual([missing.code, home.code, other.code], [2, 2, 2])
        const unreachable = yield* command(["list", "--base-url", "http://127.0.0.1:1/v1"])
        assert.strictEqual(unreachable.code, 2)
        assert.match(unreachable.stderr, /cannot reach http:\/\/127\.0\.0\.1:1[^]*Check --base-url/)
      }),
    timeout
  )

  it.live(
    "print into a pipe that closes early",
    () =>
      Effect.gen(function* () {
        const { db, second } = yield* setUp
        const { child, ended } = start(["items", second.run.id, "--db", db, "--json"])
        child.stdout?.once("data", () => child.stdout?.destroy())
        const { code, stderr } = yield* Effect.promise(() => ended)
        assert.deepStrictEqual([code, stderr], [0, ""])
        const help = yield* process(["--help"])
        assert.strictEqual(help.code, 0)
        for (const verb of ["run", "serve", "list", "show", "items", "watch", "cancel", "archive", "export"]) {
          assert.match(help.stdout, new RegExp(`^ +${verb} `, "m"))
        }
      }),
    timeout
  )
})

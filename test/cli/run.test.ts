import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "../../src/cli/program.ts"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import * as Definition from "./lib/definition.ts"
import { held } from "./lib/heldRun.ts"
import { alike, command, screen } from "./lib/memory.ts"

const timeout = 60_000

const tickets = join(import.meta.dirname, "../../examples/support-tickets")

describe("effect-evals run", () => {
  it.live(
    "runs the example with the file in the data folder, and prints the summary",
    () =>
      Effect.gen(function* () {
        const home = yield* folder
        const ended = yield* command(
          ["run", join(tickets, "definition.json"), "--data", join(tickets, "tickets.jsonl")],
          { env: { XDG_DATA_HOME: home } }
        )
        assert.strictEqual(ended.code, 0, ended.stderr)
        const database = join(home, "effect-evals", "evals.db")
        assert.deepStrictEqual(alike(ended.stderr).split("\n"), [
          `database ${database}`,
          "eval     eval_…",
          "file     file-…  249 rows, 243 kB",
          "run      evalrun_…",
          "249/249  100.0 %  139 passed  110 failed  completed",
          ""
        ])
        assert.deepStrictEqual(alike(ended.stdout).split("\n").slice(0, 17), [
          "run    evalrun_…  completed in … s",
          "       gpt-4.1-mini, prompt triage-v7",
          "eval   eval_…",
          "       support tickets: triage and first reply",
          "model  gpt-4.1-mini-2025-04-14",
          "",
          "items  139 passed, 110 failed, 0 errored, 249 in all: 55.8 % passed",
          "",
          "criterion                 grader                   threshold  passed  failed    rate",
          "category                  string_check eq                        202      47  81.1 %  ██████████░░",
          "priority                  string_check eq                        194      55  77.9 %  █████████░░░",
          "ticket number in reply    string_check ilike                     209      40  83.9 %  ██████████░░",
          "reply close to reference  text_similarity rouge_l        0.4     196      53  78.7 %  █████████░░░",
          "",
          "without a value                      items  criterion",
          "{{ sample.output_json.reply }}          16  ticket number in reply, reply close to reference",
          "{{ sample.output_json.category }}       15  category"
        ])
        assert.include(ended.stdout, "\n5 of 110 failing items\n  row  failed ")
        assert.match(ended.stdout, /\n {4}2 {2}reply close to reference: "[^\n]+ {2}T-40224 · /)
        assert.match(ended.stdout, /\nmore: effect-evals items evalrun_[0-9a-f]{32} --status fail\n$/)
        assert.deepStrictEqual(rows(database, "SELECT status, count(*) AS n FROM output_items GROUP BY 1 ORDER BY 1"), [
          { status: "fail", n: 110 },
          { status: "pass", n: 139 }
        ])
      }),
    timeout
  )

  it.live(
    "prints one JSON object, and reports the gate in its exit code",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const db = join(path, "evals.db")
        const made = Definition.write(join(path, "definition.json"))
        const asked = (rate: string, ...flags: ReadonlyArray<string>) =>
          command(["run", made, "--db", db, "--min-pass-rate", rate, ...flags])
        const met = yield* asked("0.75", "--json", "--name", "nightly")
        assert.strictEqual(met.code, 0, met.stderr)
        const { criteria, eval: one, run, ...rest } = JSON.parse(met.stdout)
        assert.deepStrictEqual(rest, {
          pass_rate: 0.75,
          min_pass_rate: 0.75,
          gate: "passed",
          database: db,
          warnings: [],
          variables_without_value: [],
          failing_items_looked_at: 1
        })
        assert.deepInclude(run, { name: "nightly", status: "completed", eval_id: one.id })
        assert.deepStrictEqual(run.result_counts, { total: 4, errored: 0, failed: 1, passed: 3 })
        assert.deepStrictEqual(criteria, [
          {
            id: one.testing_criteria[0].id,
            name: "same",
            type: "string_check",
            pass_threshold: null,
            pass_threshold_assumed: false,
            passed: 3,
            failed: 1,
            pass_rate: 0.75
          }
        ])
        const missed = yield* asked("0.7501")
        assert.strictEqual(missed.code, 1)
        assert.match(missed.stdout, /^gate {3}failed: 3 of 4 items passed, 0.75; at least 0.7501 is required$/m)
        assert.match(missed.stderr, /^effect-evals: too few items passed: 0.75, below 0.7501$/m)
        const open = yield* command(["run", made, "--db", db, "--json"])
        assert.deepStrictEqual([open.code, JSON.parse(open.stdout).gate], [0, null])
        const wrong = yield* asked("80")
        assert.strictEqual(wrong.code, 2)
        assert.match(wrong.stderr, /a rate from 0 to 1 \(is 0\.8 meant\?\)/)
      }),
    timeout
  )

  it.live(
    "creates nothing if the gate cannot be decided, and warns about an eval without criteria",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const db = join(path, "evals.db")
        const made = Definition.write(join(path, "definition.json"), { criteria: [] })
        const gated = yield* command(["run", made, "--db", db, "--min-pass-rate", "1"])
        assert.strictEqual(gated.code, 2)
        assert.match(gated.stderr, /^warning: eval\.testing_criteria: is empty, so every item passes/m)
        assert.match(
          gated.stderr,
          /^effect-evals: --min-pass-rate has no effect: eval\.testing_criteria of .* is empty/m
        )
        assert.isFalse(existsSync(db))
        const open = yield* command(["run", made, "--db", db, "--json"])
        const { gate, run } = JSON.parse(open.stdout)
        assert.deepStrictEqual([open.code, gate, run.evals_rows], [0, null, { total: 4, not_judged: 0 }])
        const watched = yield* command(["watch", run.id, "--db", db, "--min-pass-rate", "1"])
        assert.strictEqual(watched.code, 2)
        assert.match(watched.stdout, /^gate {3}undecided: the eval has no criteria/m)
      }),
    timeout
  )

  it.live(
    "shows default thresholds as assumed, and counts rows for each criterion",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const criteria = [Definition.same, Definition.near]
        const made = Definition.write(join(path, "definition.json"), { criteria })
        const ended = yield* command(["run", made, "--db", join(path, "evals.db")])
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.match(ended.stdout, /^same +string_check eq +3 +1 +75.0 % /m)
        assert.match(ended.stdout, /^near +text_similarity fuzzy_match +0\.5 \(assumed\) +3 +1 +75.0 % /m)
        assert.match(ended.stdout, /^\(assumed\) {2}no pass_threshold is set for "near": the default is taken$/m)
        assert.match(ended.stdout, /^ {4}3 {2}same: "something else" is not "l3"; near: "so.* {2}l3$/m)
      }),
    timeout
  )

  it.live(
    "shows its progress on a terminal as one line that fits it",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const made = Definition.write(join(path, "definition.json"))
        const ended = yield* command(["run", made, "--db", join(path, "evals.db")], { columns: 60 })
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.include(ended.stderr, "\r\u001B[2K████████████████████  4/4  100.0 %  3 passed  1 failed  com\n")
        for (const line of ended.stdout.split("\n").filter((text) => !text.startsWith("more:"))) {
          assert.isAtMost(line.length, 69, line)
        }
        assert.notInclude(ended.stdout, "█")
      }),
    timeout
  )

  it.live(
    "warns about a definition before anything is sent",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const criteria = [{ ...Definition.same, reference: "{{ item.lable }}", pass_treshold: 1 }]
        const made = Definition.write(join(path, "definition.json"), { criteria })
        const ended = yield* command(["run", made, "--db", join(path, "evals.db")])
        assert.strictEqual(ended.code, 0, ended.stderr)
        const [first, second, third] = ended.stderr.split("\n")
        assert.match(first ?? "", /^warning: eval\.testing_criteria\[0\]\.pass_treshold: is not known to the API/)
        assert.match(
          second ?? "",
          /^warning: eval\.testing_criteria\[0\]\.reference: .*did you mean {{ item\.label }}\?$/
        )
        assert.match(third ?? "", /^database /)
        assert.notInclude(ended.stderr.slice(ended.stderr.indexOf("database")), "warning")
      }),
    timeout
  )

  it.live(
    "replaces the rows of the definition by those of --data, and leaves nothing behind if they are invalid",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const db = join(path, "evals.db")
        const made = join(path, "definition.json")
        Definition.write(made)
        const good = Definition.writeRows(join(path, "good.jsonl"), [
          ...Definition.rowsOf(40),
          ...Definition.rowsOf(40)
        ])
        const ended = yield* command(["run", made, "--data", good, "--db", db, "--json"])
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(JSON.parse(ended.stdout).run.result_counts, {
          total: 80,
          errored: 0,
          failed: 20,
          passed: 60
        })
        const bad = Definition.writeRows(join(path, "bad.jsonl"), [
          ...Definition.rowsOf(2),
          { item: { label: 7 }, sample: { output_text: "7" } }
        ])
        const refused = yield* command(["run", made, "--data", bad, "--db", db, "--new"])
        assert.deepStrictEqual([refused.code, refused.stdout], [2, ""])
        assert.match(
          refused.stderr,
          /^effect-evals: line 3 of .*bad\.jsonl \(row 2, counted from 0\), item\.label: expected/m
        )
        assert.notMatch(refused.stderr, /\[request|the key/)
        assert.match(refused.stderr, /^removed  eval_\w{32} and file-\w{32}, since there is no run$/m)
        const listed = yield* command(["list", "--db", db, "--json"])
        assert.deepStrictEqual(
          listed.stdout
            .trim()
            .split("\n")
            .map((text) => JSON.parse(text).id),
          [JSON.parse(ended.stdout).eval.id]
        )
        assert.deepStrictEqual(rows(db, "SELECT filename FROM files"), [{ filename: "good.jsonl" }])
      }),
    timeout
  )

  it.live(
    "reports the line of a syntax error in a definition",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const texts: ReadonlyArray<readonly [string, RegExp]> = [
          ['{"eval": {"a": 1,\n  "b": x}}', /is no JSON, line 2, column 8: expected a value, found "x"$/m],
          [
            '{"eval": {},\n "run": {',
            /is no JSON, line 2, column 10: expected a key in double quotes or "}", found the end$/m
          ],
          ['{"eval": {"a": "x\ny"}}', /is no JSON, line 1, column 18: /],
          ["", /is no JSON, line 1, column 1: expected a value, found the end$/m],
          ["[1]", /a definition is {"eval": …, "run": …}/],
          ['{"evals": {}}', /"eval" is missing/],
          ['{"eval": {}}', /"run" is missing/],
          ['{"eval": {}, "run": {}}', /cannot be used:\n {2}eval\.data_source_config: is missing\n {2}eval\.testing_cr/]
        ]
        for (const [index, [text, expected]] of texts.entries()) {
          const file = join(path, `${index}.json`)
          writeFileSync(file, text)
          const { code, stderr, stdout } = yield* command(["run", file, "--db", join(path, "evals.db")])
          assert.match(stderr, expected)
          assert.deepStrictEqual([code, stdout], [2, ""])
        }
        const missing = yield* command(["run", join(path, "none.json")])
        assert.match(missing.stderr, /none\.json: there is no such file\.$/m)
        const made = Definition.write(join(path, "definition.json"))
        const both = yield* command(["run", made, "--db", "x.db", "--base-url", "http://127.0.0.1:1/v1"])
        assert.deepStrictEqual([missing.code, both.code], [2, 2])
        assert.match(both.stderr, /--db and --base-url cannot be combined/)
        // a mark at the beginning is no part of the text
        const marked = join(path, "marked.json")
        writeFileSync(marked, '\uFEFF{"eval": {}}')
        assert.match((yield* command(["run", marked])).stderr, /"run" is missing/)
        assert.isFalse(existsSync(join(path, "evals.db")))
      }),
    timeout
  )

  it.live(
    "cancels its run at an interruption, and reports it",
    () =>
      Effect.gen(function* () {
        const { args, db, judged } = yield* held
        const { layer, printed } = screen()
        const fiber = yield* Effect.forkChild(Effect.provide(run(args, "0.0.0"), layer))
        yield* Effect.raceFirst(judged, Fiber.await(fiber))
        yield* Fiber.interrupt(fiber)
        const found = /^interrupted; (evalrun_\w+) is canceled, with ([\d,]+) items judged$/m.exec(printed.stderr)
        assert.isNotNull(found, printed.stderr)
        const [, id = "", items] = found
        assert.include(printed.stderr, `\nlook at it: effect-evals show ${id} --db ${db}\n`)
        assert.strictEqual(printed.stdout, "")
        assert.deepStrictEqual(rows(db, "SELECT status FROM runs WHERE id = ?", id), [{ status: "canceled" }])
        assert.deepStrictEqual(rows(db, "SELECT count(*) AS n FROM output_items WHERE run_id = ?", id), [
          { n: Number(items?.replaceAll(",", "")) }
        ])
      }),
    timeout
  )
})

import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

it.live("a wrong call is reported briefly, and only on standard error", () =>
  Effect.gen(function* () {
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
      [
        ["run", "--json"],
        "effect-evals: Missing required argument: definition\n" +
          "usage: effect-evals run [flags] <definition>\nsee effect-evals run --help\n"
      ],
      [
        ["archive"],
        "effect-evals: Missing required flag: --db\n" +
          "usage: effect-evals archive [flags]\nsee effect-evals archive --help\n"
      ]
    ]
    for (const [args, expected] of cases) {
      assert.deepStrictEqual(yield* command(args), { code: 2, stdout: "", stderr: expected })
    }
    const help = yield* command(["run", "--help"])
    assert.deepStrictEqual([help.code, help.stderr], [0, ""])
    assert.include(help.stdout, "USAGE\n  effect-evals run [flags] <definition>")
  })
)

it.live("rows can be piped", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = Definition.write(join(path, "definition.json"))
    const args = ["run", made, "--data", "-", "--db", db, "--json"]
    const text = (rows: ReadonlyArray<object>) => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
    const ended = yield* command(args, { stdin: text(Definition.rowsOf(8)) })
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(ended.stderr, /^file {5}file-\w{32} {2}8 rows, \d+ B$/m)
    assert.strictEqual(JSON.parse(ended.stdout).run.result_counts.total, 8)
    const refused = yield* command(args, { stdin: '{"item": 3}' })
    assert.deepStrictEqual([refused.code, refused.stdout], [2, ""])
    assert.match(refused.stderr, /^effect-evals: line 1 of standard input /m)
  })
)

it.live("a data folder that cannot be created is named, with advice", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const made = Definition.write(join(path, "definition.json"))
    const home = join(path, "home")
    writeFileSync(home, "no folder")
    const { code, stderr } = yield* command(["run", made], { env: { XDG_DATA_HOME: home } })
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /^effect-evals: The folder of the default file cannot be made, \S+\/home\/effect-evals: not a directory \(ENOTDIR\)\. Name a file with --db\.$/m
    )
  })
)

import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import type { Ended } from "./lib/command.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const timeout = 180_000

const root = join(import.meta.dirname, "../..")

/** Runs the command with a shell that says where standard output goes. */
const shell = (args: ReadonlyArray<string>, redirection: string, before = ""): Effect.Effect<Omit<Ended, "stdout">> =>
  Effect.callback((resume) => {
    const line = `${before} exec "$0" --conditions=effect-evals-source src/cli/main.ts "$@" ${redirection}`
    const child = spawn("sh", ["-c", line, process.execPath, ...args], {
      cwd: root,
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: process.env["PATH"] ?? "" }
    })
    let stderr = ""
    child.stderr.on("data", (chunk) => (stderr += String(chunk)))
    child.once("close", (code) => resume(Effect.succeed({ code, stderr })))
  })

const full = "standard output cannot be written: no space left on device (ENOSPC)."

it.live(
  "a failed write to standard output is exit code 2 with the reason, also after other output",
  () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const definition = Definition.write(join(path, "definition.json"))
      const made = yield* command(["run", definition, "--db", db, "--json"])
      const id: string = JSON.parse(made.stdout).run.id
      for (const args of [
        ["--help"],
        ["list", "--db", db],
        ["show", id, "--db", db],
        ["watch", id, "--db", db],
        ["run", definition, "--db", db, "--json"],
        ["archive", "--verify", "--db", db],
        ["export", "--csv", id, "--db", db]
      ]) {
        const { code, stderr } = yield* shell(args, "> /dev/full")
        assert.strictEqual(code, 2, args.join(" "))
        assert.strictEqual(stderr.split("\n").at(-2), `effect-evals: ${full}`, args.join(" "))
        assert.strictEqual(stderr.split(full).length, 2, args.join(" "))
      }
    }),
  timeout
)

it.live("a partial write to a file is a failure", () =>
  Effect.gen(function* () {
    const out = join(yield* folder, "help.txt")
    // the shell counts in units of 512 or of 1024 bytes
    const { code, stderr } = yield* shell(["run", "--help"], `> ${out}`, "ulimit -f 1;")
    assert.strictEqual(code, 2)
    assert.match(stderr, /standard output cannot be written: file too large \(EFBIG\)\.\n$/)
    assert.isBelow(statSync(out).size, 1025)
  })
)

it.live("a failed write of an export names the file and the reason", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = yield* command(["run", Definition.write(join(path, "definition.json")), "--db", db, "--json"])
    const id: string = JSON.parse(made.stdout).run.id
    // what is written first goes to a device that is always full
    const table = join(path, "run.csv")
    symlinkSync("/dev/full", `${table}.partial`)
    const csv = yield* command(["export", "--db", db, "--csv", id, "--out", table])
    assert.deepStrictEqual(
      [csv.code, csv.stderr],
      [2, `effect-evals: ${table} cannot be written: no space left on device (ENOSPC)\n`]
    )
    symlinkSync("/dev/full", join(path, "index.jsonl.partial"))
    const all = yield* command(["export", "--db", db, "--out", path, "--force"])
    assert.strictEqual(all.code, 2)
    assert.include(all.stderr, `${join(path, "index.jsonl")} cannot be written: no space left on device (ENOSPC)`)
    const device = yield* command(["export", "--db", db, "--csv", id, "--out", path, "--force"])
    assert.strictEqual(device.code, 2)
    assert.include(device.stderr, `${path} is no file that can be written over`)
  })
)

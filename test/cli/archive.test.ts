import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { rows } from "../archive/lib/stored.ts"
import { folder } from "../archive/lib/run.ts"
import { start } from "./lib/command.ts"
import { answering } from "./lib/answering.ts"
import { host, keys } from "./lib/host.ts"
import { command as inProcess } from "./lib/memory.ts"

const timeout = 30_000

const command = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => inProcess(args, { env })

const setUp = Effect.gen(function* () {
  const { hold, requests, url } = yield* host
  const db = join(yield* folder, "evals.db")
  const archive = (flags: ReadonlyArray<string> = [], env: Readonly<Record<string, string>> = {}) =>
    command(["archive", "--db", db, "--base-url", url, ...flags], env)
  return { archive, db, hold, requests, url }
})

describe("effect-evals archive", () => {
  it.live(
    "saves a project, reports it, and saves nothing the second time",
    () =>
      Effect.gen(function* () {
        const { archive, db } = yield* setUp
        const first = yield* archive()
        assert.strictEqual(first.code, 0, first.stderr)
        assert.match(first.stdout, /project proj_1 in .*: complete/)
        assert.match(first.stdout, /^output items +600 +0 +0$/m)
        assert.deepStrictEqual(rows(db, "SELECT count(*) AS n, min(request_id) AS r FROM output_items")[0], {
          n: 600,
          r: "req_1"
        })
        const second = yield* archive(["--json"])
        assert.strictEqual(second.code, 0)
        const report = JSON.parse(second.stdout)
        assert.deepInclude(report, { project: "proj_1", skippedRuns: 4, complete: true, missing: [], failed: [] })
        assert.deepStrictEqual(report.runs, { saved: 0, changed: 0, unchanged: 4 })
      }),
    timeout
  )

  it.live(
    "accepts --eval and --project, and reads the address from the environment",
    () =>
      Effect.gen(function* () {
        const { db, requests, url } = yield* setUp
        const { code } = yield* command(["archive", "--db", db, "--eval", "eval_2", "--project", "mine"], {
          OPENAI_BASE_URL: url
        })
        assert.strictEqual(code, 0)
        assert.deepStrictEqual(
          rows(db, "SELECT name, host FROM projects").map(({ host, name }) => [name, host]),
          [["mine", new URL(url).origin]]
        )
        assert.deepStrictEqual(rows(db, "SELECT id FROM evals"), [{ id: "eval_2" }])
        assert.isFalse(requests.some((request) => request.includes("eval_1")))
        const { code: none, stderr } = yield* command(
          ["archive", "--db", `${db}2`, "--eval", "eval_8,eval_9", "--base-url", url],
          {}
        )
        assert.strictEqual(none, 2)
        assert.match(stderr, /404 no such thing/)
      }),
    timeout
  )

  it.live(
    "saves the readable objects, names the others with exit code 3, and verifies the file without network access",
    () =>
      Effect.gen(function* () {
        const { archive, db, requests } = yield* setUp
        const saved = yield* archive([], { OPENAI_API_KEY: keys.files })
        assert.strictEqual(saved.code, 3)
        assert.match(saved.stdout, /NOT COMPLETE/)
        assert.match(saved.stdout, /the list of evals: listEvalsPage: 403 no permission/)
        const asked = requests.length
        const verified = yield* command(["archive", "--db", db, "--verify"])
        assert.strictEqual(verified.code, 3)
        assert.match(verified.stdout, /not saved by the last archive:\n {2}the list of evals/)
        assert.strictEqual(requests.length, asked)
      }),
    timeout
  )

  it.live(
    "reports with --dry-run the amount of data, and writes nothing",
    () =>
      Effect.gen(function* () {
        const { archive, db, requests } = yield* setUp
        const { code, stdout } = yield* archive(["--dry-run"])
        assert.strictEqual(code, 0)
        assert.match(stdout, /^eval_2 +2 runs +300 items +Eval eval_2$/m)
        assert.match(stdout, /2 evals, 4 runs, 600 output items \(588 passed, 8 failed, 4 errored\), 1 file \(5 B\)/)
        assert.isFalse(existsSync(db))
        assert.isFalse(requests.some((request) => request.includes("output_items")))
        const { stdout: json } = yield* archive(["--dry-run", "--json"])
        assert.deepStrictEqual(JSON.parse(json).items, { total: 600, passed: 588, failed: 8, errored: 4 })
      }),
    timeout
  )

  it.live(
    "reports a wrong key, project or address at once, and creates no file",
    () =>
      Effect.gen(function* () {
        const { archive, db } = yield* setUp
        const cases = [
          [archive([], { OPENAI_API_KEY: keys.wrong }), /401 Incorrect API key[^]*does not accept the key/],
          [archive([], { OPENAI_API_KEY: keys.nothing }), /403 no permission[^]*may read neither evals nor files/],
          [archive([], { OPENAI_API_KEY: keys.empty }), /lists no evals and no files[^]*OPENAI_PROJECT_ID/],
          [
            command(["archive", "--db", db, "--base-url", "http://127.0.0.1:1/v1"]),
            /cannot reach http:\/\/127\.0\.0\.1:1[^]*Check --base-url/
          ],
          [command(["archive", "--db", db, "--base-url", "127.0.0.1"]), /is no URL[^]*https:\/\/api\.openai\.com\/v1/],
          [command(["archive", "--db", db]), /OPENAI_API_KEY is not set/]
        ] as const
        const ended = yield* Effect.all(
          cases.map(([run]) => run),
          { concurrency: "unbounded" }
        )
        for (const [index, { code, stderr, stdout }] of ended.entries()) {
          assert.match(stderr, cases[index]?.[1] ?? /^$/)
          assert.deepStrictEqual([code, stdout], [2, ""], stderr)
        }
        assert.isFalse(existsSync(db))
      }),
    timeout
  )

  it.live(
    "reports the target of a redirect, and suggests no retry that cannot succeed",
    () =>
      Effect.gen(function* () {
        const { db } = yield* setUp
        const archive = (status: number, headers: Readonly<Record<string, string>> = {}) =>
          Effect.flatMap(answering(status, "", headers), (url) => command(["archive", "--db", db, "--base-url", url]))
        const moved = yield* archive(308, { location: "https://new.example/v1/evals" })
        assert.strictEqual(moved.code, 2)
        assert.match(moved.stderr, /308 no further words; the host redirects to https:\/\/new\.example\/v1\/evals$/m)
        assert.match(moved.stderr, /^No redirect is followed\. Name the new address with --base-url/m)
        assert.notMatch(moved.stderr, /again/)
        const refused = yield* archive(400)
        assert.deepStrictEqual(
          [refused.code, refused.stderr],
          [2, "effect-evals: listEvalsPage: 400 no further words\n"]
        )
        assert.isFalse(existsSync(db))
      }),
    timeout
  )

  it.live(
    "refuses wrong flags and files of other programs",
    () =>
      Effect.gen(function* () {
        const { archive, db, url } = yield* setUp
        const other = join(import.meta.dirname, "archive.test.ts")
        const before = readFileSync(other)
        const cases = [
          [command(["archive", "--base-url", url]), /--db/],
          [archive(["--concurrency", "0"]), /between 1 and 256/],
          [archive(["--verify", "--dry-run"]), /cannot be combined/],
          [command(["archive", "--db", other, "--base-url", url]), /is not an SQLite database/],
          [command(["archive", "--db", join(db, "x.db"), "--base-url", url]), /its folder does not exist/],
          [command(["archive", "--db", db, "--verify"]), /there is no such file/]
        ] as const
        const ended = yield* Effect.all(
          cases.map(([run]) => run),
          { concurrency: "unbounded" }
        )
        for (const [index, { code, stderr }] of ended.entries()) {
          assert.match(stderr, cases[index]?.[1] ?? /^$/)
          assert.strictEqual(code, 2, stderr)
        }
        assert.deepStrictEqual(readFileSync(other), before)
      }),
    timeout
  )

  it.live(
    "stops with code 130 at an interruption, and resumes the next time",
    () =>
      Effect.gen(function* () {
        const { db, hold, url } = yield* setUp
        const asked = hold()
        const { child, ended } = start(["archive", "--db", db, "--base-url", url])
        yield* Effect.promise(() => asked)
        child.kill("SIGINT")
        const stopped = yield* Effect.promise(() => ended)
        assert.strictEqual(stopped.code, 130, stopped.stderr)
        assert.match(stopped.stderr, /Stopped\. The objects read so far are saved in .*the same command resumes/)
        assert.strictEqual(stopped.stdout, "")
        // one file, in a true state: it says that it is not complete
        assert.isFalse(existsSync(`${db}-wal`))
        const verified = yield* command(["archive", "--db", db, "--verify"])
        assert.strictEqual(verified.code, 3)
        assert.match(verified.stdout, /stopped before this was read|0 of 150 items/)
        const again = yield* command(["archive", "--db", db, "--base-url", (yield* host).url])
        assert.strictEqual(again.code, 0, again.stderr)
        assert.match(again.stdout, /^output items +600 /m)
      }),
    timeout
  )
})

describe("effect-evals export", () => {
  it.live(
    "writes files, a table, and a table into a pipe that closes early",
    () =>
      Effect.gen(function* () {
        const { archive, db } = yield* setUp
        yield* archive()
        const out = join(yield* folder, "out")
        const written = yield* command(["export", "--db", db, "--out", out])
        assert.strictEqual(written.code, 0, written.stderr)
        assert.match(written.stdout, /2 evals, 4 runs, 600 output items, 1 file \(1 content\)/)
        assert.strictEqual(readFileSync(join(out, "output_items.jsonl"), "utf8").split("\n").length, 601)
        const refused = yield* command(["export", "--db", db, "--out", out])
        assert.strictEqual(refused.code, 2)
        assert.match(refused.stderr, /is not empty.*--force/)

        const table = yield* command(["export", "--db", db, "--csv", "evalrun_a_eval_1"])
        assert.strictEqual(table.code, 0)
        assert.strictEqual(table.stdout.split("\r\n").length, 152)
        assert.match(table.stdout, /^0,outputitem_0_evalrun_a_eval_1,pass,12345678901234567890,,1\.0,true\r$/m)
        const marked = yield* command(["export", "--db", db, "--csv", "evalrun_a_eval_1", "--bom"])
        assert.strictEqual(marked.stdout, `\uFEFF${table.stdout}`)
        const noTable = yield* command(["export", "--db", db, "--out", `${out}2`, "--bom"])
        assert.deepStrictEqual([noTable.code, existsSync(`${out}2`)], [2, false])
        const { child, ended } = start(["export", "--db", db, "--csv", "evalrun_a_eval_1"])
        child.stdout?.destroy()
        assert.deepInclude(yield* Effect.promise(() => ended), { code: 0, stderr: "" })

        const neither = yield* command(["export", "--db", db])
        assert.strictEqual(neither.code, 2)
        assert.match(neither.stderr, /--out, or a run with --csv/)
      }),
    timeout
  )
})

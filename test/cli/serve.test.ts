import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import { start } from "./lib/command.ts"
import { command } from "./lib/memory.ts"
import { serve, setUp, stop } from "./lib/serving.ts"

const timeout = 60_000

describe("effect-evals serve", () => {
  it.live(
    "answers other commands and clients, and stops at a signal",
    () =>
      Effect.gen(function* () {
        const { db, definition } = yield* setUp
        const server = yield* serve(db)
        const at = (...args: ReadonlyArray<string>) => command([...args, "--base-url", server.url])
        const ended = yield* at("run", definition, "--json", "--min-pass-rate", "0.5")
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.notInclude(ended.stderr, "database")
        const { database, eval: one, gate, run } = JSON.parse(ended.stdout)
        assert.deepStrictEqual([database, gate, run.result_counts.passed], [undefined, "passed", 3])
        assert.strictEqual(run.report_url, `${server.url.replace("/v1", "")}/evaluations/${one.id}?run_id=${run.id}`)
        assert.match((yield* at("list")).stdout, new RegExp(`^${one.id} .* labels\n$`))
        const found = yield* at("items", run.id, "--status", "fail")
        assert.strictEqual(found.stdout, '      3  fail   l3  [same: "something else" is not "l3"]\n')
        assert.match(found.stderr, /^looking for evalrun_\w+ among the evals of http:/)
        const told = yield* at("items", run.id, "--eval", one.id, "--limit", "1", "--json")
        assert.strictEqual(told.stderr, "")
        const item = JSON.parse(told.stdout).id
        assert.match((yield* at("show", item)).stderr, /name the run with --run\.$/m)
        const shown = yield* at("show", item, "--run", run.id, "--eval", one.id, "--json")
        assert.strictEqual(shown.stdout, told.stdout)
        assert.match((yield* at("items", "evalrun_1")).stderr, /^effect-evals: No eval of \S+ has a run evalrun_1\.$/m)
        // beside the server the file can be read, and runs be executed
        assert.strictEqual((yield* command(["show", run.id, "--db", db])).code, 0)
        assert.strictEqual((yield* command(["run", definition, "--db", db])).code, 0)
        const second = yield* Effect.promise(() => start(["serve", "--db", db, "--port", "0"]).ended)
        assert.deepStrictEqual([second.code, second.stdout], [2, ""])
        assert.match(second.stderr, /evals\.db: another process works on it/)
        const { code, stderr } = yield* stop(server, "SIGTERM")
        // whoever asks a server to end is told that it has ended well
        assert.strictEqual(code, 0)
        assert.deepStrictEqual(stderr.split("\n"), [
          `database ${db}`,
          `base URL ${server.url}`,
          'API key  none is required; OpenAI\'s clients need one, such as "none"',
          `look     effect-evals list --base-url ${server.url}`,
          "stopping: open requests are answered; unfinished runs are resumed at the next start",
          ""
        ])
      }),
    timeout
  )

  it.live(
    "requires the key of the environment, and does not print it",
    () =>
      Effect.gen(function* () {
        const { db } = yield* setUp
        const key = "a-long-secret"
        // of all addresses it names one that can be asked, and says what others put in its place
        const server = yield* serve(db, ["--host", "0.0.0.0"], { EVALS_SERVER_KEY: key })
        assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/v1$/)
        const asked = (env: Readonly<Record<string, string>>) => command(["list", "--base-url", server.url], { env })
        const without = yield* asked({})
        assert.strictEqual(without.code, 2)
        assert.match(without.stderr, /401 [^]*OPENAI_API_KEY/)
        const known = yield* asked({ OPENAI_API_KEY: key })
        assert.deepStrictEqual([known.code, known.stderr], [0, "there are no evals\n"])
        const { code, stderr } = yield* stop(server, "SIGINT")
        assert.strictEqual(code, 130)
        assert.notInclude(stderr, key)
        assert.include(
          stderr,
          `API key  the one in EVALS_SERVER_KEY\nlook     OPENAI_API_KEY="$EVALS_SERVER_KEY" effect-evals list --base-url ${server.url}\n`
        )
        const { port } = new URL(server.url)
        assert.match(
          stderr,
          new RegExp(`^others   put the name of this machine for 127.0.0.1: http://\\S+:${port}/v1$`, "m")
        )
      }),
    timeout
  )

  it.live(
    "serves a file read-only while another process writes it",
    () =>
      Effect.gen(function* () {
        const { db, definition } = yield* setUp
        const missing = yield* command(["serve", "--read-only", "--db", db])
        assert.deepStrictEqual([missing.code, missing.stdout], [2, ""])
        assert.match(missing.stderr, /there is no such file/)
        const run = JSON.parse((yield* command(["run", definition, "--db", db, "--json"])).stdout).run
        const server = yield* serve(db, ["--read-only"])
        const shown = yield* command(["show", run.id, "--base-url", server.url, "--json"])
        assert.deepStrictEqual(JSON.parse(shown.stdout), run)
        const refused = yield* command(["run", definition, "--base-url", server.url])
        assert.strictEqual(refused.code, 2)
        assert.match(refused.stderr, /createRun: 403 This server is read-only\./)
        assert.strictEqual((yield* command(["run", definition, "--db", db, "--new"])).code, 0)
        assert.strictEqual((yield* command(["list", "--base-url", server.url])).stdout.split("\n").length, 3)
      }),
    timeout
  )

  it.live(
    "reports why it cannot listen",
    () =>
      Effect.gen(function* () {
        const { db } = yield* setUp
        const other = createServer()
        yield* Effect.acquireRelease(
          Effect.promise(() => once(other.listen(0, "127.0.0.1"), "listening")),
          () => Effect.sync(() => other.close())
        )
        const address = other.address()
        const port = typeof address === "object" ? String(address?.port) : ""
        const cases: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
          [["--port", port], new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use: name another with --port`)],
          [["--host", "192.0.2.1", "--no-auth"], /192\.0\.2\.1 is no address of this machine: see --host/],
          [["--host", "0.0.0.0"], /Set EVALS_SERVER_KEY, listen on 127\.0\.0\.1, or use --no-auth/],
          [["--port", "70000"], /a port from 0 to 65535/],
          [["--max-file", "much"], /a size such as 64MiB/]
        ]
        for (const [args, expected] of cases) {
          const { code, stderr, stdout } = yield* command(["serve", "--db", db, ...args])
          assert.match(stderr, expected)
          assert.strictEqual(code, 2)
          assert.notInclude(stdout, "listening")
          if (args.includes(port) || args.includes("192.0.2.1")) assert.isFalse(existsSync(db), args.join(" "))
        }
      }),
    timeout
  )
})

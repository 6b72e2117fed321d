import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { serve as serveModels } from "../lib/modelServer.ts"
import { answering, key, write, writeModels } from "./lib/asking.ts"
import { command, type Ended } from "./lib/memory.ts"
import { serve as serveEvals } from "./lib/serving.ts"

const timeout = 60_000

const place = Effect.map(folder, (path) => ({ path, db: join(path, "evals.db") }))

/** Asserts that the key is in no output. */
const keeps = ({ code, stderr, stdout }: Ended): number => {
  assert.notInclude(stderr, key)
  assert.notInclude(stdout, key)
  return code
}

describe("effect-evals run with models", () => {
  it.live(
    "samples and judges each row by the endpoints of --models, and its gate decides",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const file = writeModels(join(path, "models.json"), { baseUrl: models.baseUrl, api: "chat" })
        const made = write(join(path, "definition.json"), ["a", "b", "odd", "d"])
        const run = (db: string, ...args: ReadonlyArray<string>) =>
          command(["run", made, "--models", file, "--db", db, ...args])
        const ended = yield* run(db)
        assert.strictEqual(keeps(ended), 0, ended.stderr)
        assert.include(ended.stderr, `models   ${file}\n         *  ${models.baseUrl}  with a key\n`)
        assert.strictEqual(models.requests.length, 8)
        const quiet = yield* run(join(path, "other.db"), "--json", "--min-pass-rate", "0.9")
        assert.strictEqual(keeps(quiet), 1, quiet.stderr)
        assert.notInclude(quiet.stderr, "models ")
        const { run: one } = JSON.parse(quiet.stdout)
        assert.deepStrictEqual(one.result_counts, { total: 4, errored: 0, failed: 1, passed: 3 })
        assert.deepStrictEqual(
          one.per_model_usage.map((usage: { readonly model_name: string; readonly invocation_count: number }) => [
            usage.model_name,
            usage.invocation_count
          ]),
          [
            ["gpt-4.1-2025-04-14", 4],
            ["judge-1-2025", 4]
          ]
        )
        assert.strictEqual(keeps(yield* command(["show", one.id, "--db", db])), 2)
      }),
    timeout
  )

  it.live(
    "takes the endpoint of the environment, the one of models before the one of the client",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const made = write(join(path, "definition.json"), ["a"])
        const run = (env: Readonly<Record<string, string>>) => command(["run", made, "--db", db], { env })
        const own = yield* run({
          EVALS_MODEL_BASE_URL: models.baseUrl,
          EVALS_MODEL_API_KEY: key,
          OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
          OPENAI_API_KEY: "another"
        })
        assert.strictEqual(keeps(own), 0, own.stderr)
        assert.match(own.stderr, /^models {3}EVALS_MODEL_BASE_URL, EVALS_MODEL_API_KEY$/m)
        const openai = yield* run({ OPENAI_BASE_URL: models.baseUrl, OPENAI_API_KEY: key, OPENAI_ORG_ID: "org-1" })
        assert.strictEqual(keeps(openai), 0, openai.stderr)
        assert.strictEqual(models.requests.at(-1)?.headers["openai-organization"], "org-1")
        const wrong = yield* run({ EVALS_MODEL_BASE_URL: "nowhere" })
        assert.deepStrictEqual([wrong.code, wrong.stderr.includes("EVALS_MODEL_BASE_URL: is no URL")], [2, true])
      }),
    timeout
  )

  it.live(
    "does not take a server of its own kind for models, and says so",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const made = write(join(path, "definition.json"), ["a"])
        const server = yield* serveEvals(db)
        const ended = yield* command(["run", made, "--db", join(path, "other.db")], {
          env: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: "none" }
        })
        assert.strictEqual(ended.code, 2)
        assert.match(ended.stderr, /^note {5}OPENAI_BASE_URL names a server of effect-evals, which has no models\./m)
        assert.match(ended.stderr, /model "gpt-4\.1": no endpoint is configured\. Name one: --models FILE/)
      }),
    timeout
  )

  it.live(
    "ends with exit code 2 where the key is refused, a model has no entry, or the file has a mistake",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const made = write(join(path, "definition.json"), ["a", "b"])
        const run = (entry: object) =>
          command(["run", made, "--db", db, "--models", writeModels(join(path, "models.json"), entry)])
        const refused = yield* run({ baseUrl: models.baseUrl, key: `${key}x` })
        assert.strictEqual(keeps(refused), 2)
        assert.match(refused.stderr, /failed: .*model "gpt-4\.1" at http:.*Incorrect API key provided/)
        const missing = yield* run({ match: "other-*", baseUrl: models.baseUrl })
        assert.strictEqual(keeps(missing), 2)
        assert.match(missing.stderr, /model "gpt-4\.1": no entry of the models matches \("other-\*"\)\. Name one/)
        const mistaken = yield* run({ baseUrl: models.baseUrl, limits: { inFlight: 0 }, keyEnv: "A_KEY" })
        assert.strictEqual(keeps(mistaken), 2)
        assert.match(
          mistaken.stderr,
          /^effect-evals: \S+models\.json cannot be used:\n {2}entries\[0\]\.limits\.inFlight: expected /
        )
        const absent = yield* command(["run", made, "--db", db, "--models", join(path, "absent.json")])
        assert.strictEqual(absent.code, 2)
        assert.match(absent.stderr, /absent\.json/)
        const host = yield* command(["run", made, "--base-url", models.baseUrl, "--models", join(path, "models.json")])
        assert.match(host.stderr, /--models and --base-url cannot be combined/)
      }),
    timeout
  )

  it.live(
    "shows the requests while it runs, and the first cause of errored rows once",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const file = writeModels(join(path, "models.json"), {
          baseUrl: models.baseUrl,
          api: "chat",
          price: { input: 1000, output: 1000 }
        })
        const made = write(join(path, "definition.json"), ["a", "refused", "b", "refused", "refused"], false)
        const ended = yield* command(["run", made, "--models", file, "--db", db], { columns: 200 })
        assert.strictEqual(keeps(ended), 0, ended.stderr)
        assert.deepStrictEqual(
          ended.stderr.match(/warning: .*/g)?.map((line) => line.replace(/row \d/, "row …")),
          [`warning: row … errored: model "gpt-4.1" at ${models.baseUrl}: 400 this label is not answered`]
        )
        assert.match(ended.stderr, /5\/5 {2}100\.0 % {2}2 passed {2}0 failed {2}3 errored {2}completed\n/)
      }),
    timeout
  )

  it.live(
    "stops at a ceiling, keeps the rows that are finished, and says what was spent",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const file = writeModels(join(path, "models.json"), {
          baseUrl: models.baseUrl,
          api: "chat",
          limits: { inFlight: 1 }
        })
        const made = write(join(path, "definition.json"), ["a", "b", "c", "d", "e", "f"], false)
        const run = (...args: ReadonlyArray<string>) => command(["run", made, "--models", file, "--db", db, ...args])
        const stopped = yield* run("--max-requests", "3")
        assert.strictEqual(keeps(stopped), 3, stopped.stderr)
        assert.strictEqual(models.requests.length, 3)
        assert.match(stopped.stdout, /^spent {2}3 requests, 54 tokens\nstop {3}.*limit of 3 /m)
        assert.match(stopped.stderr, /is canceled, with 3 of 6 rows judged: .*limit of 3 /)
        const whole = yield* run("--max-tokens", "10000")
        assert.strictEqual(whole.code, 0, whole.stderr)
        assert.match(whole.stdout, /^spent {2}6 requests, 108 tokens$/m)
        const unpriced = yield* run("--max-cost", "0.0000001")
        assert.strictEqual(unpriced.code, 2)
        assert.match(unpriced.stderr, /"gpt-4\.1" has no price, and the cost of a run \(1e-7\) is limited/)
        const host = yield* command(["run", made, "--base-url", models.baseUrl, "--max-cost", "1"])
        assert.match(host.stderr, /A host may know no --cache, --max-tokens/)
        const server = yield* serveEvals(db, ["--models", file, "--max-requests", "2"])
        const served = yield* command(["run", made, "--base-url", server.url])
        assert.strictEqual(served.code, 3, served.stderr)
        assert.match(served.stdout, /^spent {2}2 requests, 36 tokens\nstop {3}.*limit of 2 /m)
      }),
    timeout
  )

  it.live(
    "keeps answers with --cache, and counts those that it knows apart",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const file = writeModels(join(path, "models.json"), { baseUrl: models.baseUrl, api: "chat" })
        const made = write(join(path, "definition.json"), ["a", "b"])
        const run = (...args: ReadonlyArray<string>) => command(["run", made, "--models", file, "--db", db, ...args])
        assert.match((yield* run("--cache")).stdout, /^spent {2}4 requests, 72 tokens$/m)
        const known = yield* run("--cache")
        assert.strictEqual(keeps(known), 0, known.stderr)
        assert.match(known.stdout, /^spent {2}0 requests, 4 from the cache$/m)
        assert.strictEqual(models.requests.length, 4)
        assert.match((yield* run()).stdout, /^spent {2}4 requests, 72 tokens$/m)
      }),
    timeout
  )

  it.live(
    "reads a key from the environment variable that an entry names, and from a file beside it",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const made = write(join(path, "definition.json"), ["a"], false)
        const file = join(path, "models.json")
        const run = (entry: object) =>
          Effect.suspend(() => {
            writeFileSync(file, JSON.stringify({ entries: [{ match: "*", baseUrl: models.baseUrl, ...entry }] }))
            return command(["run", made, "--db", db, "--models", file], { env: { A_KEY: key } })
          })
        assert.strictEqual(keeps(yield* run({ keyEnv: "A_KEY" })), 0)
        writeFileSync(join(path, "key"), `${key}\n`)
        assert.strictEqual(keeps(yield* run({ keyFile: "key" })), 0)
        const unset = yield* run({ keyEnv: "ANOTHER_KEY" })
        assert.strictEqual(unset.code, 2)
        assert.match(unset.stderr, /entries\[0\]\.keyEnv: the environment variable ANOTHER_KEY is not set/)
      }),
    timeout
  )
})

describe("effect-evals serve with models", () => {
  it.live(
    "asks them for runs of its clients, and reads the file again at SIGHUP",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const models = yield* serveModels(answering)
        const file = writeModels(join(path, "models.json"), { match: "judge-*", baseUrl: models.baseUrl })
        const made = write(join(path, "definition.json"), ["a", "odd"])
        const server = yield* serveEvals(db, ["--models", file])
        const run = command(["run", made, "--base-url", server.url, "--json"])
        assert.match((yield* run).stderr, /no entry of the models matches \("judge-\*"\)/)
        const said = (pattern: RegExp) =>
          Effect.promise(
            () =>
              new Promise<void>((resume) => {
                let text = ""
                server.child.stderr?.on("data", (chunk) => {
                  text += String(chunk)
                  if (pattern.test(text)) resume()
                })
                server.child.kill("SIGHUP")
              })
          )
        writeFileSync(file, "{")
        yield* said(/models\.json cannot be used:\n {2}it is no JSON: .*\nThe models stay as they were\.\n/)
        writeModels(file, { baseUrl: models.baseUrl })
        yield* said(/models {3}\S+models\.json\n {9}\* {2}http:\S+ {2}with a key\n/)
        const ended = yield* run
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(JSON.parse(ended.stdout).run.result_counts, {
          total: 2,
          errored: 0,
          failed: 1,
          passed: 1
        })
        server.child.kill("SIGTERM")
        const { code, stderr } = yield* Effect.promise(() => server.ended)
        assert.strictEqual(code, 0)
        assert.notInclude(stderr, key)
      }),
    timeout
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { failure, type Received, type Reply, serve as serveModels } from "../lib/modelServer.ts"
import { answering, key, write, writeModels } from "./lib/asking.ts"
import { command } from "./lib/memory.ts"
import { serve as serveEvals } from "./lib/serving.ts"

const timeout = 60_000

/** Models that refuse the rows with one label until they are mended. */
const models = Effect.gen(function* () {
  const state = { mended: false }
  const server = yield* serveModels((received: Received): Reply =>
    !state.mended && JSON.stringify(received.body).includes("Label: broken")
      ? { status: 400, body: failure("this label is not answered", { code: "bad_label" }) }
      : answering(received)
  )
  return { state, server }
})

describe("effect-evals retry", () => {
  it.live(
    "executes the errored rows of a run in a file again, and ends as run does",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const db = join(path, "evals.db")
        const { server, state } = yield* models
        const file = writeModels(join(path, "models.json"), { baseUrl: server.baseUrl, api: "chat" })
        const made = write(join(path, "definition.json"), ["a", "broken", "c", "d"])
        const first = yield* command(["run", made, "--models", file, "--db", db, "--json", "--min-pass-rate", "1"])
        assert.strictEqual(first.code, 1, first.stderr)
        const { run } = JSON.parse(first.stdout)
        assert.deepStrictEqual(run.result_counts, { total: 4, errored: 1, failed: 0, passed: 3 })
        const asked = server.requests.length
        state.mended = true
        const retry = (...args: ReadonlyArray<string>) => command(["retry", run.id, "--db", db, ...args])
        const ended = yield* retry("--models", file, "--min-pass-rate", "1")
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.include(ended.stderr, `models   ${file}`)
        assert.include(ended.stderr, `run      ${run.id}`)
        assert.notInclude(ended.stderr + ended.stdout, key)
        assert.match(ended.stdout, /4 passed/)
        // a sample and a judgement
        assert.strictEqual(server.requests.length, asked + 2)
        const none = yield* retry()
        assert.strictEqual(none.code, 2)
        assert.include(none.stderr, "no endpoint is configured")
        const json = yield* retry("--models", file, "--json")
        assert.strictEqual(json.code, 0, json.stderr)
        assert.deepStrictEqual(JSON.parse(json.stdout).run.result_counts, {
          total: 4,
          errored: 0,
          failed: 0,
          passed: 4
        })
      }),
    timeout
  )

  it.live(
    "asks a server to do so, and does not create a file",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const db = join(path, "evals.db")
        const { server, state } = yield* models
        const file = writeModels(join(path, "models.json"), { baseUrl: server.baseUrl, api: "chat" })
        const made = write(join(path, "definition.json"), ["a", "broken"])
        const { url } = yield* serveEvals(db, ["--models", file])
        const first = yield* command(["run", made, "--base-url", url, "--json"])
        assert.strictEqual(first.code, 0, first.stderr)
        const { run } = JSON.parse(first.stdout)
        state.mended = true
        const stopped = yield* command(["retry", run.id, "--base-url", url, "--max-requests", "0"])
        assert.strictEqual(stopped.code, 3, stopped.stderr)
        assert.match(stopped.stdout, /^stop {3}.*limit of 0 /m)
        const ended = yield* command(["retry", run.id, "--base-url", url, "--json", "--max-requests", "2"])
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.deepStrictEqual(JSON.parse(ended.stdout).run.result_counts, {
          total: 2,
          errored: 0,
          failed: 0,
          passed: 2
        })
        const both = yield* command(["retry", run.id, "--base-url", url, "--models", file])
        assert.strictEqual(both.code, 2)
        const nowhere = yield* command(["retry", run.id, "--db", join(path, "other.db")])
        assert.strictEqual(nowhere.code, 2)
        assert.include(nowhere.stderr, "there is no such file")
      }),
    timeout
  )
})

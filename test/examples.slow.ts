/**
 * Runs every example as a reader would, and looks at what it prints.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (example: string, env: Readonly<Record<string, string>> = {}): Effect.Effect<Outcome> =>
  Effect.callback((resume) => {
    const child = spawn(process.execPath, ["--conditions=effect-evals-source", `examples/${example}`], {
      cwd: root,
      // whoever runs the tests may have a host and a key of their own
      env: { ...process.env, OPENAI_BASE_URL: "", OPENAI_API_KEY: "", ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    child.stdout.on("data", (chunk) => (stdout += chunk))
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill())
  })

/** What each example must print, in this order. */
const expected: Readonly<Record<string, ReadonlyArray<RegExp>>> = {
  "create-and-await.ts": [
    /^eval {2}eval_[0-9a-f]{32} {2}support tickets$/m,
    /^run {3}evalrun_[0-9a-f]{32} {2}16 rows$/m,
    /^█{24} {2}16\/16 {2}12 passed {2}4 failed {2}completed$/m,
    /^16 items: 12 passed, 4 failed, 0 errored$/m,
    /^exact label +█+░+ +75\.0 %$/m,
    /^label mentioned +█+░+ +87\.5 %$/m,
    /^https:\/\/host\.example\/evaluations\/eval_\w+\?run_id=evalrun_\w+$/m
  ],
  "from-openai-node.ts": [
    /^openai-node {2}\{"total":2,"errored":0,"failed":1,"passed":1\} 2 items$/m,
    /^effect-evals \{"total":2,"errored":0,"failed":1,"passed":1\} 2 items$/m,
    /equal in every field$/m
  ],
  "list-and-filter.ts": [
    /^ {2}tuesday: 9 passed$/m,
    /^ {2}wednesday: 12 passed$/m,
    /^7 items failed, of these tickets$/m,
    /^ {2}The app closes when I open a photo\.$/m,
    /^the latest run is wednesday$/m
  ],
  "sample-and-judge.ts": [
    /^effect-evals run examples\/support-tickets\/sampled\.json .*--models tmp\/example-models\/models\.json/m,
    /^run +evalrun_[0-9a-f]{32} +completed in /m,
    /^items +50 passed, 199 failed, 0 errored, 249 in all/m,
    /^category +string_check eq +128 +121 +51\.4 %/m,
    /^reply solves the problem +score_model gpt-4\.1 +3 +148 +101 +59\.4 %/m,
    /^tone of the reply +label_model gpt-4\.1 +218 +31 +87\.6 %/m
  ],
  "test-with-layer.ts": [/^ok {2}closes the gate below 90 %$/m, /^ok {2}outlives a host with a bad moment$/m],
  "watch.ts": [/ in_progress$/m, / 32\/32 {2}24 passed {2}8 failed {2}completed$/m, /^ended: completed$/m]
}

/** What an example says on standard error; the others say nothing there. */
const said: Readonly<Record<string, RegExp>> = {
  "sample-and-judge.ts":
    /^models +\S*tmp\/example-models\/models\.json\n +gpt-\* +http:\S+ +no key +as stand-in-for-a-model$/m
}

describe("examples", () => {
  it("are all run here", () => {
    const files = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".ts"))
    assert.deepStrictEqual(files.toSorted(), Object.keys(expected).toSorted())
  })

  for (const [example, lines] of Object.entries(expected)) {
    it.effect(example, () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* run(example)
        assert.strictEqual(code, 0, stdout + stderr)
        assert.match(stderr, said[example] ?? /^$/)
        let rest = stdout
        for (const line of lines) {
          const found = line.exec(rest)
          assert.isNotNull(found, `${line} is not in:\n${rest}`)
          rest = rest.slice(found.index + found[0].length)
        }
      })
    )
  }

  it.effect("create-and-await.ts uses the host that OPENAI_BASE_URL names, with the key", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
        response.writeHead(403, { "content-type": "application/json" })
        response.end(JSON.stringify({ error: { message: "this project is read-only" } }))
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
        () => Effect.sync(() => server.close())
      )
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      const { code, stdout } = yield* run("create-and-await.ts", {
        OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
        OPENAI_API_KEY: "sk-example"
      })
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(asked, ["POST /v1/evals Bearer sk-example"])
      assert.match(stdout, /createEval: 403 this project is read-only/)
    })
  )
})
